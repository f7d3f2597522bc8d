"""Asks the API server for the events of single objects, and for volumes: only of what is stuck.

Events are asked for no more often than an answer may be old.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import structlog

from moorage.kube.client import Kube, KubeError
from moorage.operator.look import ASK_SECONDS_MAX
from moorage.operator.told import Told, read

log = structlog.get_logger()


class Asker:
    """Keeps each answer until it is too old for everybody."""

    def __init__(self, kube: Kube, clock: Callable[[], datetime]) -> None:
        self._kube, self._clock = kube, clock
        self._answers: dict[str, tuple[datetime, tuple[Told, ...]]] = {}

    async def told(self, namespace: str, asks: Mapping[str, float]) -> dict[str, tuple[Told, ...]]:
        """Uid → its events. Without an answer a service is explained less well, and that is all."""
        now = self._clock()
        self._answers = {uid: kept for uid, kept in self._answers.items() if (now - kept[0]).total_seconds() < ASK_SECONDS_MAX}
        for uid, seconds_max in asks.items():
            kept = self._answers.get(uid)
            if kept is None or (now - kept[0]).total_seconds() >= seconds_max:
                self._answers[uid] = (now, await self._ask(namespace, uid))
        return {uid: self._answers[uid][1] for uid in asks}

    async def volumes(self, names: Iterable[str]) -> dict[str, dict[str, Any]]:
        """PersistentVolumes by name. One that is not told, or does not exist, is not there."""
        found = {}
        for name in sorted(names):
            try:
                volume = await self._kube.get("PersistentVolume", name)
            except KubeError as error:
                log.warning("volume_not_told", volume=name, error=str(error))
                continue
            if volume is not None:
                found[name] = volume
        return found

    async def _ask(self, namespace: str, uid: str) -> tuple[Told, ...]:
        try:
            events, _ = await self._kube.list("Event", namespace, fields={"involvedObject.uid": uid})
        except KubeError as error:
            log.warning("events_not_told", namespace=namespace, uid=uid, error=str(error))
            return ()
        return read(events)
