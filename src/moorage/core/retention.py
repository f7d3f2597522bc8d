"""Which backups of a service are no longer kept. Pure. Only good ones count, and the last way back is never deleted."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from moorage.api.databackup import DataBackup, Trigger
from moorage.core.backups import OVER, moment

FOUND_STAYS = timedelta(days=7)
"""Whoever makes a store known again after a disaster has this long to choose, however old the backups are."""


def expires(backup: DataBackup, keep_days: int, kept_until: datetime | None = None) -> datetime | None:
    """When its time is over; None while it runs. `kept_until`: a restore may be undone with it until then."""
    ended = moment(backup.status.end_time) if backup.status.phase in OVER else None
    if ended is None:
        return None
    own = ended + timedelta(days=keep_days)
    if backup.spec.trigger is Trigger.FOUND:
        own = max(own, (moment(backup.metadata.creation_timestamp) or ended) + FOUND_STAYS)
    return max(own, kept_until) if kept_until is not None else own


def is_good(backup: DataBackup) -> bool:
    """Whether it can be restored from, today and after retention is done."""
    return backup.is_good and backup.metadata.deletion_timestamp is None


def protected(backups: Iterable[DataBackup], keep_last: int) -> frozenset[str]:
    """Names of those that stay however old they are: the newest good ones, and the newest verified one of them."""
    good = sorted(filter(is_good, backups), key=_taken, reverse=True)
    verified = [b for b in good if b.status.verified]
    return frozenset(b.metadata.name for b in (*good[: max(keep_last, 1)], *verified[:1]))


def deletable(
    backups: Iterable[DataBackup], moments: Mapping[str, datetime | None], keep_last: int, now: datetime, needed: frozenset[str]
) -> list[str]:
    """Names of those to delete. `moments`: name → when its time is over. `needed`: those that a restore reads from now."""
    known = list(backups)
    stay = protected(known, keep_last) | needed
    past = (b for b in known if (at := moments.get(b.metadata.name)) is not None and at <= now)
    return [b.metadata.name for b in past if b.metadata.deletion_timestamp is None and b.metadata.name not in stay]


def _taken(backup: DataBackup) -> tuple[str, str]:
    """Newest first by the moment whose data it holds."""
    status = backup.status
    found = moment(status.consistent_time) or moment(status.end_time) or moment(status.start_time)
    return (found.isoformat() if found is not None else "", backup.metadata.name)
