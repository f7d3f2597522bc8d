"""Events as people see them. Pure."""

from collections.abc import Collection, Iterable
from typing import Any

from moorage.api.conditions import Resource
from moorage.api.dataservice import KIND

Object = dict[str, Any]


class EventView(Resource):
    """One event of a service or of one of its objects."""

    time: str
    """RFC 3339, when it was seen last."""
    type: str
    reason: str
    object: str
    message: str
    count: int = 1


_OBJECTS = {"members", "replicas", "app", "admin", "internal", "ca", "tls"}
"""Suffixes of the objects that belong to a service."""


def of_service(events: Iterable[Object], name: str, uid: str = "", also: Collection[str] = ()) -> list[EventView]:
    """What concerns the service, its members' Pods and volumes; oldest first.

    `uid`: of the service that stands now, if one does; what an earlier one of the same name was told is left out.
    `also`: names of other objects that work for it.
    """
    about = ((e, e.get("involvedObject") or {}) for e in events)
    mine = (_view(e) for e, involved in about if _concerns(involved, name, uid) or involved.get("name") in also)
    return sorted(mine, key=lambda view: view.time)


def _concerns(involved: Object, name: str, uid: str) -> bool:
    found = str(involved.get("name") or "")
    if involved.get("kind") == KIND and uid and involved.get("uid") != uid:
        return False
    if found == name or found in {f"{name}-{suffix}" for suffix in _OBJECTS}:
        return True
    stem = found.removeprefix("data-")
    generation = stem.removeprefix(f"{name}-g")
    return stem != generation and generation[:1].isdigit()


def _view(event: Object) -> EventView:
    involved, meta = event.get("involvedObject") or {}, event.get("metadata") or {}
    series = event.get("series") or {}
    seen = series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime") or meta.get("creationTimestamp")
    return EventView(
        time=str(seen or ""),
        type=str(event.get("type") or "Normal"),
        reason=str(event.get("reason") or ""),
        object=f"{involved.get('kind')}/{involved.get('name')}",
        message=str(event.get("message") or ""),
        count=int(series.get("count") or event.get("count") or 1),
    )
