"""From the form to the DataService, and the same wish as YAML and as command lines. Pure."""

import shlex
from typing import Annotated, Any

import yaml
from pydantic import Field

from moorage.api.dataservice import ExposeType, OnDelete, Quantity
from moorage.server.model import Asked, Given, ServiceName, SpaceName
from moorage.views.concern import Concern
from moorage.wishes.deploy import Wish, manifest

Object = dict[str, Any]
Parameters = Annotated[dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=256)]], Field(max_length=64)]


class BackupWish(Asked):
    enabled: bool | None = None
    store: Annotated[str, Field(max_length=253)] | None = None
    schedule: Annotated[str, Field(max_length=100)] | None = None
    keep_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    point_in_time: bool | None = None


class SettingsWish(Asked):
    """What may be said of a service; what is left out stays, or is the catalogue's default."""

    version: Annotated[str, Field(max_length=20)] | None = None
    members: Annotated[int, Field(ge=1, le=7)] | None = None
    image: Annotated[str, Field(max_length=512)] | None = None
    storage: Quantity | None = None
    """Of each member. It can grow, never shrink."""
    cpu: Quantity | None = None
    memory: Quantity | None = None
    parameters: Parameters | None = None
    expose: ExposeType | None = None
    on_delete: OnDelete | None = None
    protected: bool | None = None
    time_zone: Annotated[str, Field(max_length=64)] | None = None
    backup: BackupWish = BackupWish()


class DeployWish(SettingsWish):
    """A service to be deployed."""

    engine: Annotated[str, Field(max_length=30)]
    name: ServiceName
    space: SpaceName
    arbiter: bool | None = None
    storage_class: Annotated[str, Field(max_length=253)] | None = None


class SameAs(Given):
    """The same wish for other tools."""

    yaml: str
    kubectl: str
    moorage: str


class Room(Given):
    """Whether the hosts have room for it now."""

    fits: bool
    message: str = ""
    """What is missing, with figures."""


class Preview(Given):
    """What would be deployed, as the API server completed it."""

    service: dict[str, Any]
    """The DataService; nothing was kept."""
    same_as: SameAs
    room: Room
    warnings: list[Concern] = Field(default=[])
    """What is possible, and should be known before."""


def wished(body: SettingsWish, *, engine: str, name: str, space: str) -> Object:
    """The DataService with what was said."""
    is_new = isinstance(body, DeployWish)
    return manifest(
        Wish(
            engine=engine,
            name=name,
            namespace=space,
            version=body.version,
            members=body.members,
            arbiter=body.arbiter or None if isinstance(body, DeployWish) else None,
            size=body.storage,
            class_name=body.storage_class if isinstance(body, DeployWish) else None,
            cpu=body.cpu,
            memory=body.memory,
            image=body.image,
            parameters=body.parameters or {},
            expose=str(body.expose) if body.expose else None,
            on_delete=str(body.on_delete) if body.on_delete else None,
            protected=body.protected if not is_new or body.protected else None,
            time_zone=body.time_zone,
            backup=body.backup.enabled,
            backup_store=body.backup.store,
            backup_schedule=body.backup.schedule,
            keep_days=body.backup.keep_days,
            point_in_time=body.backup.point_in_time,
        )
    )


def same_as(wanted: Object) -> SameAs:
    """YAML, a kubectl line that takes it, and the line of our own program."""
    text, kubectl = for_kubectl(wanted)
    return SameAs(yaml=text, kubectl=kubectl, moorage=_command(wanted))


def for_kubectl(wanted: Object) -> tuple[str, str]:
    """YAML, and the line that takes it."""
    text = yaml.safe_dump(wanted, sort_keys=False, allow_unicode=True)
    return text, f"kubectl apply -f - <<'EOF'\n{text}EOF"


_OPTIONS = {
    "version": "--version",
    "members": "--members",
    "image": "--image",
    "storage.size": "--size",
    "storage.className": "--class",
    "resources.cpu": "--cpu",
    "resources.memory": "--memory",
    "expose.type": "--expose",
    "onDelete": "--on-delete",
    "timeZone": "--time-zone",
    "backup.store": "--backup-store",
    "backup.schedule": "--backup-schedule",
    "backup.keepDays": "--keep-days",
}
_SWITCHES = {
    "arbiter": ("--arbiter", ""),
    "protected": ("--protected", "--no-protected"),
    "backup.enabled": ("--backup", "--no-backup"),
    "backup.pointInTime": ("--point-in-time", "--no-point-in-time"),
}


def _command(wanted: Object) -> str:
    spec, meta = wanted["spec"], wanted["metadata"]
    words = ["moorage", "deploy", spec["engine"], meta["name"], "-n", meta["namespace"]]
    for path, option in _OPTIONS.items():
        value = _at(spec, path)
        if value is not None:
            words += [option, str(value)]
    for path, (on, off) in _SWITCHES.items():
        value = _at(spec, path)
        words += [on if value else off] if value is not None else []
    for key, value in (spec.get("parameters") or {}).items():
        words += ["--param", f"{key}={value}"]
    return shlex.join(filter(None, [*words, "--wait"]))


def _at(spec: Object, path: str) -> Any:
    first, _, rest = path.partition(".")
    value = spec.get(first)
    return _at(value, rest) if rest and isinstance(value, dict) else None if rest else value
