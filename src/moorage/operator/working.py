"""What a worker's Pod tells. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from moorage.core import names
from moorage.core.task import Task, TaskKind, TaskPhase, TaskReport, report_from_json, task_from_json
from moorage.core.workers import ENDS_WITHIN, Stall, WorkerFacts, stall, task_id
from moorage.kube.reflector import Store
from moorage.operator.look import Look, created, moment
from moorage.operator.manifests.worker import CONTAINER
from moorage.operator.trouble import pod_trouble

Object = dict[str, Any]

WORDS_MAX = 200
STARTS_SECONDS = 4.0
"""What is in the way of a Pod that is younger is mostly on its way itself: its volume, its account."""
END_NOW_SECONDS = 1
"""The deadline that a Pod which does not get on is given. Unlike a deletion it leaves the Pod there, and its log."""
OVERDUE = timedelta(seconds=30)
"""A Pod that should have ended so long ago is on a node that does nothing any more."""


def workers_of(pods: Store, namespace: str, kind: str, name: str) -> list[Object]:
    """The Pods that work for a resource."""
    wanted = f"{kind}/{name}"
    return [
        pod
        for pod in pods.all()
        if pod["metadata"]["namespace"] == namespace
        and (pod["metadata"].get("annotations") or {}).get(names.ANNOTATION_FOR) == wanted
    ]


def of_uid(pods: Iterable[Object], uid: str) -> list[Object]:
    """Without those of an earlier resource of the same name, which may still be on their way out."""
    mine = task_id(uid, 0)[:-1]
    return [pod for pod in pods if (pod["metadata"].get("labels") or {}).get(names.LABEL_TASK, "").startswith(mine)]


def newest(pods: Iterable[Object], task_kind: TaskKind, look: Look, nodes: list[Object]) -> WorkerFacts | None:
    """The last try of a task, as it is seen now; None: there is no Pod of it."""
    found = [facts for pod in pods if (facts := read(pod, look, nodes)) is not None and facts.task.kind is task_kind]
    return max(found, key=lambda facts: facts.attempt, default=None)


def read(pod: Object, look: Look, nodes: list[Object]) -> WorkerFacts | None:
    """None: it carries no task that can be read."""
    meta = pod["metadata"]
    annotations = meta.get("annotations") or {}
    try:
        task = task_from_json(annotations.get(names.ANNOTATION_TASK, ""))
    except ValueError:
        return None
    state = _state(pod)
    ended, running = state.get("terminated"), state.get("running")
    progress = _report(annotations.get(names.ANNOTATION_REPORT))
    patience = _patience(pod, task, state, progress)
    told = _report((ended or {}).get("message")) if ended is not None else None
    if is_told_to_end(pod) and told is not None and told.phase is TaskPhase.FAILED:
        told = None  # that it was stopped is not why it failed
    lost = "" if told is not None else _why_lost(pod, ended, patience, look, nodes)
    is_late = not (ended or running or lost) and look.lasted(created(pod), STARTS_SECONDS)
    is_stalled = _is_stalled(pod, running, patience, look) and not lost
    trouble = _trouble(pod, look, nodes) if is_late else ""
    if is_stalled and patience is not None:
        trouble = f"the worker has not got on {patience.lasting}; it is ended and tried again"
    return WorkerFacts(
        pod_name=meta["name"],
        task=task,
        created=created(pod),
        is_running=running is not None or ended is not None,
        report=told or (None if lost else progress),
        # too long for the last word, so it stands in the annotation alone
        listing=progress.listing if progress is not None and progress.phase is TaskPhase.SUCCEEDED else None,
        lost=lost,
        ended_at=moment((ended or {}).get("finishedAt")) or (created(pod) if lost else None),
        trouble=trouble,
        is_stalled=is_stalled,
    )


def is_told_to_end(pod: Object) -> bool:
    """Whether it was told to end because it did not get on."""
    return (pod.get("spec") or {}).get("activeDeadlineSeconds") == END_NOW_SECONDS


def _patience(pod: Object, task: Task, state: Object, progress: TaskReport | None) -> Stall | None:
    """None: it has not started, or cannot tell.

    What it tells is counted from its start: of a node whose clock is behind that seems to be before the Pod was made.
    """
    started = moment(((state.get("running") or state.get("terminated")) or {}).get("startedAt"))
    made = created(pod)
    since = max(filter(None, (started, made)), default=None)
    return stall(task.kind, since, progress) if since is not None else None


def _is_stalled(pod: Object, running: Object | None, patience: Stall | None, look: Look) -> bool:
    if running is None or patience is None or pod["metadata"].get("deletionTimestamp") is not None:
        return False
    return look.lasted(patience.at, 0.0)


def _state(pod: Object) -> Object:
    statuses = (pod.get("status") or {}).get("containerStatuses") or []
    found: Object = next((status for status in statuses if status.get("name") == CONTAINER), {})
    return dict(found.get("state") or {})


def _report(said: Any) -> TaskReport | None:
    try:
        return report_from_json(str(said)) if said else None
    except ValueError:
        return None


def _why_lost(pod: Object, ended: Object | None, patience: Stall | None, look: Look, nodes: list[Object]) -> str:
    """Why it will never tell how it ended; empty while it may."""
    status = pod.get("status") or {}
    if (ended or {}).get("reason") == "OOMKilled":
        return "the worker ran out of memory and was killed"
    has_ended = status.get("phase") in ("Failed", "Succeeded")
    if is_told_to_end(pod):
        lasting = f" {patience.lasting}" if patience is not None else ""
        if has_ended:
            return f"the worker did not get on{lasting} and was ended"
        if patience is not None and look.lasted(patience.at, ENDS_WITHIN.total_seconds()):
            return f"the worker did not get on{lasting} and does not end: its disk, or its node {_node(pod)}, does not answer"
    if status.get("reason") == "DeadlineExceeded":
        return "the worker did not end in time and was stopped"
    if has_ended:
        found = pod_trouble(pod, look, nodes) if status.get("phase") == "Failed" and not ended else None
        code = (ended or {}).get("exitCode")
        says = found.says if found is not None else f"it ended with exit code {code}{_last_words(ended)}"
        return f"the worker was lost: {says}"
    stop = moment(pod["metadata"].get("deletionTimestamp"))
    if stop is not None and _is_over(stop, look.now):
        return f"the worker was lost: node {_node(pod)} is not heard from"
    return ""


def _node(pod: Object) -> str:
    return str((pod.get("spec") or {}).get("nodeName") or "unknown")


def _last_words(ended: Object | None) -> str:
    """Of its log, which the kubelet keeps of a program that failed without leaving a message."""
    lines = str((ended or {}).get("message") or "").strip().splitlines()
    return f"; its last words: {lines[-1].strip()[:WORDS_MAX]}" if lines else " without a word"


def _is_over(stop: datetime, now: datetime) -> bool:
    return now - stop >= OVERDUE


def _trouble(pod: Object, look: Look, nodes: list[Object]) -> str:
    found = pod_trouble(pod, look, nodes)
    return f"its worker does not start: {found.says}" if found is not None else ""
