"""When a member's agent answers at its engine's port, and where each connection then leads. Pure: facts in, values out.

The address leads to this member, another one is primary, and nobody can move the address while the API server is away. So the
agent takes the engine's port and the engine its spare one: clients are passed on to the primary, and everything that comes
from a member goes to this member's own engine. To the other members it is the one that it always was.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from moorage.engines.member import Primary


@dataclass(frozen=True)
class Place:
    """Where a connection comes from or leads to."""

    host: str
    port: int


@dataclass(frozen=True)
class Sight:
    """What this member knows about the address and the other members."""

    pod: str
    """Its own name."""
    leads_here: bool
    """The address does, as far as was told when the API server was last heard."""
    held_term: int
    """The term in which the address was claimed last."""
    is_answered: bool
    """The API server answers."""
    primary: Primary | None
    """The one of the latest term, as the other members say themselves."""
    peers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Pod name of every other member → the addresses that it connects from; none: they are not known."""
    engine_runs: bool = False
    peers_down: tuple[str, ...] = ()
    """Members that the engine does not hear."""


def why_not_forwarded(sight: Sight) -> str | None:
    """The reason why clients are not passed on to the primary, or None when they are."""
    if not sight.leads_here:
        return "the address does not lead here"
    if sight.is_answered:
        return "the API server answers, so the primary moves the address"
    if sight.primary is None or sight.primary.pod == sight.pod:
        return "no other member is primary"
    if sight.primary.term <= sight.held_term:
        return f"{sight.primary.pod} is primary in term {sight.primary.term}, and the address was claimed in {sight.held_term}"
    if unknown := sorted(pod for pod, addresses in sight.peers.items() if not addresses):
        return f"it is not known where {unknown[0]} connects from, and a member must never be taken for a client"
    if sight.primary.pod not in sight.peers:
        return f"{sight.primary.pod} is not known as a member"
    if sight.engine_runs and sight.peers_down:
        return f"{sight.peers_down[0]} is not heard, so this engine is not restarted now"
    return None


class End(StrEnum):
    """What is left to do once the address leads elsewhere."""

    WAIT = "wait"
    CUT = "cut"
    """Clients are cut: those whose node follows the address go to the primary themselves, the others come back."""
    OVER = "over"
    """Nobody comes any more."""


CUT_FIRST_SECONDS, QUIET_SECONDS, STALE_ROUTES_SECONDS_MAX = 2.0, 2.0, 90.0
"""A node whose kube-proxy lost the API server asks for it again after up to 60 s, and leads clients here until then."""


@dataclass(frozen=True)
class Leaving:
    """Seconds ago: since when the address leads elsewhere, when clients were cut last and when one came last (None: never)."""

    moved: float
    cut: float | None = None
    came: float | None = None
    cuts: int = 0
    """How often they were cut."""


def next_of(leaving: Leaving) -> End:
    """Clients are cut after 2, 4, 8 … s, and it is over when none has come back to a cut, or at the latest after 90 s."""
    if leaving.moved >= STALE_ROUTES_SECONDS_MAX:
        return End.OVER
    if leaving.cut is None:
        return End.CUT if leaving.moved >= CUT_FIRST_SECONDS else End.WAIT
    came_back = leaving.came is not None and leaving.came < leaving.cut
    if not came_back:
        return End.OVER if leaving.cut >= QUIET_SECONDS else End.WAIT
    return End.CUT if leaving.cut >= CUT_FIRST_SECONDS * 2**leaving.cuts else End.WAIT


@dataclass(frozen=True)
class Routes:
    """Where connections lead that end at the engine's port."""

    engine: Place
    """This member's own one, at its spare port."""
    primary: Place | None = None
    """Where clients go; None: nowhere."""
    members: frozenset[str] = frozenset()
    """The addresses that this member and the others connect from."""
    is_one_missing: bool = False
    """A member is not heard. It may come back with an address that nobody knows while the API server is away."""

    def leads(self, caller: str, *, is_known: bool) -> Place | None:
        """For a connection from this address. `is_known`: a client came from it while no member was missing."""
        if caller in self.members or self.primary == self.engine:  # then it does not matter who calls
            return self.engine
        return self.primary if is_known or not self.is_one_missing else None


def routes(
    before: Routes,
    *,
    own: Collection[str],
    peers: Mapping[str, frozenset[str]],
    primary: Primary | None,
    port: int,
    own_term: int | None,
    is_one_missing: bool = False,
) -> Routes:
    """`own_term`: the term in which this member itself is primary; None: it is not. `port`: where the members' engines answer.

    A primary that is not seen for a moment stays the one that clients go to until another one is: what it refuses, it refuses.
    """
    members = frozenset(own).union(*peers.values())
    if own_term is not None and (primary is None or primary.term <= own_term):
        return Routes(before.engine, before.engine, members, is_one_missing)
    addresses = sorted(peers.get(primary.pod, frozenset()).difference(own)) if primary is not None else []
    return Routes(before.engine, Place(addresses[0], port) if addresses else before.primary, members, is_one_missing)
