"""What a worker tells of itself."""

import asyncio
from pathlib import Path
from typing import Any

from moorage.core.task import Task, TaskKind, TaskPhase, TaskReport, report_from_json
from moorage.kube.client import KubeError
from moorage.worker import main
from moorage.worker.report import TERMINATION_BYTES_MAX, Rate, Reporter, fitting, termination_text
from moorage.worker.work import Outcome, TaskError, Work


class Pods:
    """An API server that may be away."""

    def __init__(self, *, is_away: bool = False) -> None:
        self.is_away, self.written = is_away, list[TaskReport]()

    async def merge(self, kind: str, name: str, namespace: str, patch: dict[str, Any]) -> object:
        if self.is_away:
            raise KubeError("away")
        self.written.append(report_from_json(patch["metadata"]["annotations"]["moorage.dev/report"]))
        return {}


def done(work: Work, tmp_path: Path, pods: Pods) -> TaskReport:
    reporter = Reporter(pods, "worker", "shop", tmp_path / "termination-log")
    asyncio.run(main.run(work, reporter, asyncio.Event()))
    return report_from_json((tmp_path / "termination-log").read_text())


def doing(monkeypatch: Any, action: Any) -> Work:
    monkeypatch.setattr(main, "KINDS", {TaskKind.CHECK: action})
    return Work(Task("0123456789ab1", TaskKind.CHECK))


def test_that_it_got_on_is_told_seldom_and_news_at_once(tmp_path: Path) -> None:
    pods = Pods()
    reporter = Reporter(pods, "worker", "shop", tmp_path / "termination-log", beat_seconds=300.0)

    async def tell() -> None:
        for seconds, message in ((0.0, "a"), (200.0, "a"), (310.0, "a"), (312.0, "b"), (320.0, "b")):
            await reporter.publish(TaskReport(TaskPhase.RUNNING, message, progress_seconds=seconds))

    asyncio.run(tell())
    assert [r.progress_seconds for r in pods.written] == [0.0, 310.0, 312.0]


def test_the_end_is_told_twice_and_the_termination_message_does_without_the_api_server(tmp_path: Path, monkeypatch: Any) -> None:
    work = doing(monkeypatch, lambda _: Outcome("good", {"a": 1}, [{"backupName": "b"}]))
    pods = Pods()
    assert done(work, tmp_path, pods) == TaskReport(TaskPhase.SUCCEEDED, "good", result={"a": 1})
    assert pods.written[-1].listing == [{"backupName": "b"}]
    assert done(work, tmp_path, Pods(is_away=True)).phase is TaskPhase.SUCCEEDED


def test_an_expected_failure_is_its_sentence_and_an_unexpected_one_says_that_it_is(tmp_path: Path, monkeypatch: Any) -> None:
    def expected(_: Work) -> Outcome:
        raise TaskError("give it a bucket", can_be_repeated=False)

    def unexpected(_: Work) -> Outcome:
        raise RuntimeError("oops")

    report = done(doing(monkeypatch, expected), tmp_path, Pods())
    assert (report.phase, report.message, report.can_be_repeated) == (TaskPhase.FAILED, "give it a bucket", False)
    report = done(doing(monkeypatch, unexpected), tmp_path, Pods())
    assert "unexpected error" in report.message
    assert "RuntimeError: oops" in report.message
    assert report.can_be_repeated


def test_a_termination_message_is_never_too_long_to_be_read() -> None:
    report = TaskReport(TaskPhase.FAILED, message="ä" * 3000, result={"x": "y" * 3000}, listing=[{"a": "b" * 10_000}])
    text = termination_text(report)
    assert len(text.encode()) <= TERMINATION_BYTES_MAX
    assert report_from_json(text).phase is TaskPhase.FAILED


def test_a_listing_that_is_too_long_keeps_the_newest() -> None:
    report = fitting(TaskReport(TaskPhase.SUCCEEDED, listing=[{"n": i, "text": "x" * 1000} for i in range(1000)]))
    assert 100 < len(report.listing) < 1000
    assert report.listing[0]["n"] == 0


def test_the_rate_is_that_of_the_last_seconds_and_begins_anew_with_another_try() -> None:
    rate = Rate()
    assert rate.take(0, 0.0) == 0
    assert rate.take(100, 1.0) == 100
    assert [rate.take(100, float(t)) for t in range(2, 40)][-1] == 0
    assert rate.take(5, 41.0) == 0
