"""The Secret that channels are kept in, as the console itself reads and writes it: nobody needs a right on it."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from moorage.kube.client import Kube
from moorage.monitoring.telling.channel import Channel
from moorage.server.telling.channels import Channels, entry_of, is_named, name_of, read


@dataclass(frozen=True)
class KeptChannels:
    """What was read. `version`: of the whole Secret, empty when there is none."""

    found: Channels = field(default_factory=Channels)
    version: str = ""
    entries: frozenset[str] = frozenset()

    def entries_of(self, name: str) -> frozenset[str]:
        """Those that hold this channel, or the one that is called so."""
        return frozenset(entry for entry in self.entries if entry == name or (is_named(entry) and name_of(entry) == name))


class ChannelSecret:
    """Every method raises KubeError; those that write one with `conflict` when somebody wrote since `kept` was read."""

    def __init__(self, kube: Kube, namespace: str, name: str) -> None:
        self._kube, self._namespace, self._name = kube, namespace, name

    async def read(self) -> KeptChannels:
        found = await self._kube.get("Secret", self._name, self._namespace)
        if found is None:
            return KeptChannels()
        entries = {entry: _decoded(text) for entry, text in (found.get("data") or {}).items()}
        return KeptChannels(read(entries), found["metadata"]["resourceVersion"], frozenset(entries))

    async def keep(self, channel: Channel, kept: KeptChannels) -> str:
        """Instead of whatever was of its name; gives the new version."""
        entry, content = entry_of(channel)
        encoded = base64.b64encode(content.encode()).decode()
        return await self._write({**dict.fromkeys(kept.entries_of(channel.name)), entry: encoded}, kept)

    async def remove(self, name: str, kept: KeptChannels) -> None:
        """A channel, or an entry that is none."""
        await self._write(dict.fromkeys(kept.entries_of(name)), kept)

    async def _write(self, data: Mapping[str, str | None], kept: KeptChannels) -> str:
        """None: the entry goes."""
        meta = {"name": self._name, "namespace": self._namespace, "labels": {"app.kubernetes.io/managed-by": "moorage"}}
        if kept.version:
            patch = {"metadata": {"resourceVersion": kept.version}, "data": dict(data)}
            made = await self._kube.merge("Secret", self._name, self._namespace, patch)
        else:
            made = await self._kube.create(
                {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "data": dict(data)}
            )
        return str(made["metadata"]["resourceVersion"])


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
