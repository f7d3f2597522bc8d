"""What every kind of task is given, and how it ends."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, cast

from moorage.backup.errors import ArchiveError, StoreError
from moorage.backup.manifest import ManifestError
from moorage.backup.open import AUTHORITY, BACKUPS, CREDENTIALS, IDENTITY, identity_of, open_store, recipient_of
from moorage.backup.store import ObjectStore
from moorage.backup.stream import Counts
from moorage.core.task import Task
from moorage.engines.backup import BackupError, EngineBackup, Places

GROUP = "moorage.backups"


class TaskError(Exception):
    """A sentence for the person who must act."""

    def __init__(self, message: str, *, can_be_repeated: bool = True) -> None:
        super().__init__(message)
        self.can_be_repeated = can_be_repeated


class StoppedError(TaskError):
    """Somebody asked for an end."""


EXPECTED_ERRORS = (TaskError, BackupError, StoreError, ArchiveError, ManifestError)
"""Those whose text is a sentence for people; any other one is a mistake of ours."""


def can_be_repeated(error: Exception) -> bool:
    """Whether another try could end otherwise. What the store holds does not change by itself."""
    return bool(getattr(error, "can_be_repeated", not isinstance(error, ArchiveError | ManifestError)))


@dataclass(frozen=True)
class Mounts:
    """Where the Pod has what its task needs."""

    credentials: Path = CREDENTIALS
    authority: Path = AUTHORITY
    identity: Path = IDENTITY
    backups: Path = BACKUPS
    engine: Places = field(default_factory=Places)


@dataclass(frozen=True)
class Outcome:
    """A good end."""

    message: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    listing: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Work:
    """One task under way. Written by the task's thread, read by the reporter."""

    task: Task
    mounts: Mounts = field(default_factory=Mounts)
    stop: threading.Event = field(default_factory=threading.Event)
    counts: Counts = field(default_factory=Counts)
    message: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    beats: int = 0
    """How often it waited in vain for something that may take its time, and found that it can go on waiting."""

    def say(self, message: str) -> None:
        """What is done now."""
        self.message = message

    def open_store(self, *, quick: bool = False) -> ObjectStore:
        return open_store(
            self.task.store,
            credentials=self.mounts.credentials,
            authority=self.mounts.authority,
            backups=self.mounts.backups,
            quick=quick,
        )

    @property
    def recipient(self) -> str | None:
        return recipient_of(self.task.store)

    def identity(self) -> str | None:
        return identity_of(self.mounts.identity)

    def engine(self) -> EngineBackup:
        """The part of the task's engine. Raises TaskError."""
        for point in entry_points(group=GROUP, name=self.task.engine):
            make = cast("Callable[[Places, threading.Event], EngineBackup]", point.load())
            return make(self.mounts.engine, self.stop)
        known = ", ".join(sorted(point.name for point in entry_points(group=GROUP)))
        raise TaskError(
            f"services of engine '{self.task.engine}' cannot be backed up; those that can: {known}", can_be_repeated=False
        )

    def raise_if_stopped(self) -> None:
        if self.stop.is_set():
            raise StoppedError("it was stopped before it was complete; nothing of it is kept")


def text_of(body: dict[str, Any], key: str) -> str:
    """A text that the task must name. Raises TaskError."""
    found = body.get(key)
    if not isinstance(found, str) or not found:
        raise TaskError(f"the task says no '{key}'", can_be_repeated=False)
    return found
