"""What an operator and people leave behind, written straight into the API server."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

from moorage.api.schema import API_VERSION
from moorage.core import names
from moorage.core.report import MemberReport
from tests.server.kubernetes import Kubernetes

Object = dict[str, Any]
_T = TypeVar("_T")
SEEN_SECONDS = 30.0


def seen(what: str, find: Callable[[], _T | None]) -> _T:
    """The first answer that holds: the console's watches bring it within moments."""
    end = time.monotonic() + SEEN_SECONDS
    while not (found := find()):
        assert time.monotonic() < end, f"no {what} within {SEEN_SECONDS} s"
        time.sleep(0.05)
    return found


def claim(kubernetes: Kubernetes, space: str, service: str, ordinal: int = 0, **kept: Any) -> str:
    """A volume that was kept when the service was deleted."""
    name = names.claim(service, 1, ordinal)
    note = json.dumps({"spec": {"engine": "mongodb"}, "engine": "mongodb", **kept})
    meta = {"name": name, "namespace": space, "labels": names.labels(service, "mongodb")}
    resources = {"requests": {"storage": "1Gi"}}
    kubernetes.create(
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {**meta, "annotations": {names.ANNOTATION_SERVICE: note}},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": resources},
        }
    )
    return name


def secret(kubernetes: Kubernetes, space: str, name: str, **entries: str) -> None:
    meta = {"name": name, "namespace": space}
    kubernetes.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": entries})


def backup(
    kubernetes: Kubernetes, space: str, name: str, status: Object, service: str = "orders", trigger: str = "Manual"
) -> None:
    meta = {"name": name, "namespace": space}
    spec = {"service": service, "trigger": trigger}
    kubernetes.create({"apiVersion": API_VERSION, "kind": "DataBackup", "metadata": meta, "spec": spec})
    say(kubernetes, "DataBackup", space, name, **status)


def say(kubernetes: Kubernetes, kind: str, space: str, name: str, **status: Any) -> None:
    """As the operator does."""
    kubernetes.merge(kind, name, space, {"status": status}, "/status")


def store(kubernetes: Kubernetes, space: str, name: str = "main", **spec: Any) -> None:
    meta = {"name": name, "namespace": space}
    kubernetes.create({"apiVersion": API_VERSION, "kind": "BackupStore", "metadata": meta, "spec": spec})


def member_pod(kubernetes: Kubernetes, space: str, service: str, ordinal: int, report: MemberReport) -> None:
    """A member's Pod, with what its agent said last."""
    meta = {"name": names.pod(service, 1, ordinal), "namespace": space, "labels": names.labels(service, "mongodb")}
    meta["annotations"] = {names.ANNOTATION_REPORT: report.to_json()}
    container = {"name": names.CONTAINER_MEMBER, "image": "mongo"}
    kubernetes.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [container]}})
