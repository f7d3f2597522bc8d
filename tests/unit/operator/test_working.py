"""What a worker's Pod tells: its last word, or that it has none any more."""

from typing import Any

import pytest

from moorage.core import names
from moorage.core.task import Task, TaskKind, TaskPhase, TaskReport
from moorage.core.workers import WorkerFacts, attempt_of, task_id
from moorage.operator.look import Look
from moorage.operator.working import read
from tests.unit.operator.kubernetes import Object, at, stamp

TASK = Task(task_id("uid", 2), TaskKind.BACKUP, {}, "shop", "orders", "mongodb", {"backupName": "n"})
DONE = TaskReport(TaskPhase.SUCCEEDED, "taken", raw_bytes=7)


def seen(
    state: Object | None = None, *, seconds: float = 100, report: TaskReport | None = None, meta: Any = (), **status: Any
) -> WorkerFacts:
    annotations = {names.ANNOTATION_TASK: TASK.to_json()} | ({names.ANNOTATION_REPORT: report.to_json()} if report else {})
    containers = [{"name": "worker", "image": "mongo:6", "state": state}] if state else []
    item = {
        "metadata": {"name": "moorage-backup-x", "namespace": "shop", "uid": "p", "creationTimestamp": stamp(0),
                     "annotations": annotations, **dict(meta)},
        "spec": {"nodeName": "n2"},
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
