"""The fake engine: a MongoDB replica set as a database person knows it. Members vote, a majority elects, terms only rise."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from moorage.core.report import MemberReport, Role

HEARTBEAT_SECONDS = 1.0
ELECTION_TIMEOUT_SECONDS = 2.0
DRAIN_SECONDS = 0.2
"""An elected member takes no writes before it has applied what it fetched."""
INITIAL_SYNC_SECONDS = 3.0
NOTHING = (0, 0)


@dataclass
class Folder:
    """A member's data folder: what its volume keeps."""

    replica_set: int = 0
    """Which set it belongs to; 0: none."""
    configured: tuple[str, ...] = ()
    term: int = 0
    """The latest term in which it voted."""
    newest: tuple[int, int] = NOTHING
    """Term and number of the newest write that it holds."""
    needs_sync: bool = False
    """It joined empty a set that has data, and has no vote until it holds everything."""


@dataclass(eq=False)
class Mongod:
    """A running engine."""

    pod: str
    folder: Folder
    changed: Callable[[], None]
    """Wakes the agent."""
    group: int
    """Members of different groups cannot reach each other."""
    role: Role = Role.UNINITIALIZED
    ready_at_seconds: float = 0.0
    """When it has drained or synced."""
    alone_since: float | None = None
    leaderless_since: float | None = None
    told: MemberReport | None = None
    """What the agent saw last."""


