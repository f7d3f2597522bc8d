"""The snapshot that every decision is made from. Immutable values; what was not heard is said to be so."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from moorage.api.dataservice import DataService, RestoreState
from moorage.api.quantity import parse
from moorage.core import generations, names
from moorage.core.generations import Generation
from moorage.core.report import MemberReport, Role
from moorage.core.workers import WorkerFacts

__all__ = ["AddressFacts", "Known", "MemberFacts", "MemberReport", "PodFacts", "Role", "Snapshot", "Unknown"]

T = TypeVar("T")


@dataclass(frozen=True)
class Known(Generic[T]):
    """Heard, and still true."""

    value: T


@dataclass(frozen=True)
class Unknown:
    """Not heard from, and why; nothing destructive may be built on it."""

    why: str
    never_was: bool = False
    """Its Pod is new: nothing of it was ever heard."""


@dataclass(frozen=True)
class PodFacts:
    """What Kubernetes says about a member's Pod."""

    name: str
    ready: bool = False
    """The kubelet reaches the agent; false also when the node is not heard from."""
    deleting: bool = False
    created: str = ""
    """RFC 3339 in UTC, as Kubernetes writes it."""
    node: str = ""
    template: str = ""
    trouble: str = ""
    """Why it cannot run until somebody acts (no node takes it, its image cannot be pulled …); empty when it can."""
    order_id: str = ""
    """Id of the order that stands on it."""
    settings: str = ""
    """What it says of settings that its running engine is told; empty: nothing."""
    queries: str = ""
    """What it says of queries that become metrics; empty: nothing."""
    silent_since: str = ""
    """Since when its node is not heard from, RFC 3339 in UTC; empty when it is."""
    lost_at: str = ""
    """When that has lasted for so long that another member is to stand in; empty: never, or its node is heard from."""
    is_node_gone: bool = False
    """Its node was deleted, or declared out of service: nothing of it runs there any more."""


@dataclass(frozen=True)
class MemberFacts:
    """One member: a wanted one, or one that is on its way out."""

    name: str
    ordinal: int
    pod_name: str
    is_arbiter: bool = False
    pod: PodFacts | None = None
    refused: str = ""
    """Why Kubernetes is not allowed to make its Pod, so that somebody must act; empty when it is."""
    left_behind: str = ""
    """Uid of the Pod in its place whose StatefulSet is gone, so that it has none of its own; empty when there is no such Pod."""
    slow: str = ""
    """What takes longer than it should and may yet come by itself (a slow pull …); empty when nothing does."""
    report: Known[MemberReport] | Unknown = Unknown("it has no Pod yet")

    def term(self) -> int:
        """That it is in; -1 when it was not heard."""
        return self.report.value.term if isinstance(self.report, Known) else -1

    def role(self) -> Role | None:
        """Its role when it was heard, else None."""
        return self.report.value.role if isinstance(self.report, Known) else None


@dataclass(frozen=True)
class AddressFacts:
    """The address: where it leads and how it is reached."""

    holder: str = ""
    """Pod name of the member behind it; empty when none is."""
    term: int = 0
    generation: int = 1
    """The one whose members may claim it."""
    excluded: frozenset[str] = frozenset()
    """Pod names of members that were given up in a recovery: their engines stay stopped."""
    external: str = ""
    """L4 address given by the load balancer; empty when there is none yet."""


@dataclass(frozen=True)
class RestoreSeen:
    """What the service's own status says of restores."""

    state: RestoreState = field(default_factory=RestoreState)
    running: str = ""
    """The one that runs, in words; empty when none does."""


