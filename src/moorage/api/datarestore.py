"""`DataRestore`: a backup, or a moment, brought back beside a service or in its place; or the last such restore undone."""

from enum import StrEnum
from typing import Any

from pydantic import Field

from moorage.api.conditions import Condition, Resource
from moorage.api.metadata import Metadata
from moorage.api.schema import API_VERSION

KIND = "DataRestore"
PLURAL = "datarestores"


class RestorePhase(StrEnum):
    """Where a restore stands."""

    PENDING = "Pending"
    SAFETY_BACKUP = "SafetyBackup"
    """In place: what runs now is backed up first."""
    SEEDING = "Seeding"
    """A new volume is filled and compared with the figures of the backup."""
    STARTING = "Starting"
    """The members of the new generation start and copy."""
    SWITCHING = "Switching"
    """In place: the address moves to the new generation."""
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


class RestoreFrom(Resource):
    """Where the data comes from: a DataBackup of this namespace, one that only the store knows, or a moment of a service."""

    backup: str | None = Field(default=None, max_length=253, description="DataBackup of this namespace.")
    store: str | None = Field(default=None, max_length=253, description="BackupStore, with storedBackup.")
    stored_backup: str | None = Field(
        default=None, max_length=253, description="Name in the store: ENGINE-NAMESPACE-NAME-YYYYMMDDhhmmss."
    )
    at: str | None = Field(
        default=None, max_length=40, description="Moment to restore, RFC 3339 with a zone: 2026-11-06T12:34:56+08:00."
    )
    service: str | None = Field(
        default=None, max_length=40, description="With `at`: the service whose past it is; the service in place when absent."
    )


class DataRestoreSpec(Resource):
    """Exactly one of `toNew`, `inPlace` and `undo`. Immutable."""

    source: RestoreFrom = RestoreFrom()
    to_new: str | None = Field(default=None, max_length=40, description="Name of a service that does not exist yet.")
    in_place: str | None = Field(
        default=None, max_length=40, description="Service whose data is replaced; its old volumes are kept for `undo`."
    )
    undo: str | None = Field(default=None, max_length=40, description="Service whose last restore in place is taken back.")
    safety_backup: bool = Field(
        default=True, description="In place: what runs now is backed up first; false for a service that cannot be."
    )
    undo_days: int = Field(default=3, ge=0, le=90, description="In place: how long the old volumes are kept for `undo`.")


class DataRestoreStatus(Resource):
    """What is seen."""

    phase: RestorePhase = RestorePhase.PENDING
    message: str = Field(default="", max_length=1024)
    observed_generation: int | None = None
    task_id: str | None = None
    backup_name: str | None = None
    """Backup that was or is restored, by its name in the store."""
    safety_backup: str | None = None
    """DataBackup that was taken before."""
    start_time: str | None = None
    end_time: str | None = None
    restored_to: str | None = None
    """The moment whose data the service holds now."""
    raw_bytes: int | None = None
    bytes_done: int | None = None
    bytes_per_second: int | None = None
    restore_seconds: float | None = None
    """From the start to the first moment at which the restored data serves."""
    generation: int | None = None
    """Generation of volumes that the data went to."""
    undo_until: str | None = None
    conditions: list[Condition] = Field(default=[])


class DataRestore(Resource):
    """One restore."""

    api_version: str = API_VERSION
    kind: str = KIND
    metadata: Metadata
    spec: DataRestoreSpec
    status: DataRestoreStatus = DataRestoreStatus()

    @property
    def service(self) -> str:
        """The service that it is about: the new one, or the one whose data is replaced."""
        return self.spec.to_new or self.spec.in_place or self.spec.undo or ""

    @property
    def is_over(self) -> bool:
        return self.status.phase in (RestorePhase.SUCCEEDED, RestorePhase.FAILED)


def parse_datarestore(obj: dict[str, Any]) -> DataRestore:
    """Raises pydantic.ValidationError when it is none."""
    return DataRestore.model_validate(obj)
