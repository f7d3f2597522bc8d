"""The way of clients to the primary while the address leads to this member and nobody can move it: when `forwarding` says so,
the agent takes the engine's port, and keeps the routes up to date until the engine has its port back."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterable

import structlog

from moorage.agent.forward import Forwarder
from moorage.agent.forwarding import End, Leaving, Place, Routes, Sight, next_of, routes, why_not_forwarded
from moorage.agent.holding import Holding
from moorage.agent.settings import Settings
from moorage.core.report import MemberReport, Role
from moorage.engines.member import Member, Primary

log = structlog.get_logger()

LOOPBACK = "127.0.0.1"
HEIR_SECONDS_MAX = 1.0
"""In which the address moves when the API server answers."""
PRIMARY_PACE_SECONDS = 0.05
LOOK_SECONDS, FOLLOW_SECONDS = 1.0, 0.25
RESOLVE_SECONDS_MAX, RESOLVE_AGAIN_SECONDS = 1.0, 5.0
FIND_ITSELF_SECONDS_MAX = 10.0
"""An engine connects to its own name to find itself in its configuration, which takes a moment."""
STAND_ASIDE_AGAIN_SECONDS, HAND_BACK_AGAIN_SECONDS = 60.0, 15.0


class Detour:
    """`report`: the member's newest; `wake`: `is_wanted` or `is_over` changed."""

    def __init__(
        self,
        settings: Settings,
        member: Member,
        holding: Holding,
        *,
        report: Callable[[], MemberReport],
        wake: Callable[[], None],
    ) -> None:
        self._settings, self._member, self._holding = settings, member, holding
        self._report, self._wake = report, wake
        self._routes = Routes(Place(LOOPBACK, member.spare_port))
        self._forwarder = Forwarder(self._led)
        self._own = frozenset({LOOPBACK, settings.pod_ip})
        self._peers: dict[str, frozenset[str]] = {}
        self._known = set[str]()
        """Addresses that clients came from."""
        self._resolved_at = self._stood_aside_at = self._handed_back_at = float("-inf")
        self.is_wanted = False
        """The engine runs at its own port, and clients that the address leads there want another member."""
        self.is_over = False
        """The API server answers, and this member is primary itself: another one can take over, and move the address."""
        self._gave_up = self._is_unused = False
        self._lost_since: float | None = None
        self._moved_at: float | None = None
        self._cut_at: float | None = None
        self._came_at: float | None = None
        self._cuts = 0

    @property
    def is_open(self) -> bool:
        return self._forwarder.is_open

    @property
    def has_ended(self) -> bool:
        """The engine is to be restarted at its own port: nobody comes here any more, or it did not find itself there."""
        return self.is_open and (self._is_unused or self._gave_up)

    async def before_start(self, *, rescued: bool) -> bool:
        """Whether the engine is to be started at its spare port. Then its own one is taken when this returns, else it is free.

        `rescued`: a peer was just asked to take over. An engine that comes back while the address still leads to it would catch
        clients that it must cut again, so the address gets a moment to move.
        """
        self.is_wanted = self.is_over = False
        self._lost_since = None
        if self.is_open and self._moved_at is not None and not self.has_ended:
            return True  # some still come here
        why = await self._why_not_while_down(rescued=rescued)
        if why is None and not self.is_open:
            await self._open()
        elif why is not None and self.is_open:
            self.close(why)
        return self.is_open

    async def while_down(self, *, rescued: bool) -> None:
        """The engine is not to be started yet: its port is taken as soon as clients can be passed on. `rescued`: as above."""
        if not self.is_open and await self._why_not_while_down(rescued=rescued) is None:
            await self._open()

    async def _why_not_while_down(self, *, rescued: bool) -> str | None:
        """An engine that comes back at its own port because nobody leads yet catches clients for longer than it waits here."""
        return await self._why_not(self._member.election_seconds_max if rescued else 0.0, HEIR_SECONDS_MAX if rescued else 0.0)

    def _led(self, caller: Place) -> Place | None:
        """One that connects now."""
        place = self._leads(caller)
        if caller.host not in self._routes.members and place is not None:
            self._came_at = time.monotonic()
            if not self._routes.is_one_missing:
                self._known.add(caller.host)
        return place

    def _leads(self, caller: Place) -> Place | None:
        return self._routes.leads(caller.host, is_known=caller.host in self._known)

    def close(self, why: str) -> None:
        if self.is_open:
            log.warning("forwards_no_more", why=why)
            self._forwarder.close()

    async def run(self) -> None:
        while True:
            await asyncio.sleep(FOLLOW_SECONDS if self.is_open else LOOK_SECONDS)
            if self.is_open:
                await self._follow()
                await self._look_whether_over()
                self._look_whether_lost()
                self._leave()
            else:
                await self._look_whether_wanted()

    async def _why_not(self, primary_seconds: float, heir_seconds: float) -> str | None:
        if not self._holding.leads_here():
            self._gave_up = False
            return "the address does not lead here"
        if self._gave_up:
            return "the engine did not find itself among the members at its spare port"
        if not self._member.others:
            return "there is no other member"
        asking = asyncio.create_task(self._holding.is_answered())
        moving = asyncio.create_task(self._holding.until_leads_elsewhere(heir_seconds))
        try:
            await asyncio.wait({asking, moving}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done() or asking.result():
                await moving
            if not self._holding.leads_here():
                return "the address leads elsewhere"
            return why_not_forwarded(await self._sight(primary_seconds, is_answered=await asking))
        finally:
            asking.cancel()
            moving.cancel()

    async def _sight(self, primary_seconds: float, *, is_answered: bool) -> Sight:
        primary = None
        if not is_answered:
            primary, _ = await asyncio.gather(self._await_primary(primary_seconds), self._resolve())
            self._route(primary)
        return Sight(
            pod=self._settings.pod_name,
            leads_here=self._holding.leads_here(),
            held_term=self._holding.term(),
            is_answered=is_answered,
            primary=primary,
            peers=self._peers,
            engine_runs=self._member.is_running,
            peers_down=self._report().peers_down,
        )

    async def _await_primary(self, seconds: float) -> Primary | None:
        """One that was just elected takes writes some 20 ms later."""
        deadline = time.monotonic() + seconds
        while True:
            primary = await self._member.find_primary()
            if (primary is not None and primary.term > self._holding.term()) or time.monotonic() >= deadline:
                return primary
            await asyncio.sleep(PRIMARY_PACE_SECONDS)

    async def _open(self) -> None:
        try:
            await self._forwarder.open("0.0.0.0", self._member.port)  # noqa: S104 - clients come from outside the Pod
        except OSError as error:
            log.warning("cannot_forward", error=str(error))
            return
        self._moved_at, self._is_unused = None, False
        self._known.clear()
        log.warning("forwards", why="the address leads here and the API server does not answer", to=self._routes.primary)

    async def _follow(self) -> None:
        if time.monotonic() - self._resolved_at > RESOLVE_AGAIN_SECONDS:
            await self._resolve()
        before = self._routes
        self._route(await self._member.find_primary())
        if self._routes == before:
            return
        cut = self._forwarder.cut(lambda source, place: self._leads(source) != place)
        log.info("routes_changed", to=self._routes.primary, members=sorted(self._routes.members), cut=cut)

    def _route(self, primary: Primary | None) -> None:
        report = self._report()
        self._routes = routes(
            self._routes,
            own=self._own,
            peers=self._peers,
            primary=primary,
            port=self._member.port,
            own_term=report.term if report.role is Role.PRIMARY else None,
            is_one_missing=bool(report.peers_down),
        )

    async def _look_whether_wanted(self) -> None:
        """A member that handed over, lost the role without a crash, or came back, and that the address still leads to."""
        if self._report().role is not Role.SECONDARY or time.monotonic() - self._stood_aside_at < STAND_ASIDE_AGAIN_SECONDS:
            return
        if not self._holding.was_told:
            self._holding.believe(leads_here=await self._member.is_reached_at(self._holding.host))
        if await self._why_not(0.0, HEIR_SECONDS_MAX) is None and not self.is_open:
            self._stood_aside_at, self.is_wanted = time.monotonic(), True
            self._wake()

    async def _look_whether_over(self) -> None:
        if self._report().role is not Role.PRIMARY or not self._holding.is_told or self._report().peers_down:
            return
        if time.monotonic() - self._handed_back_at < HAND_BACK_AGAIN_SECONDS:
            return
        if await self._holding.is_answered():
            self._handed_back_at, self.is_over = time.monotonic(), True
            self._wake()

    def _leave(self) -> None:
        """Once the address leads elsewhere."""
        if self._holding.leads_here() or self._report().role is Role.PRIMARY:
            self._moved_at = None
            return
        now = time.monotonic()
        if self._moved_at is None:
            self._moved_at, self._cut_at, self._cuts = now, None, 0
        match next_of(Leaving(now - self._moved_at, _ago(self._cut_at, now), _ago(self._came_at, now), self._cuts)):
            case End.CUT:
                cut = self._forwarder.cut(lambda source, _: source.host not in self._routes.members)
                self._cut_at, self._cuts = now, self._cuts + 1
                log.info("clients_are_cut", why="the address leads elsewhere; those who come back are passed on", cut=cut)
            case End.OVER:
                self._is_unused = True
                self._wake()

    def _look_whether_lost(self) -> None:
        is_lost = self._report().role in (Role.UNINITIALIZED, Role.REMOVED)
        self._lost_since = (self._lost_since or time.monotonic()) if is_lost else None
        if self._lost_since is not None and time.monotonic() - self._lost_since > FIND_ITSELF_SECONDS_MAX:
            log.error("lost_at_spare_port", why="the engine does not find itself among the members")
            self._gave_up = True
            self._wake()

    async def _resolve(self) -> None:
        """Where the members connect from: the addresses that their names lead to. What was known stays when DNS is silent."""
        hosts = self._member.others
        found = await asyncio.gather(*map(_addresses, hosts))
        known = {host.partition(".")[0]: addresses - self._own for host, addresses in zip(hosts, found, strict=True)}
        self._peers = {pod: addresses or self._peers.get(pod, frozenset()) for pod, addresses in known.items()}
        self._resolved_at = time.monotonic()


def _ago(at: float | None, now: float) -> float | None:
    return None if at is None else now - at


async def _addresses(host: str) -> frozenset[str]:
    try:
        async with asyncio.timeout(RESOLVE_SECONDS_MAX):
            found: Iterable[tuple[object, ...]] = await asyncio.get_running_loop().getaddrinfo(
                host, None, family=socket.AF_INET, type=socket.SOCK_STREAM
            )
    except (OSError, TimeoutError):
        return frozenset()
    return frozenset(str(entry[4][0]) for entry in found)  # type: ignore[index]
