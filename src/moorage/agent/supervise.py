"""What the agent does next about its engine. Pure: facts in, action out."""

from dataclasses import dataclass
from enum import StrEnum

from moorage.core.report import Role

RESTART_SECONDS_MIN, RESTART_SECONDS_MAX = 0.5, 60.0
DAMAGED_RESTART_SECONDS = 600.0
"""Each start that fails for want of whole data may leave files behind, which in the end take the room of a new copy."""
STABLE_SECONDS = 10.0
"""An engine that ran this long is not in a crash loop."""


class Action(StrEnum):
    NOTHING = "nothing"
    RESCUE = "rescue"
    """The engine died while it was primary: a peer is to take over now."""
    START = "start"
    RETIRE = "retire"
    """Another generation serves, and clients may still hang on this one, or the member was given up: its engine stays down."""
    HOLD = "hold"
    """Its volume is full: an engine that has no room to go on with stops in order, and is not started to die again."""
    CUT_CLIENTS = "cut-clients"
    """It lost the primary role while clients are connected through the address: they must notice."""
    STAND_ASIDE = "stand-aside"
    """As above, but nobody can move the address: the engine is restarted at its spare port, and its clients are passed on."""
    HAND_BACK = "hand-back"
    """Primary at its spare port, and the address can be moved again: another member is to take over."""


@dataclass(frozen=True)
class EngineFacts:
    """What is known about the local engine."""

    is_running: bool
    role: Role
    role_before: Role
    rescued: bool = False
    stopping: bool = False
    is_retired: bool = False
    has_room: bool = True
    """Enough in its volume to go on with, or to start."""
    is_given_up: bool = False
    """Another member was kept alone, on a person's word."""
    is_behind_address: bool = False
    """Clients may be connected through the address: this member held it and another one holds it now."""
    misleads: bool = False
    """It runs at its own port, the address leads there, another member is primary, and nobody can move the address."""
    may_hand_back: bool = False
    """It runs at its spare port, and the address can be moved."""


def decide(facts: EngineFacts) -> Action:
    """The first rule that applies wins."""
    if facts.stopping:
        return Action.NOTHING
    if facts.is_retired or facts.is_given_up:
        return Action.RETIRE
    if not facts.is_running:
        if facts.role_before is Role.PRIMARY and not facts.rescued:
            return Action.RESCUE
        return Action.START if facts.has_room else Action.HOLD
    if not facts.has_room:
        return Action.HOLD
    if facts.is_behind_address and facts.role is not Role.PRIMARY:
        return Action.CUT_CLIENTS
    if facts.misleads and facts.role is Role.SECONDARY:
        return Action.STAND_ASIDE
    if facts.may_hand_back and facts.role is Role.PRIMARY:
        return Action.HAND_BACK
    return Action.NOTHING


@dataclass(frozen=True)
class Service:
    """What a member has seen of which generation serves, since its agent started."""

    has_served: bool = False
    """Its own did, so clients may know it."""
    is_retired: bool = False


def seen(before: Service, *, own: int, serves: int | None) -> Service:
    """After a look at the address; `serves` None: there is none to look at, which tells nothing.

    A member of a generation that is still to serve is not retired, nor is one that is started again to serve once more.
    """
    if serves is None:
        return before
    has_served = before.has_served or serves == own
    return Service(has_served, has_served and serves != own)


def crashes_in_a_row(before: int, ran_seconds: float) -> int:
    """This crash counted. One after a stable run is the first of a row: the next start is not the one to be slow."""
    return 1 if ran_seconds >= STABLE_SECONDS else before + 1


def restart_delay_seconds(crashes: int, *, is_damaged: bool = False) -> float:
    """How long to wait before the engine is started again after `crashes` crashes in a row."""
    if crashes <= 1:
        return 0.0
    if is_damaged:
        return DAMAGED_RESTART_SECONDS
    return float(min(RESTART_SECONDS_MIN * 2 ** (crashes - 2), RESTART_SECONDS_MAX))
