"""A fake member: what the agent in a Pod does, with the agent's own `Reporter` and `Address` and the fake engine behind it."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import cast

from moorage.agent.endpoint import Address, has_heir, holder_of, is_vacant
from moorage.agent.report import Reporter
from moorage.agent.settings import Settings
from moorage.agent.supervise import Service, seen
from moorage.api.drill_kinds import DRILL, DrillKind
from moorage.core import names
from moorage.core.rebuild_rule import EMPTY_MEMBER
from moorage.core.report import MemberReport, Role
from moorage.core.volume import MIB, Gauge, Room, is_full
from moorage.engines.member import OrderRefusedError
from moorage.engines.mongodb.membership import is_later
from moorage.engines.mongodb.writes import must_stop
from moorage.kube.client import KubeError, Object
from tests.sim.clock import SimLoop, spawn
from tests.sim.engine import Folder, Mongod, ReplicaSet
from tests.sim.kube import SimKube
from tests.sim.orders import carry_out

RESTART_SECONDS, EMPTY_LOOK_SECONDS = 1.0, 0.5
RETRY_SECONDS = 0.5


def pod_ip(name: str) -> str:
    stem, _, ordinal = name.rpartition("-")
    return f"10.0.{stem.rpartition('-g')[2]}.{ordinal}"


def room_of(folder: Folder) -> Room:
    return Room(folder.size_mib * MIB, max(folder.size_mib - folder.used_mib, 0) * MIB)


class Member:
    """One container: the agent and its engine. It sees its own Pod and the address change, as the real agent's watches do."""

    def __init__(self, kube: SimKube, pod: Object, replica_set: ReplicaSet, folder: Folder, group: Callable[[], int]) -> None:
        """`group`: members in different groups cannot reach each other."""
        meta = pod["metadata"]
        self._settings = Settings(
            pod_name=meta["name"],
            pod_uid=meta["uid"],
            pod_ip=pod_ip(meta["name"]),
            node_name=pod["spec"]["nodeName"],
            namespace=meta["namespace"],
            service=meta["labels"][names.LABEL_INSTANCE],
            engine="mongodb",
            engine_arguments=(),
            generation=int(meta["labels"].get(names.LABEL_GENERATION, "1")),
        )
        self.kube, self._replica_set, self._folder, self._group = kube, replica_set, folder, group
        self._reporter, self._address = Reporter(kube, self._settings), Address(kube, self._settings)
        self._gauge = Gauge()
        self._version = pod["spec"]["containers"][0]["image"].rpartition(":")[2]
        self._wake = asyncio.Event()
        self._order: Object = json.loads((meta.get("annotations") or {}).get(names.ANNOTATION_ORDER, "{}"))
        self._order_done = self._order_error = self._order_refused = ""
        self._claimed_term, self._service = -1, Service()
        self._is_behind_address = self._has_heir = self._is_killed = self._is_given_up = False
        self._mongod: Mongod | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def name(self) -> str:
        return self._settings.pod_name

    def start(self, address: Object | None) -> None:
        """`address`: as the agent finds it before its engine starts first; None: nobody answered."""
        self._look_whether_given_up(address)
        self._start_engine()
        self._tasks = [spawn(self._reporter.run()), spawn(self._run())]

    def kill(self) -> None:
        """The container is gone, and its engine with it."""
        self._is_killed = True
        for task in self._tasks:
            task.cancel()
        self._replica_set.stop(self._mongod)

    async def stop(self) -> None:
        """SIGTERM: the hand-over comes before the stop."""
        self._replica_set.leave(self.name)
        await asyncio.sleep(0.5)
        self.kill()

    def crash(self, down_seconds: float = RESTART_SECONDS) -> None:
        """`kill -9` of the engine: its agent sees it at once and has a peer take over. A crash loop keeps it down for longer."""
        was_primary = self._replica_set.report(self.name).role is Role.PRIMARY
        self._replica_set.stop(self._mongod)
        if was_primary:
            self._replica_set.rescue(self.name, self._group())
        self._wake.set()
        asyncio.get_running_loop().call_later(down_seconds, self._start_engine)

    def saw(self, item: Object) -> None:
        """Its own Pod or the address changed, and its watch tells so."""
        if self.kube.line.is_cut:
            return
        if item["kind"] == "Pod":
            self._reporter.saw(item)
            order = json.loads((item["metadata"].get("annotations") or {}).get(names.ANNOTATION_ORDER, "{}"))
            if order == self._order:
                return
            self._order = order
        else:
            self._has_heir = has_heir(item, pod=self.name, term=self._claimed_term)
            self._is_behind_address |= holder_of(item) == self.name
            self._claimed_term = -1 if is_vacant(item) else self._claimed_term
            self._look_who_serves(item)
            self._look_whether_given_up(item)
        self._wake.set()

    def _look_who_serves(self, address: Object) -> None:
        """As the real agent does: a member of a generation that served and does not any more stops its engine for good."""
        before, own = self._service, self._settings.generation
        serves = names.generation_of(address["metadata"].get("annotations") or {})
        self._service = seen(before, own=own, serves=serves)
        if serves == own and (not before.has_served or before.is_retired):
            self._claimed_term = -1
        if self._service.is_retired and not before.is_retired:
            self._replica_set.stop(self._mongod)
        elif before.is_retired and not self._service.is_retired:
            self._start_engine()

    def _look_whether_given_up(self, address: Object | None) -> None:
        """As the real agent does: its engine is stopped, and stays so until what it holds was put aside."""
        before = self._is_given_up
        if address is not None:
            self._is_given_up = self.name in names.excluded_in(address["metadata"].get("annotations") or {})
        if self._is_given_up and not before:
            self._replica_set.stop(self._mongod)
        elif before and not self._is_given_up:
            self._claimed_term = -1
            self._start_engine()

    def _start_engine(self) -> None:
        if self._is_killed or self._service.is_retired or self._is_given_up:
            return
        if self._folder.damage and not self._folder.is_out_of_date:
            return
        if self._replica_set.running.get(self.name) is self._mongod is not None:
            return  # it was started after its data was put aside, before the pause after its crash was over
        if self._replica_set.is_to_wait_empty(self.name, self._folder, self._group()):
            asyncio.get_running_loop().call_later(EMPTY_LOOK_SECONDS, self._start_engine)
            self._wake.set()
            return
        self._mongod = self._replica_set.start(
            self.name, self._folder, version=self._version, group=self._group(), changed=self._wake.set
        )
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                self._carry_out_order()
            except OrderRefusedError as error:
                self._order_refused, self._order_error = self._order["id"], str(error)
            except ConnectionError as error:
                self._order_error = str(error)
                self._wake_later()
            try:
                await self._hold_address()
            except KubeError:
                self._wake_later()
            self._reporter.publish(self._report())

    def _wake_later(self) -> None:
        asyncio.get_running_loop().call_later(RETRY_SECONDS, self._wake.set)

    def _report(self) -> MemberReport:
        report = self._replica_set.report(self.name)
        if self._service.is_retired:
            report = MemberReport(role=Role.REMOVED, message="its generation serves no more")
        if self._is_given_up:
            has_data = self._folder.configuration is not None
            return replace(
                MemberReport(role=Role.REMOVED, has_data=has_data, excluded=True, message="it was given up"),
                order_done=self._order_done,
                order_error=self._order_error,
                order_refused=self._order_refused,
            )
        if report.role is Role.DOWN and self._folder.configuration is None:
            report = replace(report, has_data=self._folder.is_seeded)
        report = replace(report, damage=self._folder.damage, are_writes_stopped=self._must_stop_writes(report))
        if self._folder.size_mib:
            report = replace(report, volume=self._gauge.look(self._replica_set.seconds(), room_of(self._folder)))
        return replace(report, order_done=self._order_done, order_error=self._order_error, order_refused=self._order_refused)

    def _must_stop_writes(self, report: MemberReport) -> bool:
        """As the real one decides it, by the same rules."""
        if report.role is not Role.PRIMARY or self._mongod is None:
            return False
        holders = [
            self._folder,
            *(peer.folder for peer in self._replica_set.peers(self._mongod) if peer.role is not Role.ARBITER),
        ]
        full = sum(is_full(room_of(folder)) for folder in holders if folder.size_mib)
        return must_stop(len(holders), full, len(self._mongod.configuration.voters) // 2 + 1)

    def look_at_volume(self) -> None:
        """Somebody wrote into it, or it has grown."""
        self._wake.set()

    def _carry_out_order(self) -> None:
        order = self._order
        if order and order["id"] not in (self._order_done, self._order_refused):
            loop, until = cast("SimLoop", asyncio.get_running_loop()), order["body"].get("until")
            if until is not None and loop.utc() > datetime.fromisoformat(until):
                raise OrderRefusedError("it heard of it too late")
            if order["action"] == EMPTY_MEMBER:
                self._empty(order)
            elif order["action"] == DRILL:
                self._drill(order)
            else:
                carry_out(self._replica_set, self.name, order["action"], order["body"])
            self._order_done, self._order_error = order["id"], ""

    def _drill(self, order: Object) -> None:
        """As the real one does: once, soon, and only while it sees that all is well."""
        if self._folder.drilled_for == order["id"]:
            return
        report, body = self._replica_set.report(self.name), order["body"]
        if report.role not in (Role.PRIMARY, Role.SECONDARY) or report.peers_down:
            raise OrderRefusedError("a drill begins only while all is well")
        self._folder.drilled_for = order["id"]
        match body["kind"]:
            case DrillKind.PRIMARY_CRASH | DrillKind.SECONDARY_CRASH:
                self.crash()
            case DrillKind.MEMBER_DATA_LOSS:
                self._replica_set.stop(self._mongod)
                self._replica_set.lose(self.name, self._folder)
                self._start_engine()
            case _:  # nobody notices but by its silence
                self._replica_set.stop(self._mongod)
                asyncio.get_running_loop().call_later(body["seconds"] + RESTART_SECONDS, self._start_engine)

    def _empty(self, order: Object) -> None:
        """As the real one does: once, and an order that was refused stays so."""
        if self._folder.emptied_for == order["id"]:
            return
        if why := self._why_not_emptied(order):
            self._folder.refused_for = order["id"]
            raise OrderRefusedError(why)
        self._replica_set.stop(self._mongod)
        self._replica_set.empty(self.name, self._folder, order["id"])
        self._start_engine()

    def _why_not_emptied(self, order: Object) -> str:
        running, known = self._replica_set.running.get(self.name), self._folder.configuration
        is_named = running is not None and known is not None and self.name in known.members
        if is_named and known is not None and is_later(known.mark, order["body"]["configuration"]):
            return "the cluster was changed since, and counts it"
        if is_named and running is not None and running.role is Role.PRIMARY:
            return "it is the primary by now"
        if self._folder.is_full or self._folder.refused_for == order["id"]:
            return "its volume has no room for a new copy beside its old data"
        return ""

    def fill(self) -> None:
        """From now on its volume has no room for a second copy: nobody but a person helps once its data is damaged, too."""
        self._folder.is_full = not self._folder.damage

    def damage(self, why: str, *, is_out_of_date: bool = False) -> None:
        """From now on its data is of no use: its engine does not start on it, or never catches up."""
        self._folder.damage, self._folder.is_out_of_date, self._folder.is_full = why, is_out_of_date, False
        self.crash(0.1)

    async def _hold_address(self) -> None:
        """While primary: the claim, once per term. After losing it to an heir: the clients are cut by a restart."""
        report = self._replica_set.report(self.name)
        if report.role is Role.PRIMARY and self._claimed_term != report.term:
            await self._address.claim(report.term)
            self._claimed_term = report.term
        elif report.role in (Role.SECONDARY, Role.REMOVED) and self._is_behind_address and self._has_heir:
            self._is_behind_address = False
            self._replica_set.stop(self._mongod)
            asyncio.get_running_loop().call_later(RESTART_SECONDS, self._start_engine)
