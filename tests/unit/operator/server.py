"""An API server in memory, which stores, merges and refuses what a test says that it refuses, and an operator that asks it."""

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moorage.core import names
from moorage.engines.registry import load
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Store
from moorage.operator.controller import Pass
from moorage.operator.loop import Reconciler
from moorage.operator.observe import OBJECT_KINDS
from tests.unit.operator.kubernetes import Object, at, stamp, storage_class

KINDS = ("DataService", *OBJECT_KINDS, "Pod", "PersistentVolumeClaim", "Node", "StorageClass")


class Server(Kube):
    """Answers as the real one does, as far as the operator asks."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], Object] = {}
        self.refuse: Callable[[str, str, str], KubeError | None] = lambda verb, kind, name: None
        """Verb, kind and name → the error that is answered."""
        self.asked: list[tuple[str, str, str]] = []
        self.version = 0

    def count(self, verb: str, kind: str) -> int:
        return sum(1 for asked in self.asked if asked[:2] == (verb, kind))

    def events(self, reason: str) -> list[str]:
        return [e["message"] for (kind, _), e in self.objects.items() if kind == "Event" and e["reason"] == reason]

    def put(self, item: Object) -> Object:
        self.version += 1
        secret = item.pop("stringData", {})
        if secret:
            item["data"] = {key: b64encode(value.encode()).decode() for key, value in secret.items()}
        item["metadata"] = {"namespace": "shop", "uid": item["metadata"]["name"], **item["metadata"]}
        item["metadata"]["resourceVersion"] = str(self.version)
        self.objects[item["kind"], item["metadata"]["name"]] = item
        return dict(_copy(item))

    def _answer(self, verb: str, kind: str, name: str) -> None:
        self.asked.append((verb, kind, name))
        error = self.refuse(verb, kind, name)
        if error is not None:
            raise error

    async def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        self._answer("get", kind, name)
        found = self.objects.get((kind, name))
        return None if found is None else dict(_copy(found))

    async def list(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        labels: dict[str, Any] | None = None,
        fields: dict[str, Any] | None = None,
    ) -> tuple[list[Object], str]:
        uid = (fields or {}).get("involvedObject.uid")
        self._answer("list", kind, str(uid))
        found = [item for (of, _), item in self.objects.items() if of == kind]
        return [_copy(i) for i in found if uid is None or i["involvedObject"]["uid"] == uid], str(self.version)

    async def create(self, manifest: Object) -> Object:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        self._answer("create", kind, name)
        if (kind, name) in self.objects:
            raise KubeError("it exists already", 409)
        return self.put(_copy(manifest))

    async def apply(self, manifest: Object) -> Object:
        self._answer("apply", manifest["kind"], manifest["metadata"]["name"])
        return self.put(_copy(manifest))

    async def merge(self, kind: str, name: str, namespace: str, patch: Object, *, status: bool = False) -> Object:
        self._answer("status" if status else "merge", kind, name)
        if (kind, name) not in self.objects:
            raise KubeError("not found", 404)
        merged = _merge(self.objects[kind, name], patch)
        return self.put(merged)

    async def delete(self, kind: str, name: str, namespace: str) -> None:
        self._answer("delete", kind, name)
        self.objects.pop((kind, name), None)


def _copy(item: Any) -> Any:
    return json.loads(json.dumps(item))


def _merge(item: Any, patch: Any) -> Any:
    """RFC 7396."""
    if not isinstance(patch, dict):
        return _copy(patch)
    merged = dict(item) if isinstance(item, dict) else {}
    for key, value in patch.items():
        merged.pop(key, None) if value is None else merged.__setitem__(key, _merge(merged.get(key), value))
    return merged


class Operator:
    """The reconciler of one service, with watches that are never late but for the kinds in `late`."""

    def __init__(self, server: Server, **spec: Any) -> None:
        self.server, self.seconds = server, 0.0
        self.late: frozenset[str] = frozenset()
        meta = {"name": "orders", "generation": 1, "finalizers": [names.FINALIZER], "creationTimestamp": stamp(0)}
        server.put(
            {"kind": "DataService", "metadata": meta, "spec": {"engine": "mongodb", "expose": {"type": "ClusterIP"}, **spec}}
        )
        self.restart()

    def restart(self) -> None:
        """A new process: what was only remembered is forgotten."""
        self.stores = {kind: Store() for kind in KINDS}
        self.stores["StorageClass"].listed([storage_class("standard", default=True)], "1")
        self.reconciler = Reconciler(self.server, self.stores, load(), "moorage:dev", self.now)

    def now(self) -> datetime:
        return at(self.seconds)

    async def look(self, seconds: float | None = None) -> Pass:
        """One pass, at that time."""
        self.seconds = self.seconds if seconds is None else seconds
        self.hear()
        return await self.reconciler.reconcile(("shop", "orders"))

    def hear(self) -> None:
        """What the watches tell."""
        for kind, store in self.stores.items():
            if kind != "StorageClass" and kind not in self.late:
                store.listed([_copy(i) for (of, _), i in self.server.objects.items() if of == kind], str(self.server.version))

    async def settle(self) -> Pass:
        """Passes until none wants another one at once."""
        for _ in range(50):
            done = await self.look()
            if done.again_seconds != 0:
                return done
        raise AssertionError("it never rests")

    @property
    def service(self) -> Object:
        return self.server.objects["DataService", "orders"]

    @property
    def status(self) -> Object:
        found: Object = self.service.get("status") or {}
        return found

    def stalled(self) -> str:
        """The message of `Stalled`; empty when it is false."""
        conditions = self.status.get("conditions") or []
        return next((c["message"] for c in conditions if c["type"] == "Stalled" and c["status"] == "True"), "")
