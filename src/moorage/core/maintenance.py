"""Maintenance: for a stated time a person wants nothing to be repaired and nothing to be rolled out. It ends by itself."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from moorage.api.dataservice import DataService
from moorage.core import names
from moorage.core.facts import Snapshot
from moorage.core.step import ClearRequest, Step, Wait

DAYS_MAX = 7
"""Certificates, too, are not renewed meanwhile."""
_SHAPE = f'{{"until": "2026-12-01T10:00:00Z", "reason": "…"}}, at most {DAYS_MAX} days ahead'


@dataclass(frozen=True)
class Maintenance:
    """What a person asked for. `trouble`: why it cannot be read; it then holds nothing up."""

    until: datetime | None = None
    reason: str = ""
    trouble: str = ""

    def holds(self, now: datetime) -> bool:
        return self.until is not None and now < self.until


def asked(service: DataService, now: datetime) -> Maintenance | None:
    """None: nobody asked for it."""
    text = service.metadata.annotations.get(names.ANNOTATION_MAINTENANCE)
    if text is None:
        return None
    try:
        found = json.loads(text)
        until, reason = datetime.fromisoformat(found["until"]), str(found.get("reason") or "")[:500]
    except (ValueError, TypeError, KeyError, AttributeError):
        return Maintenance(trouble=f"{names.ANNOTATION_MAINTENANCE} cannot be read and holds nothing up; allowed: {_SHAPE}")
    if until.tzinfo is None or until > now + timedelta(days=DAYS_MAX):
        why = "has no time zone" if until.tzinfo is None else "is too far ahead"
        trouble = f"{names.ANNOTATION_MAINTENANCE} holds nothing up: its end {found['until']} {why}; allowed: {_SHAPE}"
        return Maintenance(trouble=trouble)
    return Maintenance(until, reason)


def sentence(found: Maintenance) -> str:
    until = found.until.strftime("%Y-%m-%dT%H:%M:%SZ") if found.until is not None else ""
    because = f" ({found.reason})" if found.reason else ""
    return f"maintenance until {until}{because}: nothing is repaired and nothing is rolled out"


def of(snapshot: Snapshot) -> Maintenance | None:
    """While it holds, or cannot be read."""
    if not snapshot.now:
        return None
    now = datetime.fromisoformat(snapshot.now)
    found = asked(snapshot.service, now)
    return found if found is not None and (found.trouble or found.holds(now)) else None


def rest(snapshot: Snapshot) -> Step | None:
    """While it holds only the address is moved to where it must lead, and members go on to elect among themselves."""
    if not snapshot.now or snapshot.is_beside:
        return None
    now = datetime.fromisoformat(snapshot.now)
    found = asked(snapshot.service, now)
    if found is None or found.trouble:
        return None
    if not found.holds(now):
        return ClearRequest(names.ANNOTATION_MAINTENANCE, "the maintenance is over: repairs and roll-outs go on")
    if snapshot.service.status.init.phase != "Succeeded":
        return None
    return Wait(sentence(found))
