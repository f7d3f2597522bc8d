"""What is seen of a worker, and the names of its tries. Pure. Nothing is remembered: a try is known by its Pod's name."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moorage.core.task import Task, TaskKind, TaskPhase, TaskReport

TRIES_MAX = 3
BACKOFF_SECONDS = (5.0, 60.0)
"""After the first try, after the second."""

STALLED_AFTER = timedelta(minutes=15)
"""Longer than the S3 client itself tries one request again (8 times 60 s): what ends by itself says more."""
_STALLED_AFTER = {
    TaskKind.ARCHIVE: timedelta(minutes=30),  # it tells of itself every ten minutes when nobody writes
    TaskKind.CHECK: timedelta(minutes=5),  # the kubelet ends it after two, unless it cannot
    TaskKind.DELETE: timedelta(minutes=5),
}
ENDS_WITHIN = timedelta(minutes=2)
"""A worker that was to be ended so long ago waits for a disk in the kernel, or its node does nothing any more."""

_ID = re.compile(r"^[0-9a-f]{12}-[a-z]?(?P<attempt>[0-9]+)$")


def task_id(uid: str, attempt: int, part: str = "") -> str:
    """Of the try `attempt` of what a resource needs done; `part` tells apart what one resource needs done in turn."""
    return f"{hashlib.sha256(uid.encode()).hexdigest()[:12]}-{part}{attempt}"


def attempt_of(of_task: str | None) -> int:
    """Which try it was; 0 when there was none."""
    found = _ID.match(of_task or "")
    return int(found["attempt"]) if found is not None else 0


@dataclass(frozen=True)
class WorkerFacts:
    """A worker's Pod, as Kubernetes and the worker itself tell."""

    pod_name: str
    task: Task
    created: datetime | None = None
    is_running: bool = False
    """Whether its program has started."""
    report: TaskReport | None = None
    """What it told last: progress, or how it ended."""
    listing: list[dict[str, Any]] | None = None
    """CHECK: what the store holds; None: it did not come to tell it."""
    lost: str = ""
    """Why it ended without a word; empty when it runs or told how it ended."""
    ended_at: datetime | None = None
    trouble: str = ""
    """Why it cannot start, or not yet, or is ended; empty when all is well."""
    is_stalled: bool = False
    """Whether it runs, does not get on and is to be ended."""

    @property
    def attempt(self) -> int:
        return attempt_of(self.task.id)

    @property
    def has_succeeded(self) -> bool:
        return self.report is not None and self.report.phase is TaskPhase.SUCCEEDED

    @property
    def failure(self) -> str:
        """Why it failed; empty when it did not."""
        if self.lost:
            return self.lost
        failed = self.report is not None and self.report.phase is TaskPhase.FAILED
        return (self.report.message if self.report is not None else "") or "it does not say why" if failed else ""

    @property
    def can_be_repeated(self) -> bool:
        """A worker that was lost can; else it says so itself."""
        return bool(self.lost) or self.report is None or self.report.can_be_repeated


def stalled_after(kind: TaskKind) -> timedelta:
    """How long a worker may run without getting on."""
    return _STALLED_AFTER.get(kind, STALLED_AFTER)


@dataclass(frozen=True)
class Stall:
    """When a worker will have stood still for too long, and how long and doing what, in words."""

    at: datetime
    lasting: str


def stall(kind: TaskKind, since: datetime, report: TaskReport | None) -> Stall | None:
    """`since`: its program's start. `report`: its last one while it ran. None: an older version, which cannot tell."""
    if report is not None and report.progress_seconds is None:
        return None
    got_on = since + timedelta(seconds=(report.progress_seconds or 0.0) if report is not None else 0.0)
    after = stalled_after(kind)
    doing = f" ('{report.message}')" if report is not None and report.message else ""
    return Stall(got_on + after, f"for {after.seconds // 60} minutes{doing}")


def again_at(worker: WorkerFacts, now: datetime) -> datetime:
    """When the next try may begin."""
    pause = BACKOFF_SECONDS[min(max(worker.attempt, 1), len(BACKOFF_SECONDS)) - 1]
    return (worker.ended_at or now) + timedelta(seconds=pause)