@dataclass
class ReplicaSet:
    """All running engines of the service and the network between them."""

    seconds: Callable[[], float]
    running: dict[str, Mongod] = field(default_factory=dict)
    folders: dict[str, Folder] = field(default_factory=dict)
    """Volume → what it holds, whether anything runs there or not."""
    arbiters: tuple[str, ...] = ()
    sets_made: int = 0
    acknowledged: tuple[int, int] = NOTHING
    """The newest write that a majority held: it must never be lost."""
    lost: str = ""
    """What went wrong with the data; empty while nothing did."""

    def start(self, pod: str, folder: Folder, *, group: int, changed: Callable[[], None]) -> Mongod:
        mongod = Mongod(pod, folder, changed, group=group)
        self.running[pod] = mongod
        if folder.replica_set:
            mongod.role, mongod.ready_at_seconds = Role.CATCHING_UP, self.seconds() + HEARTBEAT_SECONDS
        return mongod

    def stop(self, mongod: Mongod | None) -> None:
        """Another one of the same name may run by now: the Pod that took the place of one on a lost node."""
        if mongod is not None and self.running.get(mongod.pod) is mongod:
            del self.running[mongod.pod]

    def initiate(self, pod: str, configured: tuple[str, ...], arbiters: tuple[str, ...]) -> None:
        """`replSetInitiate`; done already is fine. Raises ConnectionError when a member of it cannot be reached."""
        first = self.running[pod]
        if first.folder.replica_set:
            return
        missing = [p for p in configured if p not in self.running or self.running[p].group != first.group]
        if missing:
            raise ConnectionError(f"replSetInitiate: {', '.join(missing)} cannot be reached")
        if any(folder.replica_set for folder in self.folders.values()):
            self.lost = "a replica set was made although a volume belongs to one"
        self.sets_made, self.arbiters = self.sets_made + 1, arbiters
        first.folder.replica_set, first.folder.configured, first.role = self.sets_made, configured, Role.SECONDARY
        self._elect(first)

    def hand_over(self, pod: str, to: str, term: int) -> None:
        """Has `to` stand for election, as the operator's order says. Raises ConnectionError when it is not elected."""
        primary, heir = self.running[pod], self.running.get(to)
        if primary.folder.term != term:
            return
        if heir is None or heir.role is not Role.SECONDARY or not self._elect(heir):
            raise ConnectionError(f"{to} was not elected")

    def leave(self, pod: str) -> None:
        """Before a planned stop: the freshest peer takes over."""
        mongod = self.running.get(pod)
        if mongod is not None and mongod.role is Role.PRIMARY:
            self._elect_one_of(self._peers(mongod))

    def rescue(self, pod: str, group: int) -> None:
        """After a crash of the primary: the freshest member that is left stands for election at once."""
        self._elect_one_of([m for m in self.running.values() if m.pod != pod and m.group == group])

    def forget(self, volume: str) -> None:
        """The volume is deleted, and what it held with it."""
        self.folders.pop(volume, None)
        if not self.folders:
            self.acknowledged = NOTHING

    async def beat(self) -> None:
        """The heartbeats, for ever."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            for mongod in list(self.running.values()):
                self._beat(mongod)
            self._write()
            for mongod in list(self.running.values()):
                if self._report(mongod) != mongod.told:
                    mongod.changed()

    def report(self, pod: str) -> MemberReport:
        """What the agent sees of its engine."""
        mongod = self.running.get(pod)
        if mongod is None:
            return MemberReport(role=Role.DOWN, message="the engine does not run")
        mongod.told = self._report(mongod)
        return mongod.told

    def _report(self, mongod: Mongod) -> MemberReport:
        folder = mongod.folder
        if not folder.replica_set:
            return MemberReport(role=Role.UNINITIALIZED, has_data=False)
        down = sorted(set(folder.configured) - {m.pod for m in self._peers(mongod)} - {mongod.pod})
        configured = tuple(sorted(folder.configured))
        return MemberReport(mongod.role, folder.term, engine_version="6.0.5", peers_down=tuple(down), configured=configured)

    def _beat(self, mongod: Mongod) -> None:
        if not mongod.folder.replica_set:
            self._join(mongod)
            return
        folder, now, peers = mongod.folder, self.seconds(), self._peers(mongod)
        primaries = [p for p in peers if p.role is Role.PRIMARY and p.folder.term >= folder.term]
        folder.term = max([folder.term, *(p.folder.term for p in primaries)])
        mongod.alone_since = _since(mongod.alone_since, len(peers) + 1 <= len(folder.configured) / 2, now)
        if mongod.role is Role.PRIMARY:
            if primaries or _lasts(mongod.alone_since, now):
                mongod.role = Role.SECONDARY
        elif mongod.role is Role.CATCHING_UP and now >= mongod.ready_at_seconds:
            self._catch_up(mongod, primaries)
        leaderless = mongod.role is not Role.PRIMARY and not primaries
        mongod.leaderless_since = _since(mongod.leaderless_since, leaderless, now)
        if mongod.role is Role.SECONDARY and _lasts(mongod.leaderless_since, now):
            self._elect(mongod)

    def _join(self, mongod: Mongod) -> None:
        """An empty member learns of its set by the heartbeat of the others, and copies everything."""
        inviting = [m for m in self.running.values() if m.group == mongod.group and mongod.pod in m.folder.configured]
        if inviting:
            theirs = max(inviting, key=lambda m: m.folder.newest).folder
            mongod.folder.replica_set, mongod.folder.configured = theirs.replica_set, theirs.configured
            mongod.folder.needs_sync = self.acknowledged != NOTHING and mongod.pod not in self.arbiters
            mongod.role, mongod.ready_at_seconds = Role.CATCHING_UP, self.seconds() + INITIAL_SYNC_SECONDS

    def _catch_up(self, mongod: Mongod, primaries: list[Mongod]) -> None:
        if mongod.pod in self.arbiters:
            mongod.role = Role.ARBITER
        elif primaries or not mongod.folder.needs_sync:
            if primaries:
                mongod.folder.newest = primaries[0].folder.newest
            mongod.folder.needs_sync, mongod.role = False, Role.SECONDARY

    def _elect_one_of(self, members: list[Mongod]) -> None:
        heirs = sorted((m for m in members if m.role is Role.SECONDARY), key=lambda m: m.folder.newest, reverse=True)
        next((heir for heir in heirs if self._elect(heir)), None)

    def _elect(self, candidate: Mongod) -> bool:
        """A vote: yes says who is reachable and holds no newer write."""
        folder = candidate.folder
        yes = [m for m in self._peers(candidate) if not m.folder.needs_sync and m.folder.newest <= folder.newest]
        if len(yes) + 1 <= len(folder.configured) / 2:
            return False
        term = 1 + max(m.folder.term for m in (candidate, *yes))
        for mongod in (candidate, *yes):
            mongod.folder.term = term
            mongod.role = Role.SECONDARY if mongod.role is Role.PRIMARY else mongod.role
        if folder.newest < self.acknowledged:
            self.lost = f"{candidate.pod} was elected without an acknowledged write"
        candidate.role, candidate.ready_at_seconds = Role.CATCHING_UP, self.seconds() + 2 * DRAIN_SECONDS
        asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._take_writes, candidate, term)
        for mongod in (candidate, *yes):
            mongod.changed()
        return True

    def _take_writes(self, elected: Mongod, term: int) -> None:
        if self.running.get(elected.pod) is elected and elected.folder.term == term:
            elected.role, elected.folder.newest = Role.PRIMARY, (term, elected.folder.newest[1])
            elected.changed()

    def _write(self) -> None:
        """A client writes with `w: majority` all the time."""
        for primary in [m for m in self.running.values() if m.role is Role.PRIMARY]:
            folder = primary.folder
            folder.newest = (folder.term, folder.newest[1] + 1)
            copies = [p for p in self._peers(primary) if p.role is Role.SECONDARY and p.folder.term <= folder.term]
            for copy in copies:
                copy.folder.newest = folder.newest
            if len(copies) + 1 > len(folder.configured) / 2:
                self.acknowledged = max(self.acknowledged, folder.newest)

    def _peers(self, mongod: Mongod) -> list[Mongod]:
        return [m for m in self.running.values() if m.group == mongod.group and m is not mongod and m.folder.replica_set]


def _since(before: float | None, holds: bool, now: float) -> float | None:
    if not holds:
        return None
    return now if before is None else before


def _lasts(since: float | None, now: float) -> bool:
    return since is not None and now - since >= ELECTION_TIMEOUT_SECONDS