@dataclass(frozen=True)
class Snapshot:
    """Everything that one decision about one service may use."""

    service: DataService
    members: tuple[MemberFacts, ...]
    """The wanted ones."""
    leaving: tuple[MemberFacts, ...] = ()
    """Beyond the wanted ones: those that have a Pod, are to have one, or stand in the engine's configuration."""
    replicas: int = 0
    """Pods that the StatefulSet is to keep now."""
    address: AddressFacts = AddressFacts()
    applied: dict[str, str] = field(default_factory=dict)
    """`Kind/name` → digest of every object of the service that exists."""
    claim_sizes: dict[str, str] = field(default_factory=dict)
    """Volume claim that has its volume → size that it asks for now."""
    stale_claims: tuple[str, ...] = ()
    """Claims that never had a volume and ask for another class or size than the spec does."""
    leaving_claims: tuple[str, ...] = ()
    """Claims without a volume that are being deleted."""
    infeasible_claims: dict[str, str] = field(default_factory=dict)
    """Claim that asks for more than its volume can ever have → the size that the volume has; it may ask for less again."""
    capacities: dict[str, str] = field(default_factory=dict)
    """Volume claim → the size that its volume has."""
    growth_trouble: str = ""
    """Why volumes cannot grow as asked for; what runs does not need it. Empty when they can."""
    growing: str = ""
    """Which volumes are growing; empty when none is."""
    why_fixed: str = ""
    """Why none of the volumes can ever grow as things are; empty when they can."""
    grown_at: str = ""
    """When Moorage last let a volume grow by itself; empty when it never did."""
    unused_claims: tuple[str, ...] = ()
    """Claims without a volume of members that are not wanted and have no Pod."""
    volume_type: str | None = None
    claim_trouble: str = ""
    """Why a volume cannot be had (no such StorageClass …); empty when it can."""
    lost_volumes: str = ""
    """Which volumes are lost, or will be when their members stop; empty when none is."""
    lost_claims: tuple[str, ...] = ()
    """Claims whose volume is gone for good."""
    lost_leaving_claims: tuple[str, ...] = ()
    """Those of them that are being deleted."""
    expose_trouble: str = ""
    is_beside: bool = False
    """These are members of a generation that does not serve yet: no address leads to them."""
    is_seeded: bool = False
    """A restore filled the volume of the first member and found everything in it."""
    awaits_restore: str = ""
    """What the first volume waits for before any member may start; empty when it waits for nothing."""
    unfinished_claims: tuple[str, ...] = ()
    """Claims of its own that a restore made which will never fill them."""
    marked_claims: tuple[str, ...] = ()
    """Claims of the generation that serves which still say that it is unfinished, or kept."""
    others: tuple[Generation, ...] = ()
    """The generations that do not serve, and have something left."""
    restore: RestoreSeen = field(default_factory=RestoreSeen)
    now: str = ""
    now_exact: str = ""
    """As `now`, with milliseconds: how long a drill takes is measured in less than seconds."""
    drill_writer: WorkerFacts | None = None
    """The worker of the drill that is under way; None: there is none, or it is gone."""
    undo_until: str = ""
    """Until when a generation is kept that stops serving now."""
    no_place: str = ""
    """Why no repair that copies data may begin now for the sake of other services; empty when one may."""
    free_nodes: int = 0
    """Nodes that take Pods and have no member of the service."""

    def member(self, name: str) -> MemberFacts | None:
        """The member of that name, when it is wanted."""
        return next((m for m in self.members if m.name == name), None)

    def primary(self) -> MemberFacts | None:
        """The member with the highest term that says it is primary; None when none does."""
        primaries = [m for m in self.everyone() if m.role() is Role.PRIMARY]
        return max(primaries, key=MemberFacts.term, default=None)

    def everyone(self) -> tuple[MemberFacts, ...]:
        """The wanted members and those on their way out."""
        return (*self.members, *self.leaving)

    def configured(self) -> frozenset[str]:
        """Pod names in the engine's own configuration: as the primary has it, else all that anybody names.

        Empty: nobody says. A member can be behind, so without a primary this may name too many, never too few of those heard.
        """
        primary = self.primary()
        witnesses = self.everyone() if primary is None else (primary,)
        return frozenset(name for m in witnesses if isinstance(m.report, Known) for name in m.report.value.configured)

    def cluster(self) -> tuple[MemberFacts, ...]:
        """The members that the engine counts; all wanted ones while its configuration is not known."""
        configured = self.configured()
        return tuple(m for m in self.everyone() if m.pod_name in configured) if configured else self.members

    def claim_of(self, member: MemberFacts) -> str:
        """The name of its volume claim."""
        return names.claim(self.service.metadata.name, generations.serving(self.service), member.ordinal)

    def volume_of(self, member: MemberFacts) -> str | None:
        """The size of its volume; None when it has none."""
        return self.capacities.get(self.claim_of(member))

    def has_lost_volume(self, member: MemberFacts) -> bool:
        return self.claim_of(member) in self.lost_claims

    def volume_size(self) -> str | None:
        """Size of the largest volume; None while there is none."""
        return max(self.capacities.values(), key=parse, default=None)

    def smallest_volume(self) -> str | None:
        """Size of the smallest volume of those that the engine counts; None while there is none."""
        sizes = (size for m in self.cluster() if (size := self.volume_of(m)) is not None)
        return min(sizes, key=parse, default=None)

    def counted(self) -> tuple[MemberFacts, ...]:
        """Those that the service's health is made of: the wanted ones, and the others as long as the engine counts them."""
        configured = self.configured()
        return (*self.members, *(m for m in self.leaving if m.pod_name in configured))
