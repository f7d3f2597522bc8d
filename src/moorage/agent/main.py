"""The agent's loops: supervise the engine, report, carry out orders, hold the address, stop in order."""

import asyncio
import contextlib
import json
import signal
import sys
import time
from dataclasses import replace
from importlib.metadata import entry_points
from typing import Any, cast

import structlog

from moorage.agent import certificates, health
from moorage.agent.detour import Detour
from moorage.agent.faults import Faults
from moorage.agent.holding import Holding
from moorage.agent.memory import OUT_OF_MEMORY, Memory
from moorage.agent.report import Reporter
from moorage.agent.settings import Settings, from_environment
from moorage.agent.supervise import Action, EngineFacts, crashes_in_a_row, decide, restart_delay_seconds
from moorage.agent.volume import Volume
from moorage.api.drill_kinds import DRILL
from moorage.core import names
from moorage.core.report import MemberReport, Role
from moorage.core.volume import Level
from moorage.engines.member import EngineError, Member, OrderRefusedError
from moorage.kube.client import Kube
from moorage.kube.reflector import Key, Store
from moorage.kube.watch import reflect

log = structlog.get_logger()

ORDER_RETRY_SECONDS = 0.5
HAND_OVER_SECONDS_MAX, HELD_HAND_OVER_SECONDS_MAX = 15.0, 3.0
RETIRED_LOOK_SECONDS = HELD_LOOK_SECONDS = 5.0
TURN_SECONDS = 5.0


