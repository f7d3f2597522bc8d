"""A real Prometheus of the chart's version: it remembers a day, and reads people's rules as they come and go."""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from devcluster.binaries.monitoring import PROMETHEUS
from moorage.api.alertrule import AlertRuleSpec
from moorage.door import Door
from moorage.monitoring.own.rule import document, group, judge
from moorage.monitoring.own.standing import Standing, standings
from moorage.monitoring.own.tried import STEP_SECONDS, in_words, tried
from moorage.prometheus import Prometheus, PrometheusError
from tests.monitoring.test_own_rules import rule
from tests.ports import free_port
from tests.server.processes import Program

LAG = "moorage_mongodb_replication_lag_seconds"
HOUR = 3600
LONG, SHORT = 10 * 60, 2 * 60


def lag(at: float, end: float) -> float:
    """It was behind three times in the last day, for ten minutes; once for two; and long before."""
    ago = end - at
    is_behind = (
        any(begin >= ago > begin - LONG for begin in (20 * HOUR, 10 * HOUR, 5 * HOUR)) or 2 * HOUR >= ago > 2 * HOUR - SHORT
    )
    return 60.0 if is_behind or ago > 25 * HOUR else 0.0


class Remembering:
    """The program, with a day of series behind it."""

    def __init__(self, folder: Path) -> None:
        for program in PROMETHEUS:
            program.ensure()
        self.folder, self.end = folder, time.time() // STEP_SECONDS * STEP_SECONDS
        self._fill()
        (folder / "own").mkdir()
        config = {"global": {"evaluation_interval": "1s"}, "rule_files": [f"{folder}/own/*.yaml"]}
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
        port = free_port()
        self.asked = Prometheus(Door(f"http://127.0.0.1:{port}"))
        words = (
            PROMETHEUS[0].path,
            f"--config.file={folder / 'prometheus.yaml'}",
            f"--storage.tsdb.path={folder / 'series'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--enable-feature=auto-reload-config",
            "--config.auto-reload-interval=1s",
        )
        self.program = Program(words, folder / "prometheus.log")

    def _fill(self) -> None:
        text = self.folder / "series.txt"
        with text.open("w") as out:
            for namespace in ("shop", "bank"):
                times = [self.end - index * STEP_SECONDS for index in range(26 * HOUR // STEP_SECONDS, -1, -1)]
                of = f'namespace="{namespace}",service="orders",pod="orders-g1-1"'
                out.writelines(f"{LAG}{{{of}}} {lag(at, self.end) if namespace == 'shop' else 99} {at}\n" for at in times)
            out.writelines(f'up{{namespace="shop",pod="{pod}"}} 1 {at}\n' for pod in "ab" for at in times)
            out.write("# EOF\n")
        made: list[str | Path] = [PROMETHEUS[1].path, "tsdb", "create-blocks-from", "openmetrics", text, self.folder / "series"]
        done = subprocess.run(made, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]

    def write(self, *rules: Any) -> None:
        """As the kubelet does with a ConfigMap: all at once."""
        made, _ = document(group(one, judge(one.metadata.namespace, one.spec).expr) for one in rules)
        fresh = self.folder / "fresh"
        fresh.write_text(json.dumps({"groups": [{**one, "interval": "1s"} for one in made["groups"]]}))
        fresh.replace(self.folder / "own/own.yaml")

    def standings(self) -> dict[str, Standing]:
        try:
            return standings(asyncio.run(self.asked.rule_groups()))
        except PrometheusError:
            return {}

    def until(self, what: str, holds: Callable[[dict[str, Standing]], bool]) -> None:
        self.program.until(what, lambda: holds(self.standings()), 60)


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Remembering]:
    made = Remembering(tmp_path_factory.mktemp("prometheus"))
    try:
        made.program.until("answer", lambda: asyncio.run(_answers(made.asked)), 60)
        yield made
    finally:
        made.program.stop()


async def _answers(asked: Prometheus) -> bool:
    try:
        await asked.rule_groups()
    except PrometheusError:
        return False
    return True


def words(prometheus: Remembering, **spec: Any) -> str:
    """What a person is told who tries it."""
    wanted = AlertRuleSpec.model_validate({"metric": LAG, "comparison": ">", "threshold": 30, **spec})
    expr = judge("shop", wanted).expr
    found = asyncio.run(prometheus.asked.over(expr, prometheus.end - 24 * HOUR, prometheus.end, STEP_SECONDS))
    return in_words(tried(found, wanted.for_seconds, prometheus.end))


def test_a_rule_is_tried_against_the_last_day(prometheus: Remembering) -> None:
    assert words(prometheus) == "it would have fired 4 times in the last 24 h, longest 10 min"
    assert words(prometheus, forSeconds=300) == "it would have fired 3 times in the last 24 h, longest 5 min"
    assert words(prometheus, forSeconds=3600) == "it would not have fired in the last 24 h: it held 4 times, longest 10 min"
    assert words(prometheus, threshold=90) == "it would not have fired in the last 24 h: it never held", "bank's 99 is not shop's"


def test_what_a_person_is_told_on_the_command_line_is_the_same(
    prometheus: Remembering, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from moorage.cli.alerts_rules_try import _ask  # noqa: PLC0415

    monkeypatch.setitem(os.environ, "MOORAGE_PROMETHEUS", prometheus.asked._door.url)
    expr = judge("shop", AlertRuleSpec(promql=f"{LAG} > 30")).expr
    assert in_words(_ask(None, expr, 0, prometheus.end)) == "it would have fired 4 times in the last 24 h, longest 10 min"


def test_rules_are_read_as_they_come_and_go_and_prometheus_says_which_fire(prometheus: Remembering) -> None:
    quiet, fires = rule("quiet", promql=f"{LAG} > 30"), rule("fires", promql=f"{LAG} == 0")
    prometheus.write(quiet, fires)
    prometheus.until("rules", lambda found: found.keys() == {"own/shop/quiet", "own/shop/fires"})
    prometheus.until("one that fires", lambda found: found["own/shop/fires"].firing == 1)
    assert prometheus.standings()["own/shop/quiet"] == Standing(0)
    prometheus.write(quiet)
    prometheus.until("end of it", lambda found: found.keys() == {"own/shop/quiet"})


def test_prometheus_says_which_hold_and_do_not_fire_yet(prometheus: Remembering) -> None:
    prometheus.write(rule("waits", promql=f"{LAG} == 0", forSeconds=86_400))
    prometheus.until("one that holds", lambda found: "own/shop/waits" in found and found["own/shop/waits"].holding == 1)
    waits = prometheus.standings()["own/shop/waits"]
    assert (waits.firing, waits.since) == (0, None)
    assert datetime.fromisoformat(waits.holding_since or "") <= datetime.now(UTC)


def test_one_that_prometheus_cannot_judge_says_why_and_the_others_are_judged(prometheus: Remembering) -> None:
    prometheus.write(rule("unclear", promql="up / on () up > 0"), rule("fires", promql=f"{LAG} == 0"))
    prometheus.until("one that fires", lambda found: "own/shop/fires" in found and found["own/shop/fires"].firing == 1)
    prometheus.until("trouble", lambda found: bool(found["own/shop/unclear"].trouble))
    assert "found duplicate series for the match group" in prometheus.standings()["own/shop/unclear"].trouble


def test_a_place_where_nobody_listens_is_said_with_its_address() -> None:
    port = free_port()
    with pytest.raises(PrometheusError, match=f"Prometheus at http://127.0.0.1:{port} does not answer"):
        asyncio.run(Prometheus(Door(f"http://127.0.0.1:{port}")).rule_groups())
