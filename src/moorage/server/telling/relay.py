"""From Alertmanager to people: each notice is kept first, then sent to every channel until the receiver says yes."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from moorage.core.alerts import Alert
from moorage.kube.client import KubeError
from moorage.monitoring.telling import notice
from moorage.monitoring.telling.channel import Channel, Kind, Outcome, Verdict
from moorage.monitoring.telling.chosen import chosen
from moorage.monitoring.telling.message import Places, Teller
from moorage.monitoring.telling.pace import GIVEN_UP_SECONDS, again_seconds, turn
from moorage.server.telling.outbox import Kept, Outbox
from moorage.server.telling.records import Attempt, Delivery, State
from moorage.server.telling.sender import Sender
from moorage.server.telling.tally import Tally

log = structlog.get_logger()
LOOK_SECONDS = 5.0
"""How often what another replica left behind is looked for."""


class Relay:
    """`clock`: the time of day, with a zone."""

    def __init__(
        self,
        outbox: Outbox,
        channels: Mapping[str, Channel],
        sender: Sender,
        alerts: Mapping[str, Alert],
        places: Places,
        clock: Callable[[], datetime],
    ) -> None:
        self._outbox, self.channels, self._sender, self._clock = outbox, channels, sender, clock
        self.unusable: Mapping[str, str] = {}
        self._alerts, self._places = alerts, places
        self._failures: dict[str, int] = defaultdict(int)
        self._deaf_until: dict[str, datetime] = {}
        self._wake = asyncio.Event()
        self.tally = Tally()

    async def accept(self, payload: Any, names: Sequence[str]) -> list[Delivery]:
        """What Alertmanager sent, for those of these channels that want it. When it returns, it is kept. Raises UnreadableError,
        KeyError for a channel that there is not, and KubeError: then Alertmanager has to send it again."""
        told = notice.read(payload)
        channels = [self.channels[name] for name in names]
        now = self._clock()
        parts = [(channel, told.told_to(channel.name, self.channels.keys())) for channel in channels]
        wanted = [(channel, part) for channel, its in parts if its is not None and (part := chosen(channel, its)) is not None]
        kept = [await self._outbox.add(channel.name, self.teller(channel).message(part), now) for channel, part in wanted]
        self._wake.set()
        return kept

    async def test(self, channel: Channel) -> Verdict:
        """Sends a test message at once; it is not kept. The channel need not be one of those that are told."""
        return await self._sender.send(channel, self.teller(channel).test())

    def teller(self, channel: Channel) -> Teller:
        return Teller(channel.language, ZoneInfo(channel.zone), self._places, self._alerts)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            seconds = LOOK_SECONDS
            try:
                seconds = min(LOOK_SECONDS, await self.turn())
            except KubeError as error:
                log.warning("messages_not_read", error=str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), seconds)

    async def turn(self) -> float:
        """Sends to each channel what may go now. Returns in how many seconds there is something to do. Raises KubeError."""
        waiting: dict[str, list[Kept]] = defaultdict(list)
        for kept in await self._outbox.waiting():
            waiting[kept.delivery.channel].append(kept)
        self.tally.waits({name: [k.delivery.created for k in kept] for name, kept in waiting.items()}, self._kinds())
        if not waiting:
            return LOOK_SECONDS
        sent = await self._outbox.sent(self._clock())
        served = [self._serve(name, kept, sent.get(name, [])) for name, kept in waiting.items() if name in self.channels]
        return min(await asyncio.gather(*served), default=LOOK_SECONDS)

    async def _serve(self, name: str, waiting: list[Kept], sent: Sequence[float]) -> float:
        now, channel = self._clock(), self.channels[name]
        deaf = (self._deaf_until.get(name, now) - now).total_seconds()
        if deaf > 0:
            return deaf
        due = sorted((k for k in waiting if k.delivery.due <= now), key=lambda k: (k.delivery.tries, k.delivery.created))
        if not due:
            return (min(k.delivery.due for k in waiting) - now).total_seconds()
        may = turn(channel.kind, sent, len(due), now.timestamp())
        if may.count == 0:
            return may.wait_seconds
        claimed = [mine for kept in due[: may.count] if (mine := await self._outbox.claim(kept, now)) is not None]
        if claimed:
            await self._send(channel, claimed)
        return 0.0 if claimed and (len(due) > len(claimed) or name in self._deaf_until) else LOOK_SECONDS

    async def _send(self, channel: Channel, claimed: Sequence[Kept]) -> None:
        message = self.teller(channel).merged([kept.delivery.message for kept in sorted(claimed, key=_age)])
        verdict = await self._sender.send(channel, message)
        now = self._clock()
        self._heed(channel.name, verdict, now)
        attempt = Attempt(time=now, outcome=verdict.outcome, answer=verdict.answer)
        for kept in claimed:
            state = _state(kept.delivery, verdict, now)
            self.tally.answered(channel.kind, state)
            due = max(now, self._deaf_until.get(channel.name, now))
            answered = kept.delivery.answered(attempt, state, due, len(claimed) - 1)
            log.info("message_sent", channel=channel.name, place=channel.place, state=str(state), answer=verdict.answer)
            with suppress(KubeError):  # it stays claimed for a minute, and is sent once more: rather twice than never
                await self._outbox.keep(answered, kept.version)

    def _kinds(self) -> dict[str, Kind]:
        return {name: channel.kind for name, channel in self.channels.items()}

    def _heed(self, name: str, verdict: Verdict, now: datetime) -> None:
        """After a failure the whole channel is left alone for a while."""
        if verdict.outcome is not Outcome.AGAIN:
            self._failures[name] = 0
            self._deaf_until.pop(name, None)
            return
        self._failures[name] += 1
        self._deaf_until[name] = now + timedelta(seconds=again_seconds(self._failures[name], verdict.wait_seconds))


def _age(kept: Kept) -> datetime:
    return kept.delivery.created


def _state(delivery: Delivery, verdict: Verdict, now: datetime) -> State:
    match verdict.outcome:
        case Outcome.DELIVERED:
            return State.DELIVERED
        case Outcome.REFUSED:
            return State.REFUSED
        case Outcome.AGAIN:
            is_old = (now - delivery.created).total_seconds() >= GIVEN_UP_SECONDS
            return State.GIVEN_UP if is_old else State.WAITING
