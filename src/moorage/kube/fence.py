"""A client that writes only while something holds: a pass that began as the leader may go on after somebody else leads."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from moorage.kube.client import Kube, KubeError, Object


class Fence(Kube):
    """Reads go through, writes only while `is_open`. Asked before each of them: a call may hang for longer than a Lease lasts."""

    def __init__(self, kube: Kube, is_open: Callable[[], bool]) -> None:
        self._kube, self._is_open = kube, is_open

    async def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        return await self._kube.get(kind, name, namespace)

    async def list(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        labels: dict[str, Any] | None = None,
        fields: dict[str, Any] | None = None,
    ) -> tuple[list[Object], str]:
        return await self._kube.list(kind, namespace, labels=labels, fields=fields)

    def watch(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        version: str,
        labels: dict[str, Any] | None = None,
        fields: dict[str, Any] | None = None,
        server_timeout_seconds: int,
    ) -> AsyncIterator[tuple[str, Object]]:
        return self._kube.watch(
            kind, namespace, version=version, labels=labels, fields=fields, server_timeout_seconds=server_timeout_seconds
        )

    async def create(self, manifest: Object) -> Object:
        return await self._open().create(manifest)

    async def apply(self, manifest: Object) -> Object:
        return await self._open().apply(manifest)

    async def replace(self, manifest: Object) -> Object:
        return await self._open().replace(manifest)

    async def merge(self, kind: str, name: str, namespace: str, patch: Object, *, status: bool = False) -> Object:
        return await self._open().merge(kind, name, namespace, patch, status=status)

    async def delete(self, kind: str, name: str, namespace: str) -> None:
        await self._open().delete(kind, name, namespace)

    def _open(self) -> Kube:
        if not self._is_open():
            raise KubeError("this operator does not lead any more; the one that does goes on from here")
        return self._kube
