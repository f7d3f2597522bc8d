"""What a worker's Pod tells: its last word, or that it has none any more."""

from typing import Any

import pytest

from moorage.core import names
from moorage.core.task import Task, TaskKind, TaskPhase, TaskReport
from moorage.core.workers import WorkerFacts, attempt_of, stalled_after, task_id
from moorage.operator.look import Look
from moorage.operator.working import read
from tests.unit.operator.kubernetes import Object, at, stamp

TASK = Task(task_id("uid", 2), TaskKind.BACKUP, {}, "shop", "orders", "mongodb", {"backupName": "n"})
DONE = TaskReport(TaskPhase.SUCCEEDED, "taken", raw_bytes=7)


def seen(
    state: Object | None = None,
    *,
    seconds: float = 100,
    report: TaskReport | None = None,
    meta: Any = (),
    spec: Any = (),
    **status: Any,
) -> WorkerFacts:
    annotations = {names.ANNOTATION_TASK: TASK.to_json()} | ({names.ANNOTATION_REPORT: report.to_json()} if report else {})
    containers = [{"name": "worker", "image": "mongo:6", "state": state}] if state else []
    item = {
        "metadata": {"name": "moorage-backup-x", "namespace": "shop", "uid": "p", "creationTimestamp": stamp(0),
                     "annotations": annotations, **dict(meta)},
        "spec": {"nodeName": "n2", **dict(spec)},
        "status": {"containerStatuses": containers, **status},
    }  # fmt: skip
    found = read(item, Look(at(seconds)), [])
    assert found is not None
    return found


def ended(message: str = "", code: int = 0, reason: str = "") -> Object:
    return {"terminated": {"exitCode": code, "message": message, "reason": reason, "finishedAt": stamp(50)}}


def test_the_last_word_counts_and_not_the_progress_before_it() -> None:
    found = seen(ended(DONE.to_json()), phase="Succeeded", report=TaskReport(TaskPhase.RUNNING, raw_bytes=3))
    assert found.has_succeeded
    assert found.report == DONE
    assert (found.attempt, found.failure) == (2, "")


def test_while_it_runs_its_progress_is_known() -> None:
    found = seen({"running": {"startedAt": stamp(1)}}, phase="Running", report=TaskReport(TaskPhase.RUNNING, "reads"))
    assert found.is_running
    assert not found.has_succeeded
    assert found.report is not None
    assert found.report.message == "reads"


def test_a_failure_is_its_own_sentence_and_says_whether_another_try_is_worth_it() -> None:
    report = TaskReport(TaskPhase.FAILED, "the key is wrong", can_be_repeated=False)
    found = seen(ended(report.to_json(), 1), phase="Failed")
    assert (found.failure, found.can_be_repeated) == ("the key is wrong", False)


@pytest.mark.parametrize(
    ("state", "status", "sentence"),
    [
        (ended("", 137, "OOMKilled"), {"phase": "Failed"}, "the worker ran out of memory and was killed"),
        (ended("", 1), {"phase": "Failed"}, "the worker was lost: it ended with exit code 1 without a word"),
        (
            ended("Traceback:\nModuleNotFoundError: No module named 'pyrage'\n", 1),
            {"phase": "Failed"},
            "the worker was lost: it ended with exit code 1; its last words: ModuleNotFoundError: No module named 'pyrage'",
        ),
        (None, {"phase": "Failed", "reason": "DeadlineExceeded"}, "the worker did not end in time and was stopped"),
        (
            None,
            {"phase": "Failed", "reason": "Evicted", "message": "The node was low on resource: ephemeral-storage."},
            "the worker was lost: node n2 evicted it because it is short of disk space: make room on that node",
        ),
    ],
    ids=["memory", "crash", "words of its log", "deadline", "eviction"],
)
def test_a_worker_without_a_last_word_is_lost_and_may_be_repeated(state: Object | None, status: Object, sentence: str) -> None:
    found = seen(state, **status)
    assert (found.lost, found.can_be_repeated) == (sentence, True)


def test_a_worker_on_a_node_that_is_not_heard_from_is_lost_after_its_time() -> None:
    leaving = {"deletionTimestamp": stamp(30)}
    running = {"running": {"startedAt": stamp(1)}}
    assert seen(running, phase="Running", meta=leaving, seconds=50).lost == ""
    assert seen(running, phase="Running", meta=leaving, seconds=61).lost == "the worker was lost: node n2 is not heard from"


