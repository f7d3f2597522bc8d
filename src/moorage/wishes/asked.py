"""From what a person asks for to the resources that are sent; the API server fills in what was not said. Pure."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from moorage.api import backupstore, databackup, datarestore
from moorage.api.schema import API_VERSION

Object = dict[str, Any]


def resource(kind: str, namespace: str, name: str, spec: Mapping[str, Any]) -> Object:
    """What `kubectl apply` takes; None is left out."""
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": said(spec),
    }


def said(fields: Mapping[str, Any]) -> Object:
    """Only what was said."""
    return {key: value for key, value in fields.items() if value not in (None, {})}


def stamp(now: datetime, zone: tzinfo) -> str:
    """YYYYMMDDhhmmss in the zone."""
    return f"{now.astimezone(zone):%Y%m%d%H%M%S}"


def backup(
    namespace: str,
    service: str,
    engine: str,
    when: str,
    *,
    store: str | None = None,
    keep_days: int | None = None,
    rehearse: bool | None = None,
) -> Object:
    """A backup by hand; `when`: its stamp, in the service's zone."""
    spec = {
        "service": service,
        "store": store,
        "trigger": str(databackup.Trigger.MANUAL),
        "keepDays": keep_days,
        "rehearse": rehearse,
    }
    return resource(databackup.KIND, namespace, f"{engine}-{namespace}-{service}-{when}", spec)


def restore(namespace: str, when: str, spec: Mapping[str, Any]) -> Object:
    """A restore or an undo; its name says of what and when."""
    verb = "undo" if spec.get("undo") else "restore"
    service = spec.get("toNew") or spec.get("inPlace") or spec.get("undo")
    return resource(datarestore.KIND, namespace, f"{verb}-{service}-{when}", spec)


def store(namespace: str, name: str, spec: Mapping[str, Any]) -> Object:
    return resource(backupstore.KIND, namespace, name, spec)


def secret(namespace: str, name: str, entries: Mapping[str, str]) -> Object:
    """A Secret that `store add` makes."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/part-of": "moorage"}},
        "stringData": dict(entries),
    }
