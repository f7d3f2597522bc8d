"""The steps that a service may need next, and what its spec asks for: values. The plan chooses, the operator carries out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moorage.core.facts import MemberFacts

EDITED = "edited by hand"
"""Stands in place of an object's digest, which it never equals."""


@dataclass(frozen=True)
class Desired:
    """An object that should exist. `digest` empty: it is only created, never changed by us again."""

    kind: str
    name: str
    digest: str
    why: str = ""
    """Why it should be another one now, when the spec is not the reason."""

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True)
class Fullest:
    """Which of several members that are apart holds everything that any of them does."""

    pod: str = ""
    """Empty: none of them does."""
    at_stake: str = ""
    """What would be lost whoever is chosen, as a sentence that names members by Pod; empty when nothing is."""


@dataclass(frozen=True)
class Target:
    """What the spec asks for, as the planner needs it."""

    objects: tuple[Desired, ...]
    template: str
    """Digest of the Pod template that members should run."""
    initiate: dict[str, Any] = field(default_factory=dict)
    initiate_first: dict[str, Any] = field(default_factory=dict)
    """As `initiate`, for the first member alone: the others join later."""
    joins: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """Pod name of a wanted member → what the order that adds it says besides."""
    fullest: Fullest = field(default_factory=Fullest)
    """Of the members that are apart."""
    settings: str = ""
    """What members' Pods should say of settings that a running engine is told; empty: nothing."""
    queries: str = ""
    """What they should say of queries that become metrics; empty: nothing."""
    queries_refused: tuple[str, ...] = ()
    """Which queries of the spec nobody is told, each with why, as a sentence."""
    replicas: int | None = None
    """Pods that the StatefulSet should keep; None: nobody looks."""
    version: str = ""
    versions_before: tuple[str, ...] = ()
    """Older versions of the catalogue: data that is kept usable for one of them is to follow to `version`."""
    refused: str = ""
    """Why the engine cannot have this spec; what runs then stays as it is. Empty when it can."""


@dataclass(frozen=True)
class Apply:
    """Creates or corrects one object."""

    desired: Desired
    why: str


@dataclass(frozen=True)
class Order:
    """Has a member's agent do something."""

    member: MemberFacts
    id: str
    action: str
    body: dict[str, Any]
    why: str


@dataclass(frozen=True)
class TellSettings:
    """Has a member's agent tell its running engine these settings and no others."""

    member: MemberFacts
    settings: str
    why: str


@dataclass(frozen=True)
class TellQueries:
    """Has a member's agent ask these queries for metrics and no others."""

    member: MemberFacts
    queries: str
    why: str


@dataclass(frozen=True)
class ReplacePod:
    """Deletes a Pod so that it comes back with the wanted template."""

    member: MemberFacts
    why: str


@dataclass(frozen=True)
class TakeOver:
    """Gives a Pod that is left behind (`member.left_behind`) to the StatefulSet that is there now."""

    member: MemberFacts
    why: str


@dataclass(frozen=True)
class GrowClaim:
    """Asks for a larger volume."""

    claim: str
    size: str
    why: str
    at: str = ""
    """When, if Moorage decided it by itself: it does so only once in a while."""


@dataclass(frozen=True)
class DropClaim:
    """Deletes a claim that never had a volume, of a member that is not wanted."""

    claim: str
    why: str


@dataclass(frozen=True)
class RenewVolume:
    """Deletes a member's claim, whose volume is of no use any more, and its Pod, so that new ones are made."""

    member: MemberFacts
    claim: str | None
    """None: it is on its way out, and only the Pod keeps it."""
    why: str


@dataclass(frozen=True)
class StartAnew:
    """Removes the members and the claims of a service that never ran; claims that have a volume stay."""

    claims: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class ClearRequest:
    """Removes a person's request that is fulfilled or cannot be."""

    annotation: str
    why: str


@dataclass(frozen=True)
class Wait:
    """Nothing may be done now; says what is waited for."""

    why: str


@dataclass(frozen=True)
class Rest:
    """Everything is as asked for."""

    why: str = "everything is as asked for"


@dataclass(frozen=True)
class Acknowledge:
    """Takes the marks of one that is unfinished, or kept, from the volumes of the generation that serves."""

    claims: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class MoveAddress:
    """The address leads to the primary of another generation from now on: one compare-and-swap."""

    member: MemberFacts
    generation: int
    why: str


@dataclass(frozen=True)
class Exclude:
    """These Pods' engines stay stopped from now on, and nobody else's: one compare-and-swap on the address."""

    pods: tuple[str, ...]
    why: str
    kept: MemberFacts | None = None
    """For whose sake they are given up; None: some of them may start again."""


@dataclass(frozen=True)
class Retire:
    """Stops the members of a generation that serves no more, and marks its volumes as kept."""

    generation: int
    claims: tuple[str, ...]
    since: str
    until: str
    why: str


@dataclass(frozen=True)
class Discard:
    """Deletes the members and the volumes of a generation that nobody needs any more."""

    generation: int
    claims: tuple[str, ...]
    why: str


Step = (
    Apply
    | Order
    | TellSettings
    | TellQueries
    | ReplacePod
    | TakeOver
    | GrowClaim
    | DropClaim
    | RenewVolume
    | StartAnew
    | ClearRequest
    | Acknowledge
    | MoveAddress
    | Exclude
    | Retire
    | Discard
    | Wait
    | Rest
)
