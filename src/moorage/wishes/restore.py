"""From the options of `restore` to the DataRestore's spec. Pure."""

from dataclasses import dataclass
from typing import Any

from moorage.wishes.asked import said


@dataclass(frozen=True)
class RestoreWish:
    """The options of `restore`; None: not said."""

    backup: str | None = None
    to: str | None = None
    in_place: bool = False
    service: str | None = None
    at: str | None = None
    safety_backup: bool | None = None
    undo_days: int | None = None


def why_refused(wish: RestoreWish) -> str | None:
    """The reason why the options do not make sense together; or None."""
    if (wish.backup is None) == (wish.at is None):
        return "what is to be restored? allowed: a BACKUP, or --service NAME --at MOMENT"
    if wish.at is not None and wish.service is None:
        return "--at needs --service NAME: the service whose past it is"
    if (wish.to is not None) == wish.in_place:
        return "where to? allowed: --to NEW for a new service, or --in-place"
    if wish.backup is not None and wish.service is not None and not wish.in_place:
        return "--service goes with --at or with --in-place; a backup knows its service"
    if not wish.in_place and (wish.safety_backup is not None or wish.undo_days is not None):
        return "--no-safety-backup and --undo-days go with --in-place only"
    return None


def spec_of(wish: RestoreWish, service: str) -> dict[str, Any]:
    """`service`: the one whose data is replaced, or whose past it is."""
    source = {"backup": wish.backup, "at": wish.at, "service": service if wish.at is not None else None}
    return said(
        {
            "source": said(source),
            "toNew": wish.to,
            "inPlace": service if wish.in_place else None,
            "safetyBackup": wish.safety_backup,
            "undoDays": wish.undo_days,
        }
    )
