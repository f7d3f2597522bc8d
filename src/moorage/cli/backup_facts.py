"""What `status` says of backups and restores. Pure."""

from datetime import datetime, tzinfo

from moorage.api.conditions import ConditionType
from moorage.api.dataservice import Window
from moorage.views.service import ServiceView
from moorage.views.text import age, moment

_GAPS_MAX = 3
_NONE = "None"


def backup_facts(view: ServiceView, now: datetime | None = None, zone: tzinfo | None = None) -> list[tuple[str, str]]:
    """Facts as pairs of key and sentence; `zone`: the person's."""
    return [
        *_last(view, now, zone),
        *_warning(view),
        *([("can restore", _window(view.window, zone))] if view.window is not None and view.window.end else []),
        *_restore(view, zone),
    ]


def _last(view: ServiceView, now: datetime | None, zone: tzinfo | None) -> list[tuple[str, str]]:
    backup, policy = view.backup, view.backup_policy
    if backup.phase == _NONE and backup.store is None:
        return [("backup", "none: " + (backup.msg or ("no store" if policy.enabled else "switched off")))]
    parts = [f"{backup.name} {backup.phase}" + (f": {backup.msg}" if backup.msg else "")] if backup.name else ["none yet"]
    parts.append(f"last good one {age(backup.last_success, now)} ago" if backup.last_success else "no good one yet")
    if backup.last_verified:
        parts.append(f"last verified {age(backup.last_verified, now)} ago")
    if not policy.enabled:
        schedule = "the schedule is switched off"
    else:
        schedule = f"next at {moment(backup.next_run, zone)}" if backup.next_run else f"schedule {policy.schedule}"
    keeps = f"to {backup.store}, kept {backup.reserved_days or policy.keep_days} days"
    return [("backup", "; ".join(parts)), ("backups", f"{schedule}, {keeps}")]


def _warning(view: ServiceView) -> list[tuple[str, str]]:
    """BackupHealthy, when it is not True."""
    found = next((c for c in view.conditions if c.type == ConditionType.BACKUP_HEALTHY), None)
    if found is None or found.status == "True":
        return []
    return [("backup health", found.message or found.reason)]


def _window(window: Window, zone: tzinfo | None) -> str:
    text = f"any moment from {moment(window.start, zone)} to {moment(window.end, zone)}"
    if not window.gaps:
        return text
    gaps = [f"{moment(gap.start, zone)} to {moment(gap.end, zone)}" for gap in window.gaps[-_GAPS_MAX:]]
    more = f" and {len(window.gaps) - len(gaps)} earlier" if len(window.gaps) > len(gaps) else ""
    return f"{text}, but not: {', '.join(gaps)}{more}"


def _restore(view: ServiceView, zone: tzinfo | None) -> list[tuple[str, str]]:
    restore = view.restore
    found = []
    if restore.name or restore.phase != _NONE:
        found.append(
            ("restore", " ".join(filter(None, (restore.name, restore.phase))) + (f": {restore.msg}" if restore.msg else ""))
        )
    if restore.undo_until:
        found.append(("undo", f"possible until {moment(restore.undo_until, zone)}: moorage restore undo {view.name}"))
    return found
