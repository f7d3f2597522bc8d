"""Keeps records as Secrets and a current copy of them, so that what one replica revokes is over at all of them."""

from typing import TypeVar

from moorage.kube.client import Kube
from moorage.kube.reflector import Key, Store
from moorage.kube.watch import reflect
from moorage.server.model import Given
from moorage.server.people.records import LABEL_RECORD, Kind, manifest, read

_R = TypeVar("_R", bound=Given)


class Keeper:
    """Records of the console's namespace, read and written as the console itself."""

    def __init__(self, kube: Kube, namespace: str) -> None:
        self._kube, self.namespace = kube, namespace
        self._stores = {kind: Store() for kind in Kind}

    async def keep(self, kind: Kind) -> None:
        """Until cancelled."""

        def changed(keys: set[Key]) -> None:
            del keys

        await reflect(
            self._kube, "Secret", self._stores[kind], changed, namespace=self.namespace, labels={LABEL_RECORD: str(kind)}
        )

    @property
    def is_ready(self) -> bool:
        return all(store.version or store.all() for store in self._stores.values())

    def known(self, kind: Kind, name: str, model: type[_R]) -> _R | None:
        """Of the copy alone."""
        return read(model, self._stores[kind].get(self.namespace, name))

    def all(self, kind: Kind, model: type[_R]) -> list[_R]:
        return [found for secret in self._stores[kind].all() if (found := read(model, secret)) is not None]

    async def find(self, kind: Kind, name: str, model: type[_R]) -> _R | None:
        """Of the copy, else of the API server: another replica may have written it a moment ago."""
        known = self.known(kind, name, model)
        if known is not None:
            return known
        secret = await self._kube.get("Secret", name, self.namespace)
        labels = (secret or {}).get("metadata", {}).get("labels") or {}
        return read(model, secret) if labels.get(LABEL_RECORD) == str(kind) else None

    async def create(self, kind: Kind, name: str, record: Given) -> None:
        """Raises KubeError with `conflict` when there is one of this name."""
        self._stores[kind].wrote(await self._kube.create(manifest(self.namespace, name, kind, record)))

    async def replace(self, kind: Kind, name: str, record: Given) -> None:
        written = manifest(self.namespace, name, kind, record)
        patch = {"data": written["data"]}
        self._stores[kind].wrote(await self._kube.merge("Secret", name, self.namespace, patch))

    async def remove(self, kind: Kind, name: str) -> None:
        """It is gone, also from the copy, when this returns; raises KubeError when it is not."""
        await self._kube.delete("Secret", name, self.namespace)
        secret = self._stores[kind].get(self.namespace, name)
        if secret is not None:
            self._stores[kind].event("DELETED", secret)
