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
from moorage.agent.endpoint import Address, has_heir, holder_of, is_vacant
from moorage.agent.memory import OUT_OF_MEMORY, Memory
from moorage.agent.report import Reporter
from moorage.agent.settings import Settings, from_environment
from moorage.agent.supervise import Action, EngineFacts, Service, crashes_in_a_row, decide, restart_delay_seconds, seen
from moorage.core import names
from moorage.core.report import MemberReport, Role
from moorage.engines.member import EngineError, Member, OrderRefusedError
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key, Store
from moorage.kube.watch import reflect

log = structlog.get_logger()

ORDER_RETRY_SECONDS = 0.5
CLAIM_RETRY_SECONDS = 0.25
HAND_OVER_SECONDS_MAX = 15.0
HEIR_SECONDS_MAX = 1.0
TURN_SECONDS = 5.0
RETIRED_LOOK_SECONDS = 5.0
ROUTE_SECONDS_MAX, ROUTE_PACE_SECONDS = 2.0, 0.02


class Agent:
    """One member's agent."""

    def __init__(self, kube: Kube, settings: Settings, member: Member) -> None:
        self._kube, self._settings, self._member = kube, settings, member
        self._reporter, self._address = Reporter(kube, settings), Address(kube, settings)
        self._report = MemberReport(role=Role.DOWN)
        self._role_while_running = Role.DOWN
        self._rescued = self._cut = self._stopping = self._held_address = self._is_behind_address = False
        self._claimed_term, self._service = -1, Service()
        self._crashes, self._started_at = 0, 0.0
        self._turned_at = time.monotonic()
        self._order_done = self._order_error = self._order_refused = ""
        self._memory = Memory()
        self._pod, self._slice = Store(), Store()
        self._order_seen, self._slice_moved = asyncio.Event(), asyncio.Event()
        self._address_turn, self._wake, self._hurry = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        me = self._settings
        tasks = [
            # the first: it must have seen the certificate before the engine is started with it
            asyncio.create_task(certificates.follow(me.tls_dir, self._member.reload_certificates), name="certificates"),
            asyncio.create_task(self._supervise(), name="supervise"),
            asyncio.create_task(self._hold_address(), name="address"),
            asyncio.create_task(self._reporter.run(), name="report"),
            asyncio.create_task(self._carry_out_orders(), name="orders"),
            asyncio.create_task(health.serve(me.port, lambda: time.monotonic() - self._turned_at), name="health"),
            asyncio.create_task(
                reflect(
                    self._kube, "Pod", self._pod, self._pod_changed, namespace=me.namespace, fields={"metadata.name": me.pod_name}
                ),
                name="watch",
            ),
            asyncio.create_task(
                reflect(
                    self._kube,
                    "EndpointSlice",
                    self._slice,
                    self._slice_changed,
                    namespace=me.namespace,
                    fields={"metadata.name": me.service},
                ),
                name="watch-address",
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
        while not self._stopping:
            facts = EngineFacts(
                is_running=self._member.is_running,
                role=self._report.role,
                role_before=self._role_while_running,
                rescued=self._rescued,
                is_retired=self._service.is_retired,
                is_behind_address=self._is_behind_address,
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
            case Action.START:
                await self._start()
            case Action.CUT_CLIENTS:
                log.info("clients_are_cut", why="another member is primary; its clients must connect anew")
                self._cut = self._rescued = True  # it is no primary: nobody has to be rescued
                await self._member.stop()

    async def _retire(self) -> None:
        """For as long as another generation serves. Its volume is kept; its Pod goes as soon as the operator gets to it."""
        self._wake.clear()
        if self._member.is_running:
            log.warning("retired", why="another generation serves; clients that are still connected here must go there")
            await self._member.stop()
        message = "its generation serves no more: its engine is stopped and its data is kept"
        self._role_while_running = Role.DOWN
        self._publish(MemberReport(role=Role.REMOVED, term=self._report.term, message=message))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), RETIRED_LOOK_SECONDS)

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
        await self._pause(delay_seconds)
        await self._wait_for_heir()
        self._held_address = self._leads_here()
        self._rescued = self._cut = self._is_behind_address = False
        self._role_while_running = Role.DOWN
        self._started_at = time.monotonic()
        self._memory.begin()
        await self._member.start()
        log.info("engine_started", crashes=self._crashes - 1)

    async def _pause(self, seconds: float) -> None:
        """Before the next start, or until an order was done, which may have changed everything. The agent is alive meanwhile."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._turned_at = time.monotonic()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), min(left, TURN_SECONDS))
                return

    async def _wait_for_heir(self) -> None:
        """After a rescue: an engine that comes back while the address still leads to it would catch clients it must cut again."""
        deadline = time.monotonic() + (HEIR_SECONDS_MAX if self._rescued else 0.0)
        while self._leads_here() and time.monotonic() < deadline:
            self._slice_moved.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._slice_moved.wait(), deadline - time.monotonic())

    def _leads_here(self) -> bool:
        found = self._slice.get(self._settings.namespace, self._settings.service)
        return found is not None and holder_of(found) == self._settings.pod_name

    def _publish(self, report: MemberReport) -> None:
        if report.role is Role.DOWN and not self._member.is_running and self._memory.ran_out:
            report = replace(report, message=OUT_OF_MEMORY)
        self._report = replace(
            report, order_done=self._order_done, order_error=self._order_error, order_refused=self._order_refused
        )
        self._reporter.publish(self._report)
        self._address_turn.set()

    async def _hold_address(self) -> None:
        while True:
            await self._address_turn.wait()
            self._address_turn.clear()
            try:
                await self._settle_address()
            except (KubeError, EngineError) as error:
                log.warning("address_waits", error=str(error))
                await asyncio.sleep(CLAIM_RETRY_SECONDS)
                self._address_turn.set()

    async def _settle_address(self) -> None:
        """While primary: users exist, then the claim. After losing it: once there is an heir, the clients are to be cut."""
        if self._report.role is Role.PRIMARY:
            if self._claimed_term == self._report.term:
                return
            term = self._report.term
            await self._member.prepare_primary()
            if await self._address.claim(term):
                self._held_address = True
            self._claimed_term = term
        elif self._held_address and self._is_succeeded():
            await self._until_address_leads_elsewhere()
            if self._is_succeeded():
                self._held_address, self._is_behind_address = False, True
                self._wake.set()

    def _is_succeeded(self) -> bool:
        return self._report.role in (Role.SECONDARY, Role.REMOVED) and self._has_heir()

    async def _until_address_leads_elsewhere(self) -> None:
        """Nodes follow the slice a moment later. A client that is cut before comes back here, and then waits half a second."""
        me = self._settings
        host = names.address_host(me.service, me.namespace)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ROUTE_SECONDS_MAX):
                while True:
                    if not await self._member.is_reached_at(host):
                        return
                    await asyncio.sleep(ROUTE_PACE_SECONDS)

    def _has_heir(self) -> bool:
        found = self._slice.get(self._settings.namespace, self._settings.service)
        return has_heir(found, pod=self._settings.pod_name, term=self._claimed_term)

    def _slice_changed(self, _keys: set[Key]) -> None:
        """What the address tells: it was deleted and comes back empty, or it led here before this agent was started anew."""
        found = self._slice.get(self._settings.namespace, self._settings.service)
        if is_vacant(found):
            self._claimed_term = -1
        elif self._leads_here():
            self._held_address = True
        self._look_who_serves(found)
        self._slice_moved.set()
        self._address_turn.set()

    def _look_who_serves(self, found: dict[str, Any] | None) -> None:
        """A claim that lost only because another generation served is to be made again when its own does."""
        me, before = self._settings, self._service
        serves = names.generation_of(found["metadata"].get("annotations") or {}) if found is not None else None
        self._service = seen(before, own=me.generation, serves=serves)
        if serves == me.generation and (not before.has_served or before.is_retired):
            self._claimed_term = -1
        if self._service != before:
            self._wake.set()

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
                await self._member.carry_out(order["action"], order["body"])
                self._order_done, self._order_error = order["id"], ""
                self._hurry.set()
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

    async def _stop_in_order(self) -> None:
        """The hand-over comes before the stop."""
        if self._report.role is Role.PRIMARY:
            try:
                await asyncio.wait_for(self._member.hand_over(), HAND_OVER_SECONDS_MAX)
                log.info("handed_over_before_stop")
            except (EngineError, TimeoutError) as error:
                log.warning("not_handed_over", error=str(error))
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
