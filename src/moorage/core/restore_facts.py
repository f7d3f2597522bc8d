"""What one decision about a restore is made from, and what it comes to: values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from moorage.api.databackup import DataBackup
from moorage.api.datarestore import DataRestore, DataRestoreStatus
from moorage.api.dataservice import DataService
from moorage.core.generations import Generation
from moorage.core.workers import WorkerFacts


class Do(StrEnum):
    """What is done besides writing the status."""

    NOTHING = "nothing"
    HOLD = "hold"
    """Puts the finalizer on the restore: what it began is ended in order."""
    RELEASE = "release"
    """Ends its workers and takes the finalizer away."""
    BACK_UP = "back-up"
    """Takes the safety backup."""
    INSPECT = "inspect"
    """Starts a worker that reads the manifest of a backup whose service is gone."""
    MAKE_SERVICE = "make-service"
    MAKE_CLAIM = "make-claim"
    SEED = "seed"
    """Starts a worker that fills the volume."""
    MARK_SEEDED = "mark-seeded"
    STOP = "stop"
    """Ends its workers, which hold the volume that is to go."""
    REMOVE_SERVICE = "remove-service"
    """The new service goes, which has no data."""
    SWITCH = "switch"
    """The service is told that the other generation serves; its own plan moves the address."""


@dataclass(frozen=True)
class Source:
    """A backup that can be restored, and the moment after it when one is asked for."""

    backup_name: str
    path: str
    """In the store."""
    store: str
    """BackupStore."""
    engine: str
    version: str = ""
    """As it ran; empty when only the store knows."""
    raw_bytes: int | None = None
    consistent_time: str | None = None
    until: str | None = None
    """RFC 3339."""


@dataclass(frozen=True)
class Volume:
    """The claim of the first member of the generation that the data goes to."""

    name: str
    is_seeded: bool = False
    """By this restore."""
    made: datetime | None = None
    of_another: str = ""
    """Whose it is, when it is not this restore's."""
    trouble: str = ""


@dataclass(frozen=True)
class Beside:
    """The members of the generation that does not serve yet."""

    is_ready: bool = False
    says: str = ""


@dataclass(frozen=True)
class RestoreFacts:
    """Everything that one decision about one restore may use."""

    restore: DataRestore
    service: DataService | None = None
    """The one that it is about; None: there is none, or it is being deleted."""
    is_leaving: bool = False
    """The service is there, and is being deleted."""
    source: Source | None = None
    source_refused: str = ""
    """Why there is nothing to restore from, and will not be."""
    source_waits: str = ""
    """What the source waits for."""
    rival: str = ""
    """An older restore of the same service that is not over."""
    safety: DataBackup | None = None
    manifest: dict[str, Any] | None = None
    """The DataService that the backup is of: the running one's, or the one in the store."""
    adopts: str | None = None
    """The cluster whose backups of the service are taken over with it; None: it is not adopted, only restored."""
    inspection: WorkerFacts | None = None
    kept_volumes: tuple[str, ...] = ()
    """Claims that a deleted service of the new name left."""
    seeded_generation: int | None = None
    """The one whose first volume this restore filled already."""
    next_generation: int = 1
    """A number that was never given."""
    volume: Volume | None = None
    worker: WorkerFacts | None = None
    beside: Beside | None = None
    """None: it was not looked at."""
    address_generation: int = 1
    others: tuple[Generation, ...] = ()


@dataclass(frozen=True)
class Decision:
    """`status` is written before anything is done when its phase is another one, so that whoever comes after knows of it."""

    status: DataRestoreStatus
    do: Do = Do.NOTHING
    attempt: int = 0
    again_seconds: float | None = None
