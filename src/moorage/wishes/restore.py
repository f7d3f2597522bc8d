"""From the options of `restore` to the DataRestore's spec. Pure."""

from dataclasses import dataclass
from typing import Any

from moorage.wishes.asked import said


@dataclass(frozen=True)
class RestoreWish:
    """The options of `restore`, and of what only a store knows; None: not said."""

    backup: str | None = None
    to: str | None = None
    in_place: bool = False
    service: str | None = None
    at: str | None = None
    safety_backup: bool | None = None
    undo_days: int | None = None
    store: str | None = None
    stored_backup: str | None = None
    """Its name in the store."""


def why_refused(wish: RestoreWish) -> str | None:
    """The reason why the options do not make sense together; or None."""
    if (wish.stored_backup is None) != (wish.store is None):
        return "a store and the name of a backup in it go together: name both"
    if sum(one is not None for one in (wish.backup, wish.at, wish.stored_backup)) != 1:
        return "what is to be restored? allowed: a BACKUP, or --service NAME --at MOMENT"
    if wish.at is not None and wish.service is None:
        return "--at needs --service NAME: the service whose past it is"
    if (wish.to is not None) == wish.in_place:
        return "where to? allowed: --to NEW for a new service, or --in-place"
    if wish.stored_backup is not None and wish.to is None:
        return "a backup that is taken from a store becomes a new service: say its name (to)"
    if wish.at is None and wish.service is not None and not wish.in_place:
        return "--service goes with --at or with --in-place; a backup knows its service"
    if not wish.in_place and (wish.safety_backup is not None or wish.undo_days is not None):
        return "--no-safety-backup and --undo-days go with --in-place only"
    return None


def spec_of(wish: RestoreWish, service: str) -> dict[str, Any]:
    """`service`: the one whose data is replaced, or whose past it is."""
    source = {
        "backup": wish.backup,
        "store": wish.store,
        "storedBackup": wish.stored_backup,
        "at": wish.at,
        "service": service if wish.at is not None else None,
    }
    return said(
        {
            "source": said(source),
            "toNew": wish.to,
            "inPlace": service if wish.in_place else None,
            "safetyBackup": wish.safety_backup,
            "undoDays": wish.undo_days,
        }
    )