MINUTES = 60


def working(progress: float | None, minutes: float, *, spec: Any = (), **more: Any) -> WorkerFacts:
    told = TaskReport(TaskPhase.RUNNING, "restores b", progress_seconds=progress)
    return seen({"running": {"startedAt": stamp(10)}}, phase="Running", report=told, seconds=minutes * MINUTES, spec=spec, **more)


def test_a_worker_that_does_not_get_on_is_ended_and_counts_as_lost_once_it_has_ended() -> None:
    assert not working(600, 24).is_stalled, "it got on at 10 min 10 s of its life"
    found = working(600, 26)
    assert found.is_stalled
    assert (found.lost, found.trouble) == (
        "",
        "the worker has not got on for 15 minutes ('restores b'); it is ended and tried again",
    )
    left = seen(
        None, phase="Failed", reason="DeadlineExceeded", seconds=26 * MINUTES, spec={"activeDeadlineSeconds": 1},
        report=TaskReport(TaskPhase.RUNNING, "restores b", progress_seconds=600),
    )  # fmt: skip
    assert (left.lost, left.is_stalled) == ("the worker did not get on for 15 minutes ('restores b') and was ended", False)
    assert left.can_be_repeated


def test_a_worker_that_is_ended_for_want_of_progress_and_says_that_it_was_stopped_did_not_fail_by_itself() -> None:
    stopped = TaskReport(TaskPhase.FAILED, "it was stopped before it was complete", can_be_repeated=False)
    progress = TaskReport(TaskPhase.RUNNING, "restores b", progress_seconds=600)
    found = seen(ended(stopped.to_json(), 1), phase="Failed", spec={"activeDeadlineSeconds": 1}, report=progress)
    assert found.lost == "the worker did not get on for 15 minutes ('restores b') and was ended"
    assert found.can_be_repeated


def test_a_worker_that_does_not_end_either_keeps_the_next_try_waiting_for_two_minutes_only() -> None:
    assert working(600, 26, spec={"activeDeadlineSeconds": 1}).lost == ""
    found = working(600, 28, spec={"activeDeadlineSeconds": 1})
    assert found.lost == (
        "the worker did not get on for 15 minutes ('restores b') and does not end: its disk, or its node n2, does not answer"
    )
    assert found.can_be_repeated
    assert found.ended_at is not None


def test_a_worker_that_never_told_anything_is_counted_from_its_start() -> None:
    silent = {"running": {"startedAt": stamp(10)}}
    assert not seen(silent, phase="Running", seconds=14 * MINUTES).is_stalled
    assert seen(silent, phase="Running", seconds=16 * MINUTES).is_stalled


def test_a_worker_of_an_older_version_that_cannot_tell_its_progress_is_left_alone() -> None:
    assert not working(None, 600).is_stalled


def test_a_node_whose_clock_is_behind_makes_no_worker_seem_to_stand_still() -> None:
    told = TaskReport(TaskPhase.RUNNING, "restores b", progress_seconds=590)
    found = seen({"running": {"startedAt": stamp(-3600)}}, phase="Running", report=told, seconds=600)
    assert not found.is_stalled


def test_the_log_is_followed_in_its_own_time() -> None:
    assert stalled_after(TaskKind.ARCHIVE) > stalled_after(TaskKind.BACKUP) > stalled_after(TaskKind.CHECK)


def test_a_worker_that_cannot_start_says_why() -> None:
    waiting = {"waiting": {"reason": "ErrImagePull", "message": "manifest unknown"}}
    assert seen(waiting, phase="Pending").trouble == (
        "its worker does not start: image 'mongo:6' cannot be pulled: the registry does not have it"
    )


def test_a_pod_without_a_task_is_nobodys_worker() -> None:
    assert read({"metadata": {"name": "x", "namespace": "shop"}}, Look(at(0)), []) is None


@pytest.mark.parametrize("attempt", [1, 2, 10, 1795573446])
@pytest.mark.parametrize("part", ["", "r", "d", "a"])
def test_a_task_tells_which_try_it_is(attempt: int, part: str) -> None:
    assert attempt_of(task_id("uid", attempt, part)) == attempt
    assert attempt_of(None) == attempt_of("something else") == 0
