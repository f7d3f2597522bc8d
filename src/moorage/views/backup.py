"""What people see of a backup: one object, from which text, JSON, YAML and the console's pages all come. Pure."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from moorage.api.databackup import BackupPhase, DataBackup, Trigger, parse_databackup
from moorage.views.errors import UnreadableError
from moorage.views.service import parsed
from moorage.views.shown import Shown
from moorage.views.text import percent, size, span, took

Object = dict[str, Any]


class By(StrEnum):
    """Who asked for it."""

    SCHEDULE = "schedule"
    HAND = "hand"
    SAFETY = "safety"
    """Moorage itself, before a restore in place."""
    FOUND = "found"
    """It was in the store already."""
    ELSEWHERE = "elsewhere"
    """It was in the store already, and another cluster took it."""


_BY = {Trigger.SCHEDULE: By.SCHEDULE, Trigger.MANUAL: By.HAND, Trigger.SAFETY: By.SAFETY, Trigger.FOUND: By.FOUND}
_TAKEN = {
    By.SCHEDULE: "by schedule",
    By.HAND: "by hand",
    By.SAFETY: "before a restore",
    By.FOUND: "found in the store",
    By.ELSEWHERE: "by another cluster",
}
_STEPS = {
    BackupPhase.PENDING: "waiting to start",
    BackupPhase.RUNNING: "backing up",
    BackupPhase.VERIFYING: "taken; a rehearsal restores and compares it",
    BackupPhase.DELETING: "being deleted",
}


class BackupView(Shown):
    """One backup."""

    service: str
    engine: str | None = None
    version: str | None = None
    phase: BackupPhase = BackupPhase.PENDING
    message: str = ""
    is_good: bool = False
    """Whether it can be restored from."""
    by: By = By.HAND
    store: str | None = None
    stored_name: str | None = None
    """Its name in the store."""
    encrypted: bool | None = None
    is_foreign: bool = False
    """Whether another cluster took it and deletes it."""
    source: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    took_seconds: float | None = None
    consistent_time: str | None = None
    size_bytes: int | None = None
    raw_bytes: int | None = None
    bytes_per_second: int | None = None
    sha256: str | None = None
    verified: bool | None = None
    verify_message: str = ""
    verified_time: str | None = None
    restore_seconds: float | None = None
    keep_days: int | None = None
    expires: str | None = None
    task_id: str | None = None
    created: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.phase in (BackupPhase.SUCCEEDED, BackupPhase.FAILED, BackupPhase.DELETING)

    @property
    def taken(self) -> str:
        """Who asked for it, in words."""
        return _TAKEN[self.by]

    @property
    def verdict(self) -> str:
        """What the rehearsal found, in a few words."""
        if self.verified is None:
            return "rehearsing" if self.phase is BackupPhase.VERIFYING else "-"
        if self.verified:
            return "yes" + (f" in {span(self.restore_seconds)}" if self.restore_seconds is not None else "")
        return f"no: {self.verify_message or 'no reason was given'}"

    @property
    def step(self) -> str:
        """What happens with it now."""
        word = _STEPS.get(self.phase, str(self.phase).lower())
        source = f" from {self.source}" if self.phase is BackupPhase.RUNNING and self.source else ""
        return f"{word}{source}" + (f" ({self.message})" if self.message else "")

    @property
    def figures(self) -> str:
        """How far it is, while it runs."""
        if self.phase is not BackupPhase.RUNNING or self.raw_bytes is None:
            return ""
        rate = f" at {size(self.bytes_per_second)}/s" if self.bytes_per_second else ""
        stored = f", {size(self.size_bytes)} in the store" if self.size_bytes else ""
        return f"{size(self.raw_bytes)}{rate}{stored}"

    def percent_done(self, whole_bytes: int | None) -> int | None:
        """While it runs. How much there is nobody knows before; `whole_bytes`: what the last good backup held."""
        return percent(self.raw_bytes, whole_bytes) if self.phase is BackupPhase.RUNNING else None

    @property
    def sentence(self) -> str:
        """What came of it."""
        amount = f"{size(self.raw_bytes)} of data in {size(self.size_bytes)}"
        duration = f", taken in {span(self.took_seconds)}" if self.took_seconds is not None else ""
        verdict = f"; verified by a restore{self.verdict.removeprefix('yes')}" if self.verified else ""
        return f"{self.service} is backed up as {self.name}: {amount}{duration}{verdict}"


def backup_view(obj: Object) -> BackupView:
    backup: DataBackup = parsed(parse_databackup, obj)
    spec, status = backup.spec, backup.status
    return BackupView(
        name=backup.metadata.name,
        namespace=backup.metadata.namespace,
        service=spec.service,
        engine=status.engine,
        version=status.version,
        phase=BackupPhase.DELETING if backup.metadata.deletion_timestamp else status.phase,
        message=status.message,
        is_good=backup.is_good and backup.metadata.deletion_timestamp is None,
        by=By.ELSEWHERE if backup.is_foreign else _BY[spec.trigger],
        is_foreign=backup.is_foreign,
        store=status.store or spec.store,
        stored_name=status.backup_name,
        encrypted=status.encrypted,
        source=status.source,
        start_time=status.start_time,
        end_time=status.end_time,
        took_seconds=took(status.start_time, status.end_time),
        consistent_time=status.consistent_time,
        size_bytes=status.size_bytes,
        raw_bytes=status.raw_bytes,
        bytes_per_second=status.bytes_per_second,
        sha256=status.sha256,
        verified=status.verified,
        verify_message=status.verify_message,
        verified_time=status.verified_time,
        restore_seconds=status.restore_seconds,
        keep_days=spec.keep_days,
        expires=status.expires,
        task_id=status.task_id,
        created=backup.metadata.creation_timestamp,
    )


def newest_good(objects: Iterable[Object]) -> BackupView | None:
    """The one that a person would restore from: of those that can be, the last whose data is the newest."""
    good = (view for obj in objects if (view := readable(obj)) is not None and view.is_good)
    return max(good, key=lambda v: (v.consistent_time or v.end_time or "", v.name), default=None)


def readable(obj: Object) -> BackupView | None:
    """None: a newer Moorage wrote it."""
    try:
        return backup_view(obj)
    except UnreadableError:
        return None


def newest_first(views: list[BackupView]) -> list[BackupView]:
    """By the time at which they started, or were asked for."""
    return sorted(views, key=lambda v: (v.start_time or v.created or "", v.name), reverse=True)
