"""The fake engine: a MongoDB replica set as a database person knows it. Members vote, a majority elects, terms only rise."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from moorage.core.report import MemberReport, Role
from tests.sim.configuration import Configuration
from tests.sim.copies import why_at_risk

HEARTBEAT_SECONDS = 1.0
ELECTION_TIMEOUT_SECONDS = 2.0
DRAIN_SECONDS = 0.2
"""An elected member takes no writes before it has applied what it fetched."""
INITIAL_SYNC_SECONDS = 3.0
NOTHING = (0, 0)


@dataclass
class Folder:
    """A member's data folder: what its volume keeps."""

    configuration: Configuration | None = None
    """None: it never belonged to a replica set."""
    term: int = 0
    """The latest term in which it voted."""
    newest: tuple[int, int] = NOTHING
    """Term and number of the newest write that it holds."""
    needs_sync: bool = False
    """It joined empty a set that has data."""
    damage: str = ""
    """Why no engine starts on it any more."""
    emptied_for: str = ""
    """The last order that it was emptied for."""
    size_mib: int = 0
    """Of its volume; 0: nobody measures it."""
    used_mib: int = 0
    is_full: bool = False
    """Its volume has no room for a second copy."""
    drilled_for: str = ""
    """The last drill that broke something here."""
    refused_for: str = ""
    """The last order that was refused."""
    is_out_of_date: bool = False
    """No other member's oplog reaches back to what it holds: it stays where it is."""
    is_seeded: bool = False
    """A restore filled it; it belongs to no set yet."""


@dataclass(eq=False)
class Mongod:
    """A running engine."""

    pod: str
    folder: Folder
    version: str
    changed: Callable[[], None]
    """Wakes the agent."""
    group: int
    """Members of different groups cannot reach each other."""
    role: Role = Role.UNINITIALIZED
    ready_at_seconds: float = 0.0
    """When it has drained or synced."""
    alone_since: float | None = None
    leaderless_since: float | None = None
    told: object = None
    """The state that its agent knows of."""

    @property
    def configuration(self) -> Configuration:
        assert self.folder.configuration is not None, "only members of a set are asked for it"
        return self.folder.configuration


