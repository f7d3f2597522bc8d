"""How many services may be repaired at once in a way that copies data: each copy costs the network and the disks of all.

Fail-over, a restart and what a person asks for are never limited. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moorage.core.kinds import COPYING

REPAIRS_MAX = 3
BEGINNINGS_MAX, BEGINNINGS_HOURS = 30, 1
"""So many begin within an hour in all: a fault that comes back with every repair does not go through the whole fleet."""
STUCK_HOURS = 24
"""What has run for longer waits for somebody, and keeps no other service waiting."""
ServiceKey = tuple[str, str]


@dataclass(frozen=True)
class Copies:
    """The repairs of one service that copy data."""

    is_running: bool
    began: tuple[datetime, ...]


def copies_of(service: Mapping[str, Any], now: datetime) -> Copies:
    """As its status tells them; what cannot be read there counts as none."""
    found = [r for r in (service.get("status") or {}).get("repairs") or [] if r.get("kind") in COPYING and r.get("startTime")]
    began = tuple(datetime.fromisoformat(str(r["startTime"])) for r in found)
    stuck = now - timedelta(hours=STUCK_HOURS)
    running = (r.get("outcome", "Running") == "Running" and at > stuck for r, at in zip(found, began, strict=True))
    return Copies(any(running), began)


def why_full(
    me: ServiceKey, services: Iterable[Mapping[str, Any]], beginning: frozenset[ServiceKey], now: datetime, at_once: int
) -> str:
    """Why this service begins no such repair now; empty: it may. `beginning`: those whose status does not tell yet."""
    others = {_key(s): copies_of(s, now) for s in services if _key(s) != me}
    running = {key for key, copies in others.items() if copies.is_running} | (beginning - {me})
    if len(running) >= at_once:
        return f"it waits: {_services(len(running))} being repaired, and {at_once} at once are the limit"
    since = now - timedelta(hours=BEGINNINGS_HOURS)
    if sum(at > since for copies in others.values() for at in copies.began) >= BEGINNINGS_MAX:
        return f"it waits: {BEGINNINGS_MAX} such repairs began within an hour in the cluster, which is the limit"
    return ""


def _services(count: int) -> str:
    return "1 other service is" if count == 1 else f"{count} other services are"


def _key(service: Mapping[str, Any]) -> ServiceKey:
    return str(service["metadata"].get("namespace") or ""), str(service["metadata"]["name"])
