"""What waits to be sent, and what came of it; a ConfigMap each. Every method raises KubeError."""

import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from moorage.kube.client import Kube, KubeError
from moorage.monitoring.telling.message import Message
from moorage.server.telling.records import (
    LABEL,
    LABEL_CHANNEL,
    LABEL_SENT,
    LABEL_STATE,
    LABEL_VALUE,
    Delivery,
    Object,
    State,
    manifest,
    minute,
    read,
)

log = structlog.get_logger()
CLAIM_SECONDS = 60.0
"""Longer than any receiver is waited for."""
KEEP_DAYS = 14
NAME_PREFIX = "moorage-message-"


@dataclass(frozen=True)
class Kept:
    """A delivery, and the version that was read: who writes on another one is refused."""

    delivery: Delivery
    version: str


class Outbox:
    """Of all channels; shared by the replicas of the console."""

    def __init__(self, kube: Kube, namespace: str, identity: str) -> None:
        self._kube, self._namespace, self._identity = kube, namespace, identity

    async def add(self, channel: str, message: Message, now: datetime) -> Delivery:
        """When this returns, it is kept."""
        name = f"{NAME_PREFIX}{now:%Y%m%d%H%M%S}-{secrets.token_hex(6)}"
        delivery = Delivery(name=name, channel=channel, message=message, created=now, due=now)
        await self._kube.create(manifest(self._namespace, delivery))
        return delivery

    async def waiting(self) -> list[Kept]:
        """The oldest first."""
        return sorted(await self._all({LABEL_STATE: str(State.WAITING)}), key=lambda kept: kept.delivery.created)

    async def log(self, channel: str | None, at_most: int) -> list[Delivery]:
        """Of one channel, or of all, the newest first: what waits, too."""
        found = [kept.delivery for kept in await self._all({LABEL_CHANNEL: channel} if channel is not None else {})]
        return sorted(found, key=lambda delivery: delivery.created, reverse=True)[:at_most]

    async def latest(self) -> dict[str, Delivery]:
        """By channel its newest one."""
        found = sorted((kept.delivery for kept in await self._all({})), key=lambda delivery: delivery.created)
        return {delivery.channel: delivery for delivery in found}

    async def sent(self, now: datetime) -> dict[str, list[float]]:
        """By channel: when messages went there within the last minute, from any replica; in seconds since 1970."""
        moments: dict[str, set[float]] = defaultdict(set)
        for kept in await self._all({LABEL_SENT: [minute(now), minute(now - timedelta(minutes=1))]}):
            moments[kept.delivery.channel].add(kept.delivery.attempts[-1].time.timestamp())
        return {channel: sorted(found) for channel, found in moments.items()}

    async def claim(self, kept: Kept, now: datetime) -> Kept | None:
        """It is this replica's to send; None when another one has it."""
        if not kept.delivery.is_free(self._identity, now):
            return None
        until = now + timedelta(seconds=CLAIM_SECONDS)
        claimed = kept.delivery.model_copy(update={"claimed_by": self._identity, "claimed_until": until})
        try:
            return await self.keep(claimed, kept.version)
        except KubeError as error:
            if error.conflict or error.not_found:
                return None
            raise

    async def keep(self, delivery: Delivery, version: str) -> Kept:
        """Raises KubeError with `conflict` when somebody wrote it since."""
        made = manifest(self._namespace, delivery)
        metadata = {"labels": made["metadata"]["labels"], "resourceVersion": version}
        written = await self._kube.merge(
            "ConfigMap", delivery.name, self._namespace, {"metadata": metadata, "data": made["data"]}
        )
        return Kept(delivery, written["metadata"]["resourceVersion"])

    async def sweep(self, now: datetime) -> None:
        """Removes what is done and older than it is kept."""
        for kept in await self._all({}):
            if kept.delivery.state is not State.WAITING and kept.delivery.created < now - timedelta(days=KEEP_DAYS):
                await self._kube.delete("ConfigMap", kept.delivery.name, self._namespace)

    async def _all(self, labels: dict[str, str | list[str]]) -> list[Kept]:
        found, _ = await self._kube.list("ConfigMap", self._namespace, labels={LABEL: LABEL_VALUE, **labels})
        return list(_readable(found))


def _readable(config_maps: Iterable[Object]) -> Iterable[Kept]:
    for one in config_maps:
        delivery = read(one)
        if delivery is None:
            log.warning("message_not_readable", name=one["metadata"]["name"])
        else:
            yield Kept(delivery, one["metadata"]["resourceVersion"])
