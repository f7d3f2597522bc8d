"""Who changed what, from where, and what came of it: kept in ConfigMaps of the console's namespace, one or more a day."""

import asyncio
import json
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import Field, ValidationError

from moorage.kube.client import Kube, KubeError
from moorage.server.model import Given

log = structlog.get_logger()
Object = dict[str, Any]

LABEL = "moorage.dev/console"
LABEL_VALUE = "audit"
ENTRIES_MAX = 1_500
"""Of one ConfigMap, which may have 1 MiB."""
KEEP_DAYS = 90


class Entry(Given):
    """One change, or one that was refused."""

    time: str
    who: str
    """As Kubernetes sees them, such as moorage:li; empty for somebody who did not get in."""
    way: str = ""
    """password, oidc or token."""
    action: str
    """Name of the operation, such as promoteMember."""
    space: str = ""
    object: str = ""
    """Kind and name, such as service/orders."""
    made: str = ""
    """The same of what it made, or was to make, such as backup/orders-1: a body or the console names it, and no path."""
    address: str = ""
    status: int
    """Of the answer, or of the refusal that a browser was sent on with: below 400 it was done."""
    code: str = ""
    """Why not."""
    params: dict[str, str] = Field(default={})
    """What else says what was asked for; never a secret."""


class Audit:
    """Appends and reads."""

    def __init__(self, kube: Kube, namespace: str, identity: str, clock: Callable[[], datetime]) -> None:
        self._kube, self._namespace, self._identity, self._clock = kube, namespace, identity, clock
        self._day, self._part, self._count = "", 0, 0
        self._boot = secrets.token_hex(2)
        self._turn = asyncio.Lock()

    async def add(self, entry: Entry) -> None:
        """Never raises: the change was made. What could not be kept stands in the log all the same."""
        log.info("audit", **entry.model_dump(exclude_defaults=True))
        key = f"{self._clock():%H%M%S.%f}-{secrets.token_hex(2)}"
        data = {key: entry.model_dump_json(by_alias=True, exclude_defaults=True)}
        try:
            async with self._turn:
                await self._append(data)
        except KubeError as error:
            log.warning("audit_not_kept", error=str(error))

    async def read(self) -> list[Entry]:
        """All that is kept, newest first."""
        maps, _ = await self._kube.list("ConfigMap", self._namespace, labels={LABEL: LABEL_VALUE})
        found: list[Entry] = []
        for one in sorted(maps, key=lambda m: str(m["metadata"]["labels"].get("moorage.dev/day", "")), reverse=True):
            found += reversed(list(entries_of(one)))
        return sorted(found, key=lambda e: e.time, reverse=True)

    async def sweep(self) -> None:
        """Removes what is older than it is kept."""
        oldest = f"{self._clock() - timedelta(days=KEEP_DAYS):%Y%m%d}"
        maps, _ = await self._kube.list("ConfigMap", self._namespace, labels={LABEL: LABEL_VALUE})
        for one in maps:
            if one["metadata"]["labels"].get("moorage.dev/day", oldest) < oldest:
                await self._kube.delete("ConfigMap", one["metadata"]["name"], self._namespace)

    async def _append(self, data: dict[str, str]) -> None:
        day = f"{self._clock():%Y%m%d}"
        if day != self._day or self._count >= ENTRIES_MAX:
            part = self._part + 1 if day == self._day else 0
            await self._kube.create(self._manifest(day, part, data))
            self._day, self._part, self._count = day, part, 0
        else:
            await self._kube.merge("ConfigMap", self._name(day, self._part), self._namespace, {"data": data})
        self._count += 1

    def _name(self, day: str, part: int) -> str:
        return f"moorage-audit-{day}-{self._identity}-{self._boot}-{part}"

    def _manifest(self, day: str, part: int, data: dict[str, str]) -> Object:
        labels = {LABEL: LABEL_VALUE, "moorage.dev/day": day, "app.kubernetes.io/managed-by": "moorage"}
        return {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self._name(day, part), "namespace": self._namespace, "labels": labels},
            "data": data,
        }


def entries_of(config_map: Object) -> Iterable[Entry]:
    """What can be read of it: somebody may have written into it."""
    for text in (config_map.get("data") or {}).values():
        try:
            yield Entry.model_validate(json.loads(text))
        except (ValueError, ValidationError):
            continue
