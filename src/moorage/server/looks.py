"""What a person sees of the cache: every look goes through here, so that nobody sees a space that is not theirs."""

from collections.abc import Iterable

from moorage.kube.reflector import Object
from moorage.server.caller import Caller
from moorage.server.platform import Platform
from moorage.server.problem import not_found
from moorage.server.sight import Sight

RESOURCES = {
    "DataService": ("dataservices", "service"),
    "DataBackup": ("databackups", "backup"),
    "DataRestore": ("datarestores", "restore"),
    "BackupStore": ("backupstores", "backup store"),
    "AlertRule": ("alertrules", "alert"),
}
"""Kind → resource by which it is allowed, and its name for people."""


async def sight(platform: Platform, caller: Caller, kind: str) -> Sight:
    return await platform.sights.of(caller.person, RESOURCES[kind][0])


async def visible(platform: Platform, caller: Caller, kind: str, space: str | None = None) -> list[Object]:
    """Everything of this kind that the person may list."""
    seen = await sight(platform, caller, kind)
    return [obj for obj in platform.cache.all(kind, space) if seen.sees(obj["metadata"]["namespace"])]


async def find(platform: Platform, caller: Caller, kind: str, space: str, name: str) -> Object:
    """Raises 404 also where the person may not see it: whether it is there is nobody else's business."""
    seen = await sight(platform, caller, kind)
    found = platform.cache.get(kind, space, name) if seen.sees(space) else None
    if found is None:
        raise not_found(RESOURCES[kind][1], name, space)
    return found


async def pods_of(platform: Platform, caller: Caller, space: str, service: str) -> list[Object]:
    """None where the person may not list Pods: then the members show what the service's status says."""
    seen = await platform.sights.of(caller.person, "pods", "")
    return platform.cache.pods_of(space, service) if seen.sees(space) else []


def about(objects: Iterable[Object], service: str) -> list[Object]:
    """Backups or restores of one service."""
    return [obj for obj in objects if service in _services_of(obj.get("spec") or {})]


def _services_of(spec: Object) -> set[str]:
    return {str(spec[key]) for key in ("service", "toNew", "inPlace", "undo") if spec.get(key)}
