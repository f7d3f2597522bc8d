"""From what a person asks for to the DataService that is sent; the API server fills in what was not said. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moorage.api.dataservice import KIND
from moorage.wishes.asked import resource, said

Object = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """What a person may say of a service; None: not said."""

    engine: str
    name: str
    namespace: str
    version: str | None = None
    members: int | None = None
    arbiter: bool | None = None
    size: str | None = None
    class_name: str | None = None
    cpu: str | None = None
    memory: str | None = None
    image: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    expose: str | None = None
    on_delete: str | None = None
    protected: bool | None = None
    time_zone: str | None = None
    backup: bool | None = None
    backup_store: str | None = None
    backup_schedule: str | None = None
    keep_days: int | None = None
    point_in_time: bool | None = None


def manifest(wish: Wish) -> Object:
    """What `--dry-run` prints and `kubectl apply` takes."""
    spec = {
        "engine": wish.engine,
        "version": wish.version,
        "members": wish.members,
        "arbiter": wish.arbiter,
        "image": wish.image,
        "storage": said({"size": wish.size, "className": wish.class_name}),
        "resources": said({"cpu": wish.cpu, "memory": wish.memory}),
        "parameters": dict(wish.parameters) or None,
        "expose": said({"type": wish.expose}),
        "onDelete": wish.on_delete,
        "protected": wish.protected,
        "timeZone": wish.time_zone,
        "backup": said(
            {
                "enabled": wish.backup,
                "store": wish.backup_store,
                "schedule": wish.backup_schedule,
                "keepDays": wish.keep_days,
                "pointInTime": wish.point_in_time,
            }
        ),
    }
    return resource(KIND, wish.namespace, wish.name, spec)


def differences(asked: Object, found: Object, path: str = "") -> list[str]:
    """Fields of `asked` that are otherwise in `found`, each as `field is X, asked for Y`; `found` may hold more."""
    out: list[str] = []
    for key, value in asked.items():
        here, there = f"{path}{key}", found.get(key)
        if isinstance(value, dict):
            out += differences(value, there if isinstance(there, dict) else {}, f"{here}.")
        elif value != there:
            out.append(f"{here} is {there!r}, asked for {value!r}")
    return out
