"""The fake API server: objects and their versions, conflicts, finalizers, and a history that watches follow."""

import asyncio
import base64
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moorage.kube.client import KubeError, Object
from moorage.kube.reflector import Key, key_of
from tests.sim.patches import applied, merged

WITH_STATUS = {
    "DataService",
    "Pod",
    "PersistentVolumeClaim",
    "Service",
    "StatefulSet",
    "Node",
    "BackupStore",
    "DataBackup",
    "DataRestore",
}
"""Kinds whose status is written apart from the rest."""


@dataclass(frozen=True)
class Change:
    """One entry of the history that watches follow."""

    version: int
    at_seconds: float
    operation: str
    item: Object


@dataclass(frozen=True)
class Write:
    """What was asked of the server and what it did; `after` None: the object is gone. `changed` false: it was so already."""

    who: str
    verb: str
    kind: str
    key: Key
    before: Object | None
    after: Object | None
    asked: Object | None = None

    @property
    def changed(self) -> bool:
        return self.before is not self.after

    def __str__(self) -> str:
        return f"{self.verb} {self.kind}/{self.key[1]}" + ("" if self.changed else " (changes nothing)")


class ApiServer:
    """What is stored is never changed in place, so whoever read an object may keep it."""

    def __init__(self, seconds: Callable[[], float], now: Callable[[], str]) -> None:
        self.seconds, self.now = seconds, now
        self.version = 1
        self.oldest = 0
        """A watch from before this version is told that it is too old (410)."""
        self.is_gone = False
        """Nobody gets an answer."""
        self.has_local_disks = False
        """Volumes are tied to the node that they were made on."""
        self.histories: dict[str, list[Change]] = defaultdict(list)
        self.on_write: list[Callable[[Write], None]] = []
        self._items: dict[str, dict[Key, Object]] = defaultdict(dict)
        self._applied: dict[tuple[str, Key], Object] = {}
        self._waiting: dict[str, list[asyncio.Future[None]]] = defaultdict(list)

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        return self._items[kind].get((namespace or "", name))

    def list(self, kind: str) -> list[Object]:
        return list(self._items[kind].values())

    def create(self, who: str, manifest: Object) -> Object:
        kind, key = manifest["kind"], key_of(manifest)
        if key in self._items[kind]:
            raise KubeError(f'{kind} "{key[1]}" already exists', 409)
        meta = {"creationTimestamp": self.now(), "uid": f"{kind}-{key[1]}-{self.version}", "generation": 1}
        item = {**_encoded(manifest), "metadata": {**manifest["metadata"], **meta}}
        return self._put(Write(who, "create", kind, key, None, item, manifest), "ADDED")

    def apply(self, who: str, manifest: Object) -> Object:
        """Server-side apply by one field manager: what it no longer names goes away."""
        kind, key, manifest = manifest["kind"], key_of(manifest), _encoded(manifest)
        found, before = self._items[kind].get(key), self._applied.get((kind, key), {})
        if found is None:
            made = self.create(who, manifest)
            self._applied[kind, key] = manifest
            return made
        item = applied(found, before, manifest)
        if kind == "StatefulSet" and item["spec"]["volumeClaimTemplates"] != found["spec"]["volumeClaimTemplates"]:
            raise KubeError(f"StatefulSet {key[1]}: spec.volumeClaimTemplates: Forbidden: updates are not allowed", 422)
        self._applied[kind, key] = manifest
        return self._update(Write(who, "apply", kind, key, found, item, manifest))

    def replace(self, who: str, manifest: Object) -> Object:
        """Compare-and-swap."""
        kind, key = manifest["kind"], key_of(manifest)
        found = self._found(kind, key)
        if manifest["metadata"].get("resourceVersion") != found["metadata"]["resourceVersion"]:
            raise KubeError(f'{kind} "{key[1]}": the object has been modified', 409)
        return self._update(Write(who, "replace", kind, key, found, manifest, manifest))

    def merge(self, who: str, kind: str, name: str, namespace: str, patch: Object, *, status: bool = False) -> Object:
        key = (namespace or "", name)
        found = self._found(kind, key)
        wanted = (patch.get("metadata") or {}).get("resourceVersion")
        if wanted not in (None, found["metadata"]["resourceVersion"]):
            raise KubeError(f'{kind} "{name}": the object has been modified', 409)
        if (patch.get("metadata") or {}).get("uid") not in (None, found["metadata"]["uid"]):
            raise KubeError(f'{kind} "{name}": Precondition failed: UID', 409)
        if kind in WITH_STATUS:
            patch = {k: v for k, v in patch.items() if (k == "status") is status}
        item = merged(found, patch)
        return self._update(Write(who, "merge status" if status else "merge", kind, key, found, item, patch))

    def delete(self, who: str, kind: str, name: str, namespace: str | None = None) -> None:
        """A Pod on a node, and what has finalizers, is only marked; somebody else takes it away."""
        key = (namespace or "", name)
        found = self._found(kind, key)
        is_placed = kind == "Pod" and bool(found["spec"].get("nodeName"))
        if not is_placed and not found["metadata"].get("finalizers"):
            self.remove(who, found)
        elif found["metadata"].get("deletionTimestamp") is None:
            self._put(
                Write(who, "delete", kind, key, found, merged(found, {"metadata": {"deletionTimestamp": self.now()}})),
                "MODIFIED",
            )

    def remove(self, who: str, item: Object) -> None:
        """Takes an object away for good."""
        kind, key = item["kind"], key_of(item)
        before = self._items[kind].pop(key)
        self._applied.pop((kind, key), None)
        self._record(kind, "DELETED", before)
        self._tell(Write(who, "delete", kind, key, before, None))

    def compact(self) -> None:
        """Watches that are behind cannot go on: they are answered with 410."""
        self.oldest = self.version

    def position(self, kind: str, version: int) -> int:
        """Where in the history of a kind a watch from `version` goes on."""
        if version < self.oldest:
            raise KubeError("too old resource version", 410)
        return bisect_right(self.histories[kind], version, key=lambda change: change.version)

    def why_edited(self) -> str | None:
        """The first object that is not as it was applied last, or None."""
        for (kind, key), manifest in self._applied.items():
            if kind == "StatefulSet" and not self._items[kind][key]["spec"]["replicas"]:
                continue  # put aside with its generation
            if applied(self._items[kind][key], manifest, manifest) != self._items[kind][key]:
                return f"{kind}/{key[1]} is not as it was applied"
        return None

    async def changed(self, kind: str) -> None:
        """Returns after the next change of this kind, or when somebody pokes."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting[kind].append(waiting)
        await waiting

    def poke(self, kind: str) -> None:
        for waiting in self._waiting.pop(kind, ()):
            if not waiting.done():
                waiting.set_result(None)

    def _found(self, kind: str, key: Key) -> Object:
        found = self._items[kind].get(key)
        if found is None:
            raise KubeError(f'{kind} "{key[1]}" not found', 404)
        return found

    def _update(self, write: Write) -> Object:
        before, after = write.before, write.after
        assert before is not None
        assert after is not None
        if after == before:
            self._tell(Write(write.who, write.verb, write.kind, write.key, before, before, write.asked))
            return before
        meta: dict[str, Any] = after["metadata"]
        if after.get("spec") != before.get("spec"):
            after = {**after, "metadata": {**meta, "generation": int(before["metadata"].get("generation", 0)) + 1}}
        if meta.get("deletionTimestamp") and not meta.get("finalizers") and write.kind != "Pod":
            self.remove(write.who, before)
            return after
        return self._put(Write(write.who, write.verb, write.kind, write.key, before, after, write.asked), "MODIFIED")

    def _put(self, write: Write, operation: str) -> Object:
        assert write.after is not None
        item = {**write.after, "metadata": {**write.after["metadata"], "resourceVersion": str(self.version + 1)}}
        self._items[write.kind][write.key] = item
        self._record(write.kind, operation, item)
        self._tell(Write(write.who, write.verb, write.kind, write.key, write.before, item, write.asked))
        return item

    def _record(self, kind: str, operation: str, item: Object) -> None:
        self.version += 1
        told = {**item, "metadata": {**item["metadata"], "resourceVersion": str(self.version)}}
        self.histories[kind].append(Change(self.version, self.seconds(), operation, told))
        self.poke(kind)

    def _tell(self, write: Write) -> None:
        for listener in self.on_write:
            listener(write)


def _encoded(manifest: Object) -> Object:
    """A Secret's `stringData` becomes `data`, as the real server does it."""
    if "stringData" not in manifest:
        return manifest
    data = {k: base64.b64encode(v.encode()).decode() for k, v in manifest["stringData"].items()}
    return {**{k: v for k, v in manifest.items() if k != "stringData"}, "data": data}
