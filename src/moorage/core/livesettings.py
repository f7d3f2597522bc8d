"""Settings that a running engine takes: every member is told at once, and none is replaced for them."""

import json
from collections.abc import Sequence

from moorage.api.dataservice import SETTINGS_CHANGES_MAX, SettingsChange
from moorage.core.facts import Snapshot
from moorage.core.step import Step, Target, TellSettings

WHAT_LENGTH_MAX = 1024
DEFAULT = "default"


def tell(snapshot: Snapshot, target: Target) -> Step | None:
    """One member after the other, whatever its colour: nothing stops for it."""
    if target.refused:
        return None
    for member in snapshot.everyone():
        if member.pod is not None and not member.pod.deleting and member.pod.settings != target.settings:
            return TellSettings(member, target.settings, f"{member.name} is told its settings, which need no restart")
    return None


def changes(before: Sequence[SettingsChange], step: Step, now: str, *, was_done: bool) -> list[SettingsChange]:
    """The last changes. The members after the first are told the same: that is one change."""
    if not was_done or not isinstance(step, TellSettings) or step.member.pod is None:
        return list(before)
    what = _difference(step.member.pod.settings, step.settings)[:WHAT_LENGTH_MAX]
    if not what or (before and before[-1].what == what):
        return list(before)
    return [*before, SettingsChange(time=now, what=what)][-SETTINGS_CHANGES_MAX:]


def _difference(before: str, after: str) -> str:
    old, new = _read(before), _read(after)
    names = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return ", ".join(f"{name}: {old.get(name, DEFAULT)} → {new.get(name, DEFAULT)}" for name in names)


def _read(settings: str) -> dict[str, str]:
    """Somebody may have written over a Pod's annotation: what is no settings counts as none."""
    try:
        found = json.loads(settings or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
