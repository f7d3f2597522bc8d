"""Over all services only a few copies are made at once, and what waits says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorage.core import fleet
from moorage.core.fleet import why_full

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
ME = ("shop", "orders")


def _service(name: str, *repairs: tuple[str, float, str]) -> Any:
    """Each repair: its kind, how many minutes ago it began, its outcome."""
    each = [
        {"kind": kind, "member": "datanode0", "startTime": (NOW - timedelta(minutes=ago)).isoformat(), "outcome": outcome}
        for kind, ago, outcome in repairs
    ]
    return {"metadata": {"namespace": "shop", "name": name}, "status": {"repairs": each}}


def _running(name: str, kind: str = "resync", minutes: float = 5) -> Any:
    return _service(name, (kind, minutes, "Running"))


def test_a_place_is_free_until_as_many_others_are_repaired_as_may_be() -> None:
    two = [_running("a"), _running("b", "replace-volume")]
    assert why_full(ME, two, frozenset(), NOW, 3) == ""
    why = why_full(ME, [*two, _running("c", "stand-in")], frozenset(), NOW, 3)
    assert why == "it waits: 3 other services are being repaired, and 3 at once are the limit"
    assert why_full(ME, [_running("a")], frozenset(), NOW, 1) == (
        "it waits: 1 other service is being repaired, and 1 at once are the limit"
    )


@pytest.mark.parametrize(
    "other",
    [
        _service("a", ("resync", 5, "Succeeded")),
        _running("a", "replace-member"),
        _running("a", "restore-object"),
        _running("orders"),
        _running("a", minutes=25 * 60),
        {"metadata": {"namespace": "shop", "name": "new"}},
    ],
    ids=["over", "copies nothing", "an object", "itself", "stuck for more than a day", "without a status"],
)
def test_what_copies_nothing_now_keeps_nobody_waiting(other: Any) -> None:
    assert why_full(ME, [other], frozenset(), NOW, 1) == ""


def test_what_has_begun_counts_before_its_status_tells_it_and_once() -> None:
    assert why_full(ME, [], frozenset({("shop", "a")}), NOW, 1)
    assert why_full(ME, [_running("a")], frozenset({("shop", "a")}), NOW, 2) == ""
    assert why_full(ME, [], frozenset({ME}), NOW, 1) == ""


def test_a_fault_that_comes_back_with_every_repair_does_not_go_through_the_whole_fleet() -> None:
    ended = [_service(f"s{i}", ("resync", 10, "Succeeded")) for i in range(fleet.BEGINNINGS_MAX)]
    assert why_full(ME, ended[1:], frozenset(), NOW, 3) == ""
    assert why_full(ME, ended, frozenset(), NOW, 3) == (
        "it waits: 30 such repairs began within an hour in the cluster, which is the limit"
    )
    assert why_full(ME, ended, frozenset(), NOW + timedelta(hours=1), 3) == ""
