"""What the console shows, kept current by watches: a page costs the API server nothing."""

import asyncio
import secrets
from collections.abc import Callable, Iterable

from moorage.core import names
from moorage.kube.client import Kube
from moorage.kube.reflector import Key, Object, Store
from moorage.kube.watch import reflect
from moorage.server.feed import Feed

OWNED = {names.LABEL_PART_OF: names.PART_OF}
KINDS: dict[str, dict[str, str] | None] = {
    "DataService": None,
    "DataBackup": None,
    "DataRestore": None,
    "BackupStore": None,
    "Namespace": None,
    "Node": None,
    "Pod": None,
    "PersistentVolumeClaim": OWNED,
}
"""Kind → labels that are watched. Pods are watched whole: what others take of a host is not free."""


class Cache:
    """One store per kind."""

    def __init__(self, feed: Feed | None = None) -> None:
        self.stores = {kind: Store() for kind in KINDS}
        self.feed = feed or Feed(secrets.token_hex(4))
        self._of_instance: dict[tuple[str, str], set[Key]] = {}
        """(namespace, service) → its Pods: a page of one service must not look at every Pod of the cluster."""
        self._instance_of: dict[Key, tuple[str, str]] = {}

    async def keep(self, kube: Kube) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for kind, labels in KINDS.items():
                tasks.create_task(reflect(kube, kind, self.stores[kind], self.changed(kind), labels=labels))

    def changed(self, kind: str) -> Callable[[set[Key]], None]:
        def tell(keys: set[Key]) -> None:
            if kind == "Pod":
                self._index(keys)
            self.feed.add(kind, keys)

        return tell

    @property
    def is_ready(self) -> bool:
        """Whether every kind was listed at least once."""
        return all(store.version or store.all() for store in self.stores.values())

    @property
    def why_stale(self) -> str:
        """Why what is shown may be old; empty when it is current."""
        refused = next((f"{kind}: {store.refused}" for kind, store in self.stores.items() if store.refused), "")
        if refused:
            return f"the console may not watch {refused}"
        lost = [kind for kind, store in self.stores.items() if not store.version]
        return f"{', '.join(lost)} cannot be watched now" if lost else ""

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        return self.stores[kind].get(namespace, name)

    def all(self, kind: str, namespace: str | None = None) -> Iterable[Object]:
        found = self.stores[kind].all()
        return found if namespace is None else (o for o in found if o["metadata"].get("namespace") == namespace)

    def pods_of(self, namespace: str, service: str) -> list[Object]:
        keys = self._of_instance.get((namespace, service), ())
        return [pod for key in keys if (pod := self.stores["Pod"].get(*key)) is not None]

    def wrote(self, obj: Object) -> None:
        """The answer to a person's own write, so that their next look shows it."""
        self.stores[obj["kind"]].wrote(obj)
        meta = obj["metadata"]
        self.feed.add(obj["kind"], {(meta.get("namespace") or "", meta["name"])})

    def _index(self, keys: set[Key]) -> None:
        for key in keys:
            pod = self.stores["Pod"].get(*key)
            labels = {} if pod is None else pod["metadata"].get("labels") or {}
            is_ours = labels.get(names.LABEL_PART_OF) == names.PART_OF and names.LABEL_INSTANCE in labels
            now = (key[0], labels[names.LABEL_INSTANCE]) if is_ours else None
            before = self._instance_of.pop(key, None)
            if before is not None and before != now:
                self._of_instance[before].discard(key)
                if not self._of_instance[before]:
                    del self._of_instance[before]
            if now is not None:
                self._instance_of[key] = now
                self._of_instance.setdefault(now, set()).add(key)
