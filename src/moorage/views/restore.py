"""What people see of a restore: one object, from which text, JSON, YAML and the console's pages all come. Pure."""

from typing import Any

from moorage.api.datarestore import DataRestore, DataRestoreSpec, RestorePhase, parse_datarestore
from moorage.views.service import parsed
from moorage.views.shown import Shown
from moorage.views.text import left_seconds, moment, percent, size, span, took

Object = dict[str, Any]

_STEPS = {
    RestorePhase.PENDING: "waiting to start",
    RestorePhase.SAFETY_BACKUP: "backing up what runs now",
    RestorePhase.SEEDING: "filling and comparing a new volume",
    RestorePhase.STARTING: "starting the members",
    RestorePhase.SWITCHING: "moving the address",
}


class RestoreView(Shown):
    """One restore or undo."""

    service: str
    """The new service, or the one whose data is replaced."""
    way: str = ""
    """beside, in place or undo."""
    source: str = ""
    """The backup or the moment."""
    phase: RestorePhase = RestorePhase.PENDING
    message: str = ""
    backup_name: str | None = None
    safety_backup: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    took_seconds: float | None = None
    restored_to: str | None = None
    raw_bytes: int | None = None
    bytes_done: int | None = None
    bytes_per_second: int | None = None
    restore_seconds: float | None = None
    undo_until: str | None = None
    task_id: str | None = None
    created: str | None = None

    @property
    def step(self) -> str:
        """What happens now."""
        word = _STEPS.get(self.phase, str(self.phase).lower())
        return word + (f" ({self.message})" if self.message else "")

    @property
    def figures(self) -> str:
        """How far it is, while a volume is filled."""
        if self.phase is not RestorePhase.SEEDING or self.bytes_done is None:
            return ""
        whole = f" of {size(self.raw_bytes)}" if self.raw_bytes else ""
        rate = f" at {size(self.bytes_per_second)}/s" if self.bytes_per_second else ""
        return f"{size(self.bytes_done)}{whole}{rate}"

    @property
    def left(self) -> str:
        """How long the volume takes still, in words; empty when nobody knows."""
        return f"about {span(self.seconds_left)} left" if self.seconds_left is not None else ""

    @property
    def seconds_left(self) -> float | None:
        """Until the volume is filled, at the pace of the last seconds. Log that is replayed and members' start come after."""
        if self.phase is not RestorePhase.SEEDING:
            return None
        return left_seconds(self.bytes_done, self.raw_bytes, self.bytes_per_second)

    @property
    def percent_done(self) -> int | None:
        """While a volume is filled."""
        return percent(self.bytes_done, self.raw_bytes) if self.phase is RestorePhase.SEEDING else None

    @property
    def sentence(self) -> str:
        """What came of it."""
        when = f" of {moment(self.restored_to)}" if self.restored_to else ""
        duration = f" after {span(self.restore_seconds)}" if self.restore_seconds is not None else ""
        if self.way == "undo":
            return f"{self.service} serves the data again that it had before its last restore{duration}"
        kept = f"; the data before can be had back until {moment(self.undo_until)}" if self.undo_until else ""
        return f"{self.service} serves the data{when} from {self.source}{duration}{kept}"


def restore_view(obj: Object) -> RestoreView:
    restore: DataRestore = parsed(parse_datarestore, obj)
    spec, status = restore.spec, restore.status
    return RestoreView(
        name=restore.metadata.name,
        namespace=restore.metadata.namespace,
        service=restore.service,
        way="undo" if spec.undo else "in place" if spec.in_place else "beside",
        source=_source(spec),
        phase=status.phase,
        message=status.message,
        backup_name=status.backup_name,
        safety_backup=status.safety_backup,
        start_time=status.start_time,
        end_time=status.end_time,
        took_seconds=took(status.start_time, status.end_time),
        restored_to=status.restored_to,
        raw_bytes=status.raw_bytes,
        bytes_done=status.bytes_done,
        bytes_per_second=status.bytes_per_second,
        restore_seconds=status.restore_seconds,
        undo_until=status.undo_until,
        task_id=status.task_id,
        created=restore.metadata.creation_timestamp,
    )


def _source(spec: DataRestoreSpec) -> str:
    source = spec.source
    if source.at:
        return f"{source.service or spec.in_place} at {source.at}"
    if source.stored_backup:
        return f"{source.store}/{source.stored_backup}"
    return source.backup or ""
