"""What this member has to do with the address: claims it while primary, and knows from its watch whom it leads to."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog

from moorage.agent.endpoint import Address, has_heir, holder_of, is_vacant, term_of
from moorage.agent.settings import Settings
from moorage.agent.supervise import Service, seen
from moorage.core import names
from moorage.core.report import MemberReport, Role
from moorage.engines.member import EngineError
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key, Store
from moorage.kube.watch import reflect

log = structlog.get_logger()

CLAIM_RETRY_SECONDS = 0.25
ROUTE_SECONDS_MAX, ROUTE_PACE_SECONDS = 2.0, 0.02
FIRST_LOOK_SECONDS_MAX = 5.0
"""Less than the agent's loop may stand still. An engine starts without an answer as well."""
GIVEN_UP_MARK = Path("/tmp/moorage-given-up")  # noqa: S108 - a private emptyDir: it outlives the agent and goes with the Pod
"""Exists while this member is given up: an agent that comes back without the API server knows it, too."""
ANSWER_SECONDS_MAX = 2.0
"""An API server that says nothing for this long is one that does not answer."""


class Holding:
    """`report`: the member's newest; `prepare`: makes what has to be there before clients come; `is_reached_here`: whether a
    connection that is made now to the address ends at this member; `is_forwarded`: the agent answers at the engine's port, and
    nobody hangs on an engine that is no primary; `wake`: `is_behind_address`, `is_given_up` or `service` changed."""

    def __init__(
        self,
        kube: Kube,
        settings: Settings,
        *,
        report: Callable[[], MemberReport],
        prepare: Callable[[], Awaitable[None]],
        is_reached_here: Callable[[], Awaitable[bool]],
        is_forwarded: Callable[[], bool],
        wake: Callable[[], None],
    ) -> None:
        self._kube, self._settings, self._address = kube, settings, Address(kube, settings)
        self._report, self._prepare, self._wake = report, prepare, wake
        self._is_reached_here, self._is_forwarded = is_reached_here, is_forwarded
        self._slice = Store()
        self._turn, self._moved = asyncio.Event(), asyncio.Event()
        self._held, self._claimed_term = False, -1
        self.was_told = self._is_believed = self._was_answered = False
        """Whether the API server ever told whom the address leads to, since this agent was started."""
        self._seen_first: dict[str, Any] | None = None
        """The address before the first start."""
        self.is_behind_address = False
        """Clients may be connected through the address: this member held it and another one holds it now."""
        self.is_given_up = False
        """Another member was kept alone, and what this one holds is put aside before it starts."""
        self.service = Service()

    def turn(self) -> None:
        """The report changed."""
        self._turn.set()

    def engine_starts(self) -> None:
        """Nobody is connected to it yet."""
        self._held, self.is_behind_address = self.leads_here(), False

    def clients_are_cut(self) -> None:
        """Nobody is connected to it any more through the address."""
        self.is_behind_address = False

    @property
    def is_told(self) -> bool:
        """Whether the API server tells of every change; else this is what was known when it last did."""
        return bool(self._slice.version)

    @property
    def must_not_run(self) -> bool:
        """Another generation serves, or the member was given up."""
        return self.service.is_retired or self.is_given_up

    @property
    def host(self) -> str:
        """The address's name."""
        return names.address_host(self._settings.service, self._settings.namespace)

    def leads_here(self) -> bool:
        if not self.was_told:
            return self._is_believed
        found = self._found()
        return found is not None and holder_of(found) == self._settings.pod_name

    def believe(self, *, leads_here: bool) -> None:
        """What a connection to the address found: all that can be known while the API server is away from the start."""
        self._is_believed = leads_here

    def term(self) -> int:
        """The term in which the address was claimed last."""
        found = self._found()
        return 0 if found is None else term_of(found)

    def _found(self) -> dict[str, Any] | None:
        return self._slice.get(self._settings.namespace, self._settings.service)

    async def is_answered(self) -> bool:
        """Whether the API server answers now when it is asked for the address. A refusal is an answer."""
        me = self._settings
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                await self._kube.get("EndpointSlice", me.service, me.namespace)
        except KubeError as error:
            return 0 < error.code < 500
        except TimeoutError:
            return False
        return True

    async def look_before_first_start(self) -> None:
        """Whether this member was given up. While the API server does not answer, what this Pod's agent knew last holds."""
        me = self._settings
        try:
            async with asyncio.timeout(FIRST_LOOK_SECONDS_MAX):
                found = await self._kube.get("EndpointSlice", me.service, me.namespace)
        except (KubeError, TimeoutError) as error:
            self.is_given_up = self._was_given_up()
            said = str(error) or f"no answer in {FIRST_LOOK_SECONDS_MAX} s"
            log.warning("not_known_whether_given_up", taken_for_it=self.is_given_up, error=said)
        else:
            self._seen_first, self._was_answered = found, True
            self._look_whether_given_up(found)

    @property
    def is_in_use(self) -> bool | None:
        """Whether a member of this generation is or was behind the address, as far as it tells: one that somebody deleted is made
        anew with a mark. None: nobody tells, or there is no address."""
        found = self._found() if self.was_told else self._seen_first
        if found is None:
            return None
        marks = found["metadata"].get("annotations") or {}
        holds_data = bool(holder_of(found)) or names.ANNOTATION_HOLDS_DATA in marks
        return holds_data and names.generation_of(marks) == self._settings.generation

    @property
    def is_missing(self) -> bool:
        """Whether the API server told that there is no address."""
        return self._found() is None if self.was_told else self._was_answered and self._seen_first is None

    async def until_leads_elsewhere(self, seconds: float) -> None:
        """Or until the time is over."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self.leads_here():
                    self._moved.clear()
                    await self._moved.wait()

    async def watch(self) -> None:
        me = self._settings
        await reflect(
            self._kube, "EndpointSlice", self._slice, self._changed, namespace=me.namespace, fields={"metadata.name": me.service}
        )

    async def run(self) -> None:
        while True:
            await self._turn.wait()
            self._turn.clear()
            try:
                await self._settle()
            except (KubeError, EngineError) as error:
                log.warning("address_waits", error=str(error))
                await asyncio.sleep(CLAIM_RETRY_SECONDS)
                self._turn.set()

    async def _settle(self) -> None:
        """While primary: users exist, then the claim. After losing it: once there is an heir, the clients are to be cut."""
        report = self._report()
        if report.role is Role.PRIMARY:
            if self._claimed_term == report.term:
                return
            await self._prepare()
            if await self._address.claim(report.term):
                self._held = True
            self._claimed_term = report.term
        elif self._held and self._is_succeeded() and not self._is_forwarded():
            await self._until_routes_follow()
            if self._is_succeeded():
                self._held, self.is_behind_address = False, True
                self._wake()

    def _is_succeeded(self) -> bool:
        return self._report().role in (Role.SECONDARY, Role.REMOVED) and self._has_heir()

    async def _until_routes_follow(self) -> None:
        """Nodes follow the slice a moment later. A client that is cut before comes back here, and then waits half a second."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ROUTE_SECONDS_MAX):
                while True:
                    if not await self._is_reached_here():
                        return
                    await asyncio.sleep(ROUTE_PACE_SECONDS)

    def _has_heir(self) -> bool:
        return has_heir(self._found(), pod=self._settings.pod_name, term=self._claimed_term)

    def _changed(self, _keys: set[Key]) -> None:
        """What the address tells: it was deleted and comes back empty, or it led here before this agent was started anew."""
        found, self.was_told = self._found(), True
        if is_vacant(found):
            self._claimed_term = -1
        elif self.leads_here():
            self._held = True
        self._look_who_serves(found)
        self._look_whether_given_up(found)
        self._moved.set()
        self._turn.set()

    def _look_who_serves(self, found: dict[str, Any] | None) -> None:
        """A claim that lost only because another generation served is to be made again when its own does."""
        me, before = self._settings, self.service
        serves = names.generation_of(found["metadata"].get("annotations") or {}) if found is not None else None
        self.service = seen(before, own=me.generation, serves=serves)
        if serves == me.generation and (not before.has_served or before.is_retired):
            self._claimed_term = -1
        if self.service != before:
            self._wake()

    def _look_whether_given_up(self, found: dict[str, Any] | None) -> None:
        """An address that was deleted tells nothing."""
        before = self.is_given_up
        if found is not None:
            self.is_given_up = self._settings.pod_name in names.excluded_in(found["metadata"].get("annotations") or {})
        if before and not self.is_given_up:
            self._claimed_term = -1
        if self.is_given_up != before:
            self._remember_given_up()
            self._wake()

    @staticmethod
    def _was_given_up() -> bool:
        return GIVEN_UP_MARK.exists()

    def _remember_given_up(self) -> None:
        try:
            GIVEN_UP_MARK.touch() if self.is_given_up else GIVEN_UP_MARK.unlink(missing_ok=True)
        except OSError as error:
            log.warning("given_up_not_noted", error=str(error))
