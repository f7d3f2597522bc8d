"""A model of a cluster whose size changes: an engine with safe reconfiguration, Pods, agents that report when they do.

What is true and what was reported are kept apart, so that a plan can be tried on a late report.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from moorage.core import names, resize
from moorage.core.facts import AddressFacts, Known, MemberFacts, MemberReport, PodFacts, Role, Snapshot, Unknown
from moorage.core.plan import plan
from moorage.core.promotion import HAND_OVER
from moorage.core.step import Apply, Order, Rest, Step, Target, Wait
from tests.unit.build import OBJECTS, TEMPLATE, service, target

MOST = 7
SERVICES = {members: service(members=members) for members in range(1, MOST + 1)}


def pod_name(ordinal: int) -> str:
    return names.pod("orders", 1, ordinal)


def ordinal_of(pod: str) -> int:
    return int(pod.rpartition("-")[2])


@dataclass
class Pod:
    """A Pod of the StatefulSet and the engine in it."""

    is_alive: bool = True
    is_heard: bool = True
    """The kubelet reaches the agent; the engine may well run when it does not."""
    order: dict[str, Any] = field(default_factory=dict)
    done: str = ""


@dataclass
class World:
    """`nodes`: how many Pods find a place. `with_data`: ordinals whose volume was written to."""

    wanted: int
    nodes: int = MOST
    replicas: int = 0
    pods: dict[int, Pod] = field(default_factory=dict)
    with_data: set[int] = field(default_factory=set)
    configured: tuple[int, ...] = ()
    copying: set[int] = field(default_factory=set)
    """In the configuration and without a vote: they still copy."""
    primary: int | None = None
    term: int = 1
    version: int = 1
    reported: dict[int, MemberReport] = field(default_factory=dict)

    @classmethod
    def running(cls, members: int, nodes: int = MOST) -> "World":
        every = tuple(range(members))
        world = cls(wanted=members, nodes=nodes, replicas=members, configured=every, with_data=set(every), primary=0)
        world.pods = {i: Pod() for i in every}
        world.report()
        return world

    # The engine.

    def voters(self) -> list[int]:
        return [i for i in self.configured if i not in self.copying]

    def alive(self, ordinals: list[int]) -> list[int]:
        return [i for i in ordinals if i in self.pods and self.pods[i].is_alive and i in self.with_data]

    def has_majority(self, voters: list[int] | None = None) -> bool:
        voters = self.voters() if voters is None else voters
        return len(self.alive(voters)) >= resize.majority(len(voters))

    def progress(self) -> None:
        """Elections, and copies that are done."""
        if not self.has_majority() or self.primary not in self.alive(self.voters()):
            self.primary = None
        if self.primary is None and self.has_majority():
            self.primary, self.term = self.alive(self.voters())[0], self.term + 1
        for i in [i for i in self.copying if self.primary is not None and i in self.pods and self.pods[i].is_alive]:
            self.with_data.add(i)
            self.copying.discard(i)
            self.version += 1

    def mark(self) -> str:
        return f"{self.term}:{self.version}"

    def reconfigure(self, ordinals: tuple[int, ...], mark: str) -> bool:
        """As MongoDB does it: by the primary, for the configuration that it has, and only when majorities carry it.

        False when they do not: the agent then tries again. An order for another configuration does nothing, and is done.
        """
        voters = [i for i in ordinals if i not in self.copying and (i in self.configured)]
        if mark != self.mark():
            return True
        if not self.has_majority() or not self.has_majority(voters):
            return False
        assert len(set(ordinals) ^ set(self.configured)) <= 1, "one member at a time"
        assert self.primary in ordinals, "the primary is never taken out"
        self.copying |= set(ordinals) - set(self.configured)
        self.copying &= set(ordinals)
        self.configured, self.version = ordinals, self.version + 1
        return True

    # The agents.

    def carry_out(self) -> None:
        """The primary's agent does its order, once, and tries again what the engine refuses."""
        if self.primary is None or not (order := self.pods[self.primary].order) or self.pods[self.primary].done == order["id"]:
            return
        agent, body, is_done = self.pods[self.primary], order["body"], True
        match order["action"]:
            case resize.ADD_MEMBER:
                is_done = self.reconfigure((*self.configured, ordinal_of(body["member"])), body["configuration"])
            case resize.REMOVE_MEMBER:
                gone = ordinal_of(body["member"])
                is_done = self.reconfigure(tuple(i for i in self.configured if i != gone), body["configuration"])
            case action:
                assert action == HAND_OVER
                if body["term"] == self.term and ordinal_of(body["to"]) in self.alive(self.voters()):
                    self.primary, self.term = ordinal_of(body["to"]), self.term + 1
        if is_done:
            agent.done = order["id"]

    def report(self, only: set[int] | None = None) -> None:
        for i, pod in self.pods.items():
            if pod.is_alive and (only is None or i in only):
                self.reported[i] = self._report_of(i)

    def _report_of(self, i: int) -> MemberReport:
        if i not in self.configured:
            return MemberReport(role=Role.REMOVED if i in self.with_data else Role.UNINITIALIZED, has_data=i in self.with_data)
        follower = Role.CATCHING_UP if i in self.copying else Role.SECONDARY
        role = Role.PRIMARY if i == self.primary else follower
        return MemberReport(
            role=role, term=self.term, configured=tuple(map(pod_name, self.configured)), configuration=self.mark()
        )

    # The StatefulSet.

    def scale(self, replicas: int) -> None:
        self.replicas = replicas
        self.pods = {i: pod for i, pod in self.pods.items() if i < replicas}
        for i in range(replicas):
            if i not in self.pods and len(self.pods) < self.nodes:
                self.pods[i] = Pod()
        self.reported = {i: report for i, report in self.reported.items() if i in self.pods}

    # The operator.

    def snapshot(self) -> Snapshot:
        named = {ordinal_of(pod) for report in self.reported.values() for pod in report.configured}
        beyond = [i for i in range(self.wanted, MOST) if i in self.pods or i < self.replicas or i in named]
        base = Snapshot(
            service=SERVICES[self.wanted],
            members=tuple(map(self._member, range(self.wanted))),
            leaving=tuple(map(self._member, beyond)),
            replicas=self.replicas,
            applied={d.key: d.digest for d in OBJECTS},
        )
        primary = base.primary()
        return replace(base, address=AddressFacts(holder=primary.pod_name if primary else "", external="10.89.1.1"))

    def _member(self, i: int) -> MemberFacts:
        pod, name = self.pods.get(i), pod_name(i)
        facts = MemberFacts(name=f"datanode{i}", ordinal=i, pod_name=name)
        if pod is None:
            unplaced = PodFacts(name=name, template=TEMPLATE, trouble="no node can take it")
            return replace(facts, pod=unplaced if i < self.replicas else None, report=Unknown("the agent has not reported yet"))
        is_heard = pod.is_alive and pod.is_heard
        known = PodFacts(name=name, ready=is_heard, template=TEMPLATE, order_id=pod.order.get("id", ""))
        report = self.reported.get(i)
        heard = Known(report) if report is not None and is_heard else Unknown("the agent does not answer the kubelet")
        return replace(facts, pod=known, report=heard)

    def target(self, seen: Snapshot) -> Target:
        return target(joins={pod_name(i): {"entry": i} for i in range(self.wanted)}, replicas=resize.replicas(seen))

    def step(self) -> Step:
        """The operator's next step, done."""
        seen = self.snapshot()
        goal = self.target(seen)
        step = plan(seen, goal)
        match step:
            case Apply():
                assert goal.replicas is not None
                self.scale(goal.replicas)
            case Order(member, order_id, action, body):
                self.pods[member.ordinal].order = {"id": order_id, "action": action, "body": body}
            case _:
                assert isinstance(step, Wait | Rest), step
        return step

    def settle(self, passes: int = 100) -> Step:
        """Everything that can happen happens, again and again, until nothing is left to do; the last step."""
        for _ in range(passes):
            self.progress()
            self.report()
            step = self.step()
            if step == Rest():
                break
            self.carry_out()
        return step