class Agent:
    """One member's agent."""

    def __init__(self, kube: Kube, settings: Settings, member: Member) -> None:
        self._kube, self._settings, self._member = kube, settings, member
        self._reporter = Reporter(kube, settings)
        self._volume = Volume(settings.data_dir)
        self._report = MemberReport(role=Role.DOWN)
        self._role_while_running = Role.DOWN
        self._rescued = self._cut = self._stopping = False
        self._crashes, self._started_at = 0, 0.0
        self._turned_at = time.monotonic()
        self._faults, self._memory = Faults(member), Memory()
        self._order_done, self._order_error, self._order_refused = self._faults.done, "", ""
        self._pod = Store()
        self._order_seen, self._wake, self._hurry, self._elected = (asyncio.Event() for _ in range(4))
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
            asyncio.create_task(self._carry_out_orders(), name="orders"),
            asyncio.create_task(self._watch_volume(), name="volume"),
            asyncio.create_task(health.serve(me.port, lambda: time.monotonic() - self._turned_at), name="health"),
            asyncio.create_task(
                reflect(
                    self._kube, "Pod", self._pod, self._pod_changed, namespace=me.namespace, fields={"metadata.name": me.pod_name}
                ),
                name="watch",
            ),
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

    async def _supervise(self) -> None:
        await self._holding.look_before_first_start()
        while not self._stopping:
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
                self._publish(MemberReport(role=Role.DOWN, term=self._report.term, message="the engine died"))
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
                await self._stop_to_start()
            case Action.STAND_ASIDE:
                log.warning("stands_aside", why="the address leads here, another member is primary, and nobody can move it")
                await self._stop_to_start()
            case Action.HAND_BACK:
                await self._hand_over("so that the address leads to an engine at its own port")
                self._detour.is_over = False

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
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), RETIRED_LOOK_SECONDS)

    async def _hold(self) -> None:
        """Until there is room. What is started or goes on without any dies, and what is left goes with it."""
        self._wake.clear()
        if self._member.is_running:
            log.warning("engine_held", why=self._volume.why_held)
            await self._stop_in_order(HELD_HAND_OVER_SECONDS_MAX)
        self._role_while_running = Role.DOWN
        self._publish(MemberReport(role=Role.DOWN, term=self._report.term, message=self._volume.why_held))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), HELD_LOOK_SECONDS)

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
        ran_seconds = time.monotonic() - self._started_at
        if not self._cut:
            self._crashes = crashes_in_a_row(self._crashes, ran_seconds)
        delay_seconds = 0.0 if self._cut else restart_delay_seconds(self._crashes, is_damaged=bool(self._report.damage))
        if self._report.role is not Role.DOWN:
            self._publish(MemberReport(role=Role.DOWN, term=self._report.term, message="the engine does not run"))
        self._hurry.clear()
        if delay_seconds:  # clients are passed on meanwhile
            await self._detour.before_start(rescued=self._rescued)
        await self._pause(delay_seconds)
        at_spare_port = await self._detour.before_start(rescued=self._rescued)
        await self._volume.look(is_running=False)
        if not self._volume.may_run:
            return
        self._holding.engine_starts()
        self._rescued = self._cut = False
        self._role_while_running = Role.DOWN
        self._started_at = time.monotonic()
        self._memory.begin()
        await self._member.start(at_spare_port=at_spare_port)
        log.info("engine_started", crashes=self._crashes - 1, at_spare_port=at_spare_port)

    async def _pause(self, seconds: float) -> None:
        """Before the next start, or until an order was done, which may have changed everything. The agent is alive meanwhile."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._turned_at = time.monotonic()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), min(left, TURN_SECONDS))
                return

    async def _is_reached_here(self) -> bool:
        return await self._member.is_reached_at(self._holding.host)

    async def _prepare_primary(self) -> None:
        await self._member.prepare_primary()
        if self._volume.state.level is Level.FULL:  # to ask who has room takes time, which a fail-over has not
            await self._volume.settle_writes(self._member, self._report)

    def _publish(self, report: MemberReport) -> None:
        if report.role is Role.PRIMARY and report.term != self._report.term:
            self._elected.set()  # what the primary before has stopped may be let go on
        if report.role is Role.DOWN and not self._member.is_running and self._memory.ran_out:
            report = replace(report, message=OUT_OF_MEMORY)
        self._report = replace(
            report,
            order_done=self._order_done,
            order_error=self._order_error,
            order_refused=self._order_refused,
            volume=self._volume.state,
            are_writes_stopped=self._volume.are_writes_stopped and report.role is Role.PRIMARY,
        )
        self._reporter.publish(self._report)
        self._holding.turn()

    def _pod_changed(self, _keys: set[Key]) -> None:
        self._order_seen.set()

    def _order(self) -> dict[str, Any]:
        item = self._pod.get(self._settings.namespace, self._settings.pod_name) or {"metadata": {}}
        text = (item["metadata"].get("annotations") or {}).get(names.ANNOTATION_ORDER)
        return cast("dict[str, Any]", json.loads(text)) if text else {}

    async def _carry_out_orders(self) -> None:
        while True:
            await self._order_seen.wait()
            self._order_seen.clear()
            order = self._order()
            if not order or order["id"] in (self._order_done, self._order_refused):
                continue
            try:
                await self._carry_out(order)
                self._order_done, self._order_error = order["id"], ""
                self._hurry.set()
                self._wake.set()
                log.info("order_done", id=order["id"])
            except OrderRefusedError as error:
                self._order_refused, self._order_error = order["id"], str(error)
                log.warning("order_refused", id=order["id"], error=str(error))
            except EngineError as error:
                if str(error) != self._order_error:
                    log.warning("order_failed", id=order["id"], error=str(error))
                self._order_error = str(error)
                await asyncio.sleep(ORDER_RETRY_SECONDS)
                self._order_seen.set()
            self._publish(self._report)

    async def _hand_over(self, why: str, seconds_max: float = HAND_OVER_SECONDS_MAX) -> None:
        try:
            await asyncio.wait_for(self._member.hand_over(), seconds_max)
            log.info("handed_over", why=why)
        except (EngineError, TimeoutError) as error:
            log.warning("not_handed_over", why=why, error=str(error))

    async def _carry_out(self, order: dict[str, Any]) -> None:
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


async def _main() -> None:
    settings = from_environment()
    (point,) = entry_points(group="moorage.members", name=settings.engine)
    member = cast("Member", point.load()(settings.engine_arguments, settings.data_dir, settings.internal_dir, settings.tls_dir))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await Agent(Kube(), settings, member).run(stop)


def main() -> int:
    # The engine writes to the container's output itself, and a pipe that two write to tears lines of more than 4 KiB.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_main())
    return 0
