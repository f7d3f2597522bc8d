"""What a worker is told to do and what it tells. Standard library only, like everything that runs in a worker's Pod.

A worker is a Pod of its own: it neither shares a member's memory limit nor holds a member's rights, it can be killed at any
moment, and only it mounts the store's credentials (decision 0008).
"""

import json
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any


class TaskKind(StrEnum):
    """What there is to do."""

    CHECK = "check"
    """Writes, reads, lists and deletes a probe object; lists what the store knows; sweeps what was left half-done."""
    BACKUP = "backup"
    """Streams a backup from a member into the store."""
    SEED = "seed"
    """Fills a volume from the store and compares it with the figures in the manifest. On a throw-away volume: a rehearsal.

    With the mode `inspect` it fills nothing and only tells the `dataService` of the manifest at `path` in its result, for a
    service that is gone. It then has neither a volume nor an engine.
    """
    DELETE = "delete"
    """Deletes one backup from the store."""
    ARCHIVE = "archive"
    """Archives the engine's log until it is stopped."""


@dataclass(frozen=True)
class Task:
    """JSON in the Pod's environment (`MOORAGE_TASK`) and annotation. Secrets are mounted files."""

    id: str
    kind: TaskKind
    store: dict[str, Any] = field(default_factory=dict)
    """`BackupStore.spec` as it stands in the resource."""
    namespace: str = ""
    service: str = ""
    engine: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    """What this kind needs besides; its keys stand with the worker's tasks."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"), sort_keys=True)


class TaskPhase(StrEnum):
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True)
class TaskReport:
    """JSON in the annotation `moorage.dev/report` of the worker's Pod; at the end, without `listing`, its termination message."""

    phase: TaskPhase
    message: str = ""
    """One sentence: what is done now, or why it failed and what somebody can do."""
    raw_bytes: int = 0
    stored_bytes: int = 0
    bytes_per_second: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    """What this kind found or made; its keys stand with the worker's tasks. At most 3 KiB of JSON."""
    listing: list[dict[str, Any]] = field(default_factory=list)
    """CHECK: the manifests that the store holds without figures and resources: the newest of each service, then the others."""
    can_be_repeated: bool = True
    """FAILED: whether another try could end otherwise (a store that is away) or not (a wrong key, a broken archive)."""
    progress_seconds: float | None = None
    """RUNNING: after how long of its life the worker last got on. By its own clock alone: nodes' clocks differ."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def task_from_json(text: str) -> Task:
    """Raises ValueError when it cannot be read."""
    try:
        found = json.loads(text)
        known = {f.name: found[f.name] for f in fields(Task) if f.name in found}
        return Task(**{**known, "kind": TaskKind(known["kind"])})
    except (TypeError, KeyError, ValueError) as error:
        msg = f"'{text[:200]}' is not a task"
        raise ValueError(msg) from error


def report_from_json(text: str) -> TaskReport:
    """Fields of a later version are ignored. Raises ValueError when it cannot be read."""
    try:
        found = json.loads(text)
        known = {f.name: found[f.name] for f in fields(TaskReport) if f.name in found}
        return TaskReport(**{**known, "phase": TaskPhase(known["phase"])})
    except (TypeError, KeyError, ValueError) as error:
        msg = f"'{text[:200]}' is not a worker's report"
        raise ValueError(msg) from error
