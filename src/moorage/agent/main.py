"""The agent's loops: supervise the engine, report, carry out orders, hold the address, stop in order."""

import asyncio
import contextlib
import time
from dataclasses import replace

import structlog

from moorage.agent import certificates, health
from moorage.agent.detour import Detour
from moorage.agent.faults import Faults
from moorage.agent.holding import Holding
from moorage.agent.lifeline import Lifeline
from moorage.agent.livesettings import LiveSettings
from moorage.agent.lookups import Lookups
from moorage.agent.memory import OUT_OF_MEMORY, Memory
from moorage.agent.orders import Order, Orders
from moorage.agent.queries import Queries
from moorage.agent.report import Reporter
from moorage.agent.scrape import Engine, Scrape
from moorage.agent.settings import Settings
from moorage.agent.supervise import Action, EngineFacts, crashes_in_a_row, decide, restart_delay_seconds
from moorage.agent.volume import Volume
from moorage.api.drill_kinds import DRILL
from moorage.core.report import MemberReport, Role
from moorage.core.volume import Level
from moorage.engines.member import EngineError, Member
from moorage.kube.client import Kube

log = structlog.get_logger()

HAND_OVER_SECONDS_MAX, HELD_HAND_OVER_SECONDS_MAX = 15.0, 3.0
RETIRED_LOOK_SECONDS = HELD_LOOK_SECONDS = 5.0
TURN_SECONDS = 5.0
EMPTY_LOOK_SECONDS = 0.5


