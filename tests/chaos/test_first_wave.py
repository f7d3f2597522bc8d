"""A chosen part of the first wave, on one service, within the minutes that the whole test run can spare.

`python -m tests.chaos --first-wave` lives all of it, and `make chaos` random pairs for as long as asked.
"""

import random
import time
from collections.abc import Iterator

import pytest

from tests.chaos import bench, table
from tests.chaos.faults import find
from tests.chaos.runner import REPORTS, Chosen, run
from tests.chaos.verdicts import busy_budget_seconds

MINUTES_MAX = 7.0
RUNS_MIN = 4
"""When fewer were tried in that time, something is wrong with the machine or with Moorage, and nothing was proved."""
SEED = 1
RAN: dict[str, float] = {}
"""Seconds that each took; waiting for one's turn is not counted."""
CHOSEN = (
    "crash:primary",
    "pod-delete:primary",
    "isolate:primary",
    "data-corrupted:secondary",
    "crash:all",
    "freeze:primary",
    pytest.param("api-down:primary", marks=pytest.mark.long),  # two minutes alone; tests/e2e/test_api_server.py is shorter
)


pytestmark = pytest.mark.alone


@pytest.fixture(scope="module")
def _service() -> Iterator[None]:
    REPORTS.mkdir(parents=True, exist_ok=True)
    bench.deploy()
    yield
    bench.remove()


@pytest.mark.usefixtures("_service")
@pytest.mark.parametrize("label", CHOSEN)
def test_nothing_is_lost_and_all_is_well_again_after(label: str) -> None:
    if sum(RAN.values()) > MINUTES_MAX * 60:
        pytest.skip(f"the {MINUTES_MAX:g} minutes of this part are over; `python -m tests.chaos --fault {label}` runs it alone")
    seed = random.Random(f"{SEED} {label}").randrange(1_000_000)  # noqa: S311 - dice, not a secret
    fault, target = find(label)
    started = time.monotonic()
    result = run([Chosen(fault, target)], seed)
    RAN[label] = time.monotonic() - started
    print(table.line(result))
    hint = f"{label} --seed {seed}: its history and logs are in {REPORTS}"
    assert {verdict: said for verdict, said in result.findings.items() if verdict != "V3"} == {}, hint
    assert result.gap_seconds is not None, hint
    assert result.gap_seconds <= busy_budget_seconds(fault, target), hint


def test_enough_of_it_was_tried() -> None:
    assert len(RAN) >= RUNS_MIN, f"only {list(RAN)} were tried in {MINUTES_MAX:g} minutes"