@dataclass
class ReplicaSet:
    """All running engines of the service and the network between them."""

    seconds: Callable[[], float]
    running: dict[str, Mongod] = field(default_factory=dict)
    living: list[Mongod] = field(default_factory=list)
    """As `running`, with those whose name another one has by now."""
    folders: dict[str, Folder] = field(default_factory=dict)
    """Volume → what it holds, whether anything runs there or not."""
    compatibility: str = ""
    acknowledged: tuple[int, int] = NOTHING
    """The newest write that a majority held: it must never be lost."""
    stem: str = "orders-g1"
    """What its members' names begin with."""
    beside: dict[str, "ReplicaSet"] = field(default_factory=dict)
    """The sets of other generations and services, by their stem: each has members, terms and data of its own."""
    forced: list[str] = field(default_factory=list)
    """Members that were forced to go on alone, one entry each time."""
    lost: str = ""
    """What went wrong with the data; empty while nothing did."""

    @property
    def exists(self) -> bool:
        """Whether any volume belongs to a replica set."""
        return any(folder.configuration is not None for folder in self.folders.values())

    def of(self, name: str) -> "ReplicaSet":
        """The set that a Pod or a claim belongs to, by its name."""
        stem = name.removeprefix("data-").rpartition("-")[0]
        return self if stem == self.stem else self.beside.setdefault(stem, ReplicaSet(self.seconds, stem=stem))

    def every(self) -> "list[ReplicaSet]":
        return [self, *self.beside.values()]

    def start(self, pod: str, folder: Folder, *, version: str, group: int, changed: Callable[[], None]) -> Mongod:
        if any(other.folder is folder for other in self.living):
            self.lost = f"{pod} writes a volume that another engine writes"
        mongod = self.running[pod] = Mongod(pod, folder, version, changed, group)
        self.living.append(mongod)
        if folder.configuration is not None and f"{version}." < self.compatibility:
            self.lost = f"{pod} cannot open its data: it is kept usable for {self.compatibility} and it runs {version}"
        if folder.configuration is not None:
            mongod.role, mongod.ready_at_seconds = Role.CATCHING_UP, self.seconds() + HEARTBEAT_SECONDS
        return mongod

    def is_to_wait_empty(self, pod: str, folder: Folder, group: int) -> bool:
        """As the real agent decides it (`mongodb/emptystart.py`): a member without data of a set that holds some starts only
        beside a primary, once enough of the others hold everything. A set that was just made holds nothing yet."""
        if folder.configuration is not None or folder.is_seeded or self.acknowledged[0] == 0:
            return False
        primaries = [m for m in self.running.values() if m.role is Role.PRIMARY and m.group == group]
        if not primaries:
            return True
        primary = max(primaries, key=lambda m: m.folder.term)
        configuration = primary.configuration
        others = [m for m in configuration.data_members if m != pod]
        holders = [m for m in (*self.peers(primary), primary) if m.pod in others and m.role in (Role.PRIMARY, Role.SECONDARY)]
        have = sum(m.folder.newest >= primary.folder.newest for m in holders)
        return have < min(len(configuration.voters) // 2 + 1, len(others))

    def stop(self, mongod: Mongod | None) -> None:
        """Another one of the same name may run by now: the Pod that took the place of one on a lost node."""
        self.living = [other for other in self.living if other is not mongod]
        if mongod is not None and self.running.get(mongod.pod) is mongod:
            del self.running[mongod.pod]

    def empty(self, pod: str, folder: Folder, order: str) -> None:
        """Its data is put aside."""
        if (risk := self.why_at_risk(pod, folder, is_useless=bool(folder.damage))) is not None:
            self.lost = f"{pod} was emptied {risk}"
        folder.configuration, folder.term, folder.newest = None, 0, NOTHING
        folder.damage, folder.is_out_of_date, folder.needs_sync, folder.emptied_for = "", False, False, order

    def lose(self, pod: str, folder: Folder) -> None:
        """In a drill: the set goes on counting it, so all others must hold everything that was ever acknowledged."""
        others = [m.folder for m in self.running.values() if m.folder is not folder]
        if len(others) < 2 or any(other.newest < self.acknowledged or other.needs_sync for other in others):
            self.lost = f"{pod} lost its data in a drill while another member did not hold everything"
        folder.configuration, folder.term, folder.newest, folder.needs_sync = None, 0, NOTHING, False

    def why_at_risk(self, pod: str, folder: Folder | None, *, is_useless: bool) -> str | None:
        """Whoever still counts on its data, or alone holds what was acknowledged, loses it."""
        known = max((f.configuration for f in self.folders.values() if f.configuration is not None), default=None)
        others = [m.folder for m in self.running.values() if m.folder is not folder]
        holders = sum(other.newest >= self.acknowledged and not other.needs_sync for other in others)
        return why_at_risk(known, pod, holders, is_useless=is_useless)

    def forget(self, volume: str) -> None:
        """The volume is deleted, and what it held with it."""
        self.folders.pop(volume, None)
        if not self.folders:
            self.acknowledged = NOTHING

    def seed(self, volume: str) -> None:
        """A restore fills it: from now on these writes must never be lost."""
        self.acknowledged = max(self.acknowledged, (0, 1))
        self.folders[volume] = Folder(newest=self.acknowledged, is_seeded=True)

    def leave(self, pod: str) -> None:
        """Before a planned stop: the freshest peer takes over."""
        mongod = self.running.get(pod)
        if mongod is not None and mongod.role is Role.PRIMARY:
            self._elect_one_of(self.peers(mongod))

    def rescue(self, pod: str, group: int) -> None:
        """After a crash of the primary: the freshest member that is left stands for election at once."""
        self._elect_one_of([m for m in self.running.values() if m.pod != pod and m.group == group])

    async def beat(self) -> None:
        """The heartbeats, for ever."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            for one in self.every():
                one.beat_once()

    def beat_once(self) -> None:
        for mongod in list(self.running.values()):
            self._learn_configuration(mongod)
        for mongod in list(self.running.values()):
            self._beat(mongod)
        self._write()
        for mongod in list(self.running.values()):
            if self._state(mongod) != mongod.told:
                mongod.changed()

    def report(self, pod: str) -> MemberReport:
        """What the agent sees of its engine."""
        mongod = self.running.get(pod)
        if mongod is None:
            return MemberReport(role=Role.DOWN, message="the engine does not run")
        mongod.told = self._state(mongod)
        if mongod.folder.configuration is None:
            return MemberReport(role=Role.UNINITIALIZED, has_data=mongod.folder.is_seeded)
        if mongod.role is Role.REMOVED:
            return MemberReport(role=Role.REMOVED, engine_version=mongod.version)
        configuration = mongod.configuration
        down = sorted(set(configuration.members) - {m.pod for m in self.peers(mongod)} - {pod})
        return MemberReport(
            mongod.role,
            mongod.folder.term,
            engine_version=mongod.version,
            peers_down=tuple(down),
            configured=tuple(sorted(configuration.members)),
            configuration=configuration.mark,
            voters=len(configuration.voters),
            compatibility=self.compatibility if mongod.role is Role.PRIMARY else "",
        )

    def _state(self, mongod: Mongod) -> object:
        return (mongod.role, mongod.folder.term, mongod.folder.configuration, [p.pod for p in self.peers(mongod)])

    def peers(self, mongod: Mongod) -> list[Mongod]:
        """The members of its configuration that it reaches."""
        members = mongod.folder.configuration.members if mongod.folder.configuration is not None else ()
        reached = (self.running.get(pod) for pod in members)
        return [m for m in reached if m is not None and m is not mongod and m.group == mongod.group and m.folder.configuration]

    def elect(self, candidate: Mongod) -> bool:
        """A vote: yes says who is reachable, has a vote, and knows no newer write and no newer configuration. So one that is
        empty, and copies or is to copy everything, says yes to anybody."""
        folder, configuration = candidate.folder, candidate.configuration
        can = [m for m in self.peers(candidate) if m.pod in configuration.voters]
        yes = [m for m in can if m.folder.newest <= folder.newest and m.configuration <= configuration]
        if candidate.pod not in configuration.voters or not configuration.is_majority(len(yes) + 1):
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

    def _learn_configuration(self, mongod: Mongod) -> None:
        """By the heartbeats of the others. An empty member copies everything; one that is not named any more serves nobody."""
        reached = (m for m in self.running.values() if m.group == mongod.group)
        known = [c for m in reached if (c := m.folder.configuration) is not None and mongod.pod in (*c.members, m.pod)]
        mine = mongod.folder.configuration
        newest = max(known, default=None)
        if newest is None or (mine is not None and newest <= mine and mongod.role is not Role.REMOVED):
            return
        if mine is None and mongod.pod not in newest.members:
            return
        is_named = mongod.pod in newest.members
        if mine is None:
            mongod.folder.needs_sync = self.acknowledged != NOTHING and mongod.pod not in newest.arbiters
        if is_named and (mine is None or mongod.role is Role.REMOVED):
            mongod.role, mongod.ready_at_seconds = Role.CATCHING_UP, self.seconds() + INITIAL_SYNC_SECONDS
        if not is_named:
            mongod.role = Role.REMOVED
        mongod.folder.configuration = newest

    def _beat(self, mongod: Mongod) -> None:
        if mongod.folder.configuration is None or mongod.role is Role.REMOVED:
            return
        folder, configuration, now, peers = mongod.folder, mongod.configuration, self.seconds(), self.peers(mongod)
        primaries = [p for p in peers if p.role is Role.PRIMARY and p.folder.term >= folder.term]
        folder.term = max([folder.term, *(p.folder.term for p in primaries)])
        heard = sum(p.pod in configuration.voters for p in peers) + (mongod.pod in configuration.voters)
        mongod.alone_since = _since(mongod.alone_since, not configuration.is_majority(heard), now)
        if mongod.role is Role.PRIMARY:
            if primaries or _lasts(mongod.alone_since, now):
                mongod.role = Role.SECONDARY
            else:
                self._give_votes(mongod, peers)
        elif mongod.role is Role.CATCHING_UP and now >= mongod.ready_at_seconds and not folder.is_out_of_date:
            self._catch_up(mongod, primaries)
        leaderless = mongod.role is not Role.PRIMARY and not primaries
        mongod.leaderless_since = _since(mongod.leaderless_since, leaderless, now)
        if mongod.role is Role.SECONDARY and _lasts(mongod.leaderless_since, now):
            self.elect(mongod)

    @staticmethod
    def _give_votes(primary: Mongod, peers: list[Mongod]) -> None:
        for peer in peers:
            if peer.pod in primary.configuration.copying and peer.role is Role.SECONDARY:
                primary.folder.configuration = primary.configuration.with_vote(peer.pod)

    @staticmethod
    def _catch_up(mongod: Mongod, primaries: list[Mongod]) -> None:
        if mongod.pod in mongod.configuration.arbiters:
            mongod.role = Role.ARBITER
        elif primaries or not mongod.folder.needs_sync:
            if primaries:
                mongod.folder.newest = primaries[0].folder.newest
            mongod.folder.needs_sync, mongod.role = False, Role.SECONDARY

    def _elect_one_of(self, members: list[Mongod]) -> None:
        heirs = sorted((m for m in members if m.role is Role.SECONDARY), key=lambda m: m.folder.newest, reverse=True)
        next((heir for heir in heirs if self.elect(heir)), None)

    def _take_writes(self, elected: Mongod, term: int) -> None:
        if self.running.get(elected.pod) is elected and elected.folder.term == term:
            elected.role, elected.folder.newest = Role.PRIMARY, (term, elected.folder.newest[1])
            elected.folder.configuration = elected.configuration.elected(term)
            elected.changed()

    def _write(self) -> None:
        """A client writes with `w: majority` all the time."""
        for primary in [m for m in self.running.values() if m.role is Role.PRIMARY]:
            folder, configuration = primary.folder, primary.configuration
            folder.newest = (folder.term, folder.newest[1] + 1)
            copies = [p for p in self.peers(primary) if p.role is Role.SECONDARY and p.folder.term <= folder.term]
            for copy in copies:
                copy.folder.newest = folder.newest
            if configuration.is_majority(sum(c.pod in configuration.voters for c in copies) + 1):
                self.acknowledged = max(self.acknowledged, folder.newest)


def _since(before: float | None, holds: bool, now: float) -> float | None:
    if not holds:
        return None
    return now if before is None else before


def _lasts(since: float | None, now: float) -> bool:
    return since is not None and now - since >= ELECTION_TIMEOUT_SECONDS