class Agent:
    """One member's agent."""

    def __init__(self, kube: Kube, settings: Settings, member: Member) -> None:
        self._kube, self._settings, self._member = kube, settings, member
        self._reporter = Reporter(kube, settings)
        self._volume = Volume(settings.data_dir)
        self._report = MemberReport(role=Role.DOWN)
        self._role_while_running = Role.DOWN
        self._rescued = self._cut = self._stopping = False
        self._crashes, self._starts, self._started_at = 0, 0, 0.0
        self._start_at: float | None = None
        """When the engine, which is down, is to be started; None: that was not asked yet."""
        self._turned_at = time.monotonic()
        self._faults, self._memory = Faults(member), Memory()
        self._wake, self._elected = asyncio.Event(), asyncio.Event()
        self._orders = Orders(
            settings,
            self._carry_out,
            lambda is_done: self._order_answered(is_done=is_done),
            self._reporter.saw,
        )
        self._live_settings = LiveSettings(settings, self._orders.pod, member)
        self._queries = Queries(settings, self._orders.pod, member, lambda: self._report.role)
        self._holding = Holding(
            kube,
            settings,
            report=lambda: self._report,
            prepare=self._prepare_primary,
            is_reached_here=self._is_reached_here,
            is_forwarded=lambda: self._detour.is_open,
            wake=self._wake.set,
        )
        self._detour = Detour(settings, member, self._holding, report=lambda: self._report, wake=self._wake.set)
        self._lookups = Lookups(self._holding.host, lambda: member.others, lambda: self._report)
        self._lifeline = Lifeline(settings.port, settings.pod_name, member)
        self._scrape = Scrape(settings, member, self._volume, self._queries, report=lambda: self._report, engine=self._lives)

    async def run(self, stop: asyncio.Event) -> None:
        me = self._settings
        tasks = [
            # the first: it must have seen the certificate before the engine is started with it
            asyncio.create_task(certificates.follow(me.tls_dir, self._member.reload_certificates), name="certificates"),
            asyncio.create_task(self._supervise(), name="supervise"),
            asyncio.create_task(self._holding.run(), name="address"),
            asyncio.create_task(self._holding.watch(), name="watch-address"),
            asyncio.create_task(self._detour.run(), name="detour"),
            asyncio.create_task(self._reporter.run(), name="report"),
            asyncio.create_task(self._orders.run(), name="orders"),
            asyncio.create_task(self._orders.watch(self._kube), name="watch-orders"),
            asyncio.create_task(self._watch_volume(), name="volume"),
            asyncio.create_task(self._lookups.run(), name="lookups"),
            asyncio.create_task(self._lifeline.run(), name="lifeline"),
            asyncio.create_task(self._queries.run(), name="queries"),
            asyncio.create_task(health.serve(me.port, self._silent_seconds, self._scrape.page), name="health"),
            asyncio.create_task(stop.wait(), name="stop"),
        ]
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        self._stopping = True
        for task in done:
            if task.get_name() != "stop" and task.exception() is not None:
                log.error("loop_ended", loop=task.get_name(), error=repr(task.exception()))
        await self._stop_in_order()
        for task in tasks:
            task.cancel()

    def _silent_seconds(self) -> float:
        return time.monotonic() - self._turned_at

    def _lives(self) -> Engine:
        return Engine(self._starts, max(0, self._crashes - 1), self._silent_seconds())

    async def _supervise(self) -> None:
        await self._holding.look_before_first_start()
        while not self._stopping:
            self._live_settings.look()
            facts = EngineFacts(
                is_running=self._member.is_running,
                role=self._report.role,
                role_before=self._role_while_running,
                rescued=self._rescued,
                is_retired=self._holding.service.is_retired,
                has_room=self._volume.may_run,
                is_given_up=self._holding.is_given_up,
                is_behind_address=self._holding.is_behind_address or self._detour.has_ended,
                misleads=self._detour.is_wanted and not self._detour.is_open,
                may_hand_back=self._detour.is_over and self._detour.is_open,
            )
            await self._do(decide(facts))
            self._turned_at = time.monotonic()

    async def _do(self, action: Action) -> None:
        match action:
            case Action.NOTHING:
                await self._observe()
            case Action.RESCUE:
                log.warning("engine_died", role="primary")
                self._publish(self._down("the engine died"))
                self._rescued = True
                await self._member.rescue()
            case Action.RETIRE:
                await self._retire()
            case Action.HOLD:
                await self._hold()
            case Action.START:
                await self._start()
            case Action.CUT_CLIENTS:
                log.info("clients_are_cut", why="another member is primary; its clients must connect anew")
                await (self._stop_to_start() if self._detour.has_ended else self._cut_clients())
            case Action.STAND_ASIDE:
                log.warning("stands_aside", why="the address leads here, another member is primary, and nobody can move it")
                await self._stop_to_start()
            case Action.HAND_BACK:
                await self._hand_over("so that the address leads to an engine at its own port")
                self._detour.is_over = False

    async def _cut_clients(self) -> None:
        """Those that come back through the address find the heir. An engine that cannot do it, or fails to, starts anew."""
        try:
            is_done = await self._member.cut_clients()
        except EngineError as error:
            log.warning("clients_not_cut", error=str(error))
            is_done = False
        if is_done:
            self._holding.clients_are_cut()
        else:
            await self._stop_to_start()

    async def _stop_to_start(self) -> None:
        """It is no primary: nobody has to be rescued."""
        self._cut = self._rescued = True
        await self._member.stop()

    async def _retire(self) -> None:
        """For as long as another generation serves, or until what it holds was put aside. Its volume is kept."""
        self._wake.clear()
        is_given_up = self._holding.is_given_up
        why = "another member was kept alone" if is_given_up else "another generation serves"
        if self._member.is_running:
            log.warning("retired", why=f"{why}; clients that are still connected here must go there")
            await self._member.stop()
        self._detour.close(why)
        message = "it was given up when another member was kept: its data is put aside before it starts"
        if not is_given_up:
            message = "its generation serves no more: its engine is stopped and its data is kept"
        self._role_while_running = Role.DOWN
        term, has_data = self._report.term, self._member.has_data
        self._publish(MemberReport(role=Role.REMOVED, term=term, has_data=has_data, excluded=is_given_up, message=message))
        await self._until_woken(RETIRED_LOOK_SECONDS)

    async def _hold(self) -> None:
        """Until there is room. What is started or goes on without any dies, and what is left goes with it."""
        self._wake.clear()
        if self._member.is_running:
            log.warning("engine_held", why=self._volume.why_held)
            await self._stop_in_order(HELD_HAND_OVER_SECONDS_MAX)
        self._role_while_running = Role.DOWN
        self._publish(self._down(self._volume.why_held))
        await self._detour.while_down(rescued=True)
        await self._until_woken(HELD_LOOK_SECONDS)

    async def _until_woken(self, seconds: float) -> None:
        """`_wake` was cleared before what led here was looked at, so that no news is missed."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), seconds)

    def _down(self, message: str) -> MemberReport:
        """That its data is of no use is as true while nothing runs on it."""
        return MemberReport(role=Role.DOWN, term=self._report.term, damage=self._member.damage, message=message)

    async def _watch_volume(self) -> None:
        while True:
            could_run, before = self._volume.may_run, (self._volume.state, self._volume.are_writes_stopped)
            await self._volume.look(is_running=self._member.is_running)
            await self._volume.settle_writes(self._member, self._report)
            if (self._volume.state, self._volume.are_writes_stopped) != before:
                self._publish(self._report)
            if self._volume.may_run != could_run:
                self._wake.set()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._elected.wait(), self._volume.pause_seconds)
            self._elected.clear()

    async def _observe(self) -> None:
        """Publishes what the engine says; gives up early when something else calls for a decision."""
        self._wake.clear()
        observing, waking = asyncio.create_task(self._member.observe()), asyncio.create_task(self._wake.wait())
        try:
            await asyncio.wait({observing, waking}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waking.cancel()
            observing.cancel()  # does nothing to one that is done
        if not observing.done() or observing.cancelled():
            return
        self._publish(observing.result())
        if self._report.role is not Role.DOWN:
            self._role_while_running = self._report.role

    async def _start(self) -> None:
        """Or one turn of the wait before: what else is to be done with an engine that is down comes first at each of them."""
        self._wake.clear()
        if self._start_at is None:
            self._start_at = time.monotonic() + self._delay_seconds()
        if self._report.role is not Role.DOWN:
            self._publish(self._down("the engine does not run"))
        if (left := self._start_at - time.monotonic()) > 0:
            await self._detour.while_down(rescued=self._rescued)
            await self._until_woken(min(left, TURN_SECONDS))
            return
        at_spare_port = await self._detour.before_start(rescued=self._rescued)
        await self._volume.look(is_running=False)
        if not self._volume.may_run or self._holding.must_not_run:
            return
        if not self._member.has_data and (why := await self._why_not_start_empty()):
            self._publish(replace(self._down(why), has_data=False))
            await self._until_woken(EMPTY_LOOK_SECONDS)
            return
        self._holding.engine_starts()
        self._rescued = self._cut = False
        self._start_at = None
        self._role_while_running = Role.DOWN
        self._started_at = time.monotonic()
        self._starts += 1
        self._memory.begin()
        try:
            await self._member.start(at_spare_port=at_spare_port)
        except OSError as error:  # its volume, or its program: it is tried again as after a crash, and the agent says why
            log.warning("engine_not_started", error=str(error))
            self._publish(self._down(f"its engine cannot be started: {error.strerror or error}"))
            return
        log.info("engine_started", crashes=self._crashes - 1, at_spare_port=at_spare_port)

    async def _why_not_start_empty(self) -> str:
        """Of a service that is being made all members are empty."""
        is_in_use = self._holding.is_in_use
        if is_in_use is None:
            why = "the API server does not answer"
            if self._holding.is_missing:
                why = f"EndpointSlice {self._settings.service}, which tells it, does not exist; the operator makes it anew"
            return f"its folder is empty, and nobody tells whether its service holds data: {why}"
        return await self._member.why_not_start_empty(self._holding.host) if is_in_use else ""

    def _delay_seconds(self) -> float:
        """Of the next start. An engine that we stopped did not crash."""
        if self._cut:
            return 0.0
        self._crashes = crashes_in_a_row(self._crashes, time.monotonic() - self._started_at)
        return restart_delay_seconds(self._crashes, is_damaged=bool(self._member.damage))

    async def _is_reached_here(self) -> bool:
        return await self._member.is_reached_at(self._holding.host)

    async def _prepare_primary(self) -> None:
        await self._member.prepare_primary()
        if self._volume.state.level is Level.FULL:  # to ask who has room takes time, which a fail-over has not
            await self._volume.settle_writes(self._member, self._report)

    def _publish(self, report: MemberReport) -> None:
        if report.role is Role.PRIMARY and report.term != self._report.term:
            self._elected.set()  # what the primary before has stopped may be let go on
        if (report.role, report.term, report.peers_down) != (self._report.role, self._report.term, self._report.peers_down):
            self._lookups.turn()
        if report.role is Role.DOWN and not self._member.is_running and self._volume.may_run and self._memory.ran_out:
            report = replace(report, message=OUT_OF_MEMORY)
        self._report = replace(
            report,
            order_done=self._orders.done,
            order_error=self._orders.error,
            order_refused=self._orders.refused,
            queries=self._queries.said,
            volume=self._volume.state,
            are_writes_stopped=self._volume.are_writes_stopped and report.role is Role.PRIMARY,
        )
        self._reporter.publish(self._report)
        self._holding.turn()
        self._lifeline.turn()

    def _order_answered(self, *, is_done: bool) -> None:
        """One that was carried out may have changed everything: an engine that is down need not wait any longer. Nor need one
        that ran until its data was put aside: what it died of is gone."""
        if is_done:
            self._start_at = None if self._start_at is None else time.monotonic()
            self._cut = self._cut or not self._member.has_data
            self._wake.set()
        down = self._report.role is Role.DOWN
        self._publish(replace(self._report, damage=self._member.damage) if down else self._report)

    async def _hand_over(self, why: str, seconds_max: float = HAND_OVER_SECONDS_MAX) -> None:
        try:
            await asyncio.wait_for(self._member.hand_over(), seconds_max)
            log.info("handed_over", why=why)
        except (EngineError, TimeoutError) as error:
            log.warning("not_handed_over", why=why, error=str(error))

    async def _carry_out(self, order: Order) -> None:
        if order["action"] != DRILL:
            await self._member.carry_out(order["action"], order["body"])
        elif await self._faults.carry_out(order["id"], order["body"], self._report):
            # nobody is told that it is done together with how the member was before
            self._report = MemberReport(role=Role.DOWN, term=self._report.term, message="a drill killed its engine")

    async def _stop_in_order(self, hand_over_seconds_max: float = HAND_OVER_SECONDS_MAX) -> None:
        """The hand-over comes before the stop."""
        if self._report.role is Role.PRIMARY:
            await self._hand_over("before it stops", hand_over_seconds_max)
        await self._member.stop()
