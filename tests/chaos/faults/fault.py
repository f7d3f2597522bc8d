"""What a fault is: how it starts, how it is taken back, whom it hits, and what the service owes its people meanwhile."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos import bench, kit
from tests.chaos.bench import Member
from tests.chaos.workloads import Via

PRIMARY, SECONDARY, ALL, MAJORITY = "primary", "secondary", "all", "majority"
NODE_OF_PRIMARY, NODE_OF_SECONDARY = "node-of-primary", "node-of-secondary"


@dataclass
class Scene:
    """One run, as a fault sees it. `notes`: what `start` leaves for `heal`."""

    target: str
    random: random.Random
    victims: tuple[Member, ...]
    folder: Path
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def victim(self) -> Member:
        return self.victims[0]

    def node(self) -> str:
        return bench.node_of(self.victim)


def nothing(scene: Scene) -> None:
    """Nobody has to take this fault back."""


def nothing_to_add(scene: Scene) -> list[str]:
    return []


@dataclass(frozen=True)
class Named:
    """A pattern that the status, an Event or the report on a member's Pod must match; `{victim}` is the member's name.

    `within_seconds` is counted from the start; longer than 10 s only with a reason that is not ours to change.
    """

    pattern: str
    within_seconds: float = 10.0
    why_longer: str = ""


@dataclass(frozen=True)
class NotNamed:
    """Why nothing has to be said."""

    why: str


@dataclass(frozen=True)
class Fault:
    """`lasts_seconds`: a run draws from between. `gap_seconds`: the budget of V3, by target word where they differ."""

    name: str
    targets: tuple[str, ...]
    does: str
    """What is done to the target, for the table."""
    happens: str
    """What must come of it, for the table."""
    start: Callable[[Scene], None]
    gap_seconds: dict[str, float]
    named: Named | NotNamed
    heal: Callable[[Scene], None] = nothing
    afterwards: Callable[[Scene], list[str]] = nothing_to_add
    """Findings of its own once all is whole: that it did harm at all, and what else it owes."""
    lasts_seconds: tuple[float, float] = (0.0, 0.0)
    gap_since_heal: bool = False
    """The service cannot serve while the fault stands (too many are away): the gap is counted from when it was taken back."""
    changes_max: dict[str, int] = field(default_factory=dict)
    """How often the primary may change, by target word. Where none stands it is not judged, but for a secondary it is 0."""
    words: dict[str, str] = field(default_factory=dict)
    """What stands for `{what}` in the pattern, by target word."""
    rebuilds: bool = False
    """The target's data is of no use afterwards, so that it may be put aside: of nobody else, and in no other fault."""
    empties: bool = False
    """The target loses all its data, so that it must follow before it leads again."""
    green_seconds: float = 180.0
    via: Via = "address"
    """How the workload comes to the service."""
    why_via: str = ""
    pairs: bool = True
    """Whether it may be drawn beside another fault."""

    def label(self, target: str) -> str:
        return f"{self.name}:{target}"

    @property
    def has_heal(self) -> bool:
        return self.heal is not nothing

    def changes_allowed(self, target: str) -> int | None:
        return self.changes_max.get(target, 0 if target in (SECONDARY, NODE_OF_SECONDARY) else None)

    def budget_seconds(self, target: str) -> float:
        return kit.chosen().budgets.get(self.label(target), self.gap_seconds[target])

    def named_within_seconds(self, target: str) -> float:
        """Of a fault that has to be named."""
        assert isinstance(self.named, Named)
        later = kit.chosen().named_later.get(self.label(target))
        return later[0] if later else self.named.within_seconds
