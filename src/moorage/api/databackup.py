"""`DataBackup`: one backup of a service, asked for by the schedule or by a person. It outlives the service."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from moorage.api.conditions import Condition, Resource
from moorage.api.metadata import Metadata
from moorage.api.schema import API_VERSION

KIND = "DataBackup"
PLURAL = "databackups"


class Trigger(StrEnum):
    """Why a backup was taken."""

    SCHEDULE = "Schedule"
    MANUAL = "Manual"
    SAFETY = "Safety"
    """Before a restore in place."""
    FOUND = "Found"
    """It was found in the store: another Moorage, or this one before it was lost, took it."""


class BackupPhase(StrEnum):
    """Where a backup stands."""

    PENDING = "Pending"
    RUNNING = "Running"
    VERIFYING = "Verifying"
    """Taken, good and usable; a rehearsal restores it into a throw-away member."""
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    DELETING = "Deleting"


class DataBackupSpec(Resource):
    """What is asked for. Immutable but for `keepDays`."""

    service: str = Field(max_length=40, description="DataService of this namespace.")
    store: str | None = Field(default=None, max_length=253, description="BackupStore; the service's own when absent.")
    trigger: Trigger = Field(default=Trigger.MANUAL)
    keep_days: int | None = Field(
        default=None, ge=1, le=3650, description="How long it is kept; the service's spec.backup.keepDays when absent."
    )
    rehearse: bool | None = Field(
        default=None, description="Whether it is restored into a throw-away member and compared; yes for one by hand when absent."
    )


class DataBackupStatus(Resource):
    """What is seen."""

    phase: BackupPhase = BackupPhase.PENDING
    message: str = Field(default="", max_length=1024)
    observed_generation: int | None = None
    task_id: str | None = None
    """Names the worker's Pod and stands in its log."""
    backup_name: str | None = None
    """ENGINE-NAMESPACE-NAME-YYYYMMDDhhmmss, the time in the service's zone: its name in the store."""
    store: str | None = None
    engine: str | None = None
    version: str | None = None
    cluster: str | None = None
    """Kubernetes that took it: uid of its namespace kube-system."""
    owned: bool | None = None
    """Of one that was found: whether this cluster deletes it when its time is over, since it took or adopted it."""
    source: str | None = None
    """Member that it was read from."""
    start_time: str | None = None
    end_time: str | None = None
    consistent_time: str | None = None
    """The moment whose data it holds."""
    size_bytes: int | None = None
    """In the store."""
    raw_bytes: int | None = None
    """As the engine gave it."""
    bytes_per_second: int | None = None
    """Raw, while it runs over the last seconds and then over all."""
    sha256: str | None = None
    encrypted: bool | None = None
    verified: bool | None = None
    """Whether a rehearsal restored it and found everything; absent: none was made."""
    verify_message: str = Field(default="", max_length=1024)
    verified_time: str | None = None
    restore_seconds: float | None = None
    """How long the rehearsal's restore took."""
    expires: str | None = None
    """When retention may delete it."""
    conditions: list[Condition] = Field(default=[])


class DataBackup(Resource):
    """One backup."""

    api_version: str = API_VERSION
    kind: str = KIND
    metadata: Metadata
    spec: DataBackupSpec
    status: DataBackupStatus = DataBackupStatus()

    @property
    def is_foreign(self) -> bool:
        """Whether another cluster took it, or nobody knows who: it can be restored, and its archive is never deleted."""
        return self.spec.trigger is Trigger.FOUND and self.status.owned is not True

    @property
    def is_good(self) -> bool:
        """Whether it can be restored from."""
        return self.status.phase in (BackupPhase.SUCCEEDED, BackupPhase.VERIFYING) and self.status.verified is not False


def parse_databackup(obj: dict[str, Any]) -> DataBackup:
    """Raises pydantic.ValidationError when it is none."""
    return DataBackup.model_validate(obj)
