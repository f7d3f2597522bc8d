"""What an engine is to the agent. Standard library only, like everything that runs in every member."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from moorage.core.metrics import Metric
from moorage.core.queries import Query, Row
from moorage.core.report import MemberReport
from moorage.core.volume import Room


@dataclass(frozen=True)
class Home:
    """Where a member lives: its name, the engine's arguments from the spec, its volume, and what is mounted beside it."""

    pod: str
    arguments: tuple[str, ...]
    data_dir: Path
    internal_dir: Path
    """Passwords, and a secret that all members share (`keyfile`)."""
    tls_dir: Path
    """The member's certificate, its key, and the authorities that are trusted."""


@dataclass(frozen=True)
class Primary:
    """A member that takes writes."""

    pod: str
    term: int


class Member(Protocol):
    """The engine inside the agent: what an entry point of the group `moorage.members` makes of a `Home`.

    Methods raise EngineError when the engine refuses or does not answer.
    """

    @property
    def is_running(self) -> bool:
        """Whether the engine's process lives."""

    @property
    def has_data(self) -> bool:
        """Whether its folder holds data; known also while the engine is stopped."""

    @property
    def damage(self) -> str:
        """Why its data is of no use any more, empty while it is; known also while the engine is stopped."""

    @property
    def port(self) -> int:
        """Where members and clients expect the engine."""

    @property
    def spare_port(self) -> int:
        """Where it answers instead while the agent has its port: on this Pod's loopback only."""

    @property
    def election_seconds_max(self) -> float:
        """In which the others have a primary when one was asked to take over from this member, whose engine died."""

    @property
    def others(self) -> tuple[str, ...]:
        """Host names of all other members of the engine's configuration, as far as it was seen."""

    @property
    def leader(self) -> str:
        """Host name of the primary, be it this member, as its engine had it last; empty when nobody leads."""

    @property
    def metrics(self) -> Sequence[Metric]:
        """What is measured of the engine."""

    async def measure(self) -> Mapping[str, Any]:
        """The document that `metrics` are read from; small, since it is asked several times a minute."""

    async def keep_reader(self) -> None:
        """On the primary: the user that queries which become metrics are asked as exists. Raises EngineError."""

    async def ask(self, query: Query) -> Sequence[Row]:
        """Asks it as that user, on a connection for it alone; the engine itself ends it in time. Raises QueryError."""

    async def why_not_start_empty(self, host: str) -> str:
        """The folder is empty, and the service, whose address is `host`, holds data: why the engine may not start yet, so that no
        vote of a member without data costs what was confirmed. Empty: it may."""

    async def start(self, *, at_spare_port: bool = False) -> None:
        """Starts the engine's process. To the other members it is the same member at either port."""

    def use_settings(self, settings: Mapping[str, str]) -> None:
        """From now on, in this life of the engine and in each that follows; those that are left out become what they were at its
        start. What it does not take is said in the report."""

    async def stop(self) -> None:
        """Stops it in order; kills it only when it does not end."""

    async def cut_clients(self) -> bool:
        """Ends the connections of all clients, so that they connect anew. False: only a restart of the engine does that."""

    async def prepare_primary(self) -> None:
        """Before the address leads to this member: what clients need (users) exists."""

    async def observe(self) -> MemberReport:
        """Asks the local engine; never waits longer than 2 seconds; a silent engine is reported as DOWN."""

    async def carry_out(self, action: str, body: dict[str, Any]) -> None:
        """Carries out one order of the operator."""

    async def settle_room(self, room: Room) -> None:
        """At each look at its volume, which has `room`, in any role: what the engine does not do by itself when there is none."""

    async def settle_writes(self, room: Room, term: int) -> bool:
        """On the primary of this term: applications may not write while too few members have room (`core/volume.py`), and may
        again once there is; when only this one, whose volume has `room`, has none it hands over. Whether writes are stopped."""

    async def is_reached_at(self, host: str) -> bool:
        """Whether a connection that is made now to the address `host`, as this node routes it, ends at this member.

        One that nobody answers does not: this member would answer.
        """

    async def succeed(self, leader: str) -> None:
        """The primary's engine and agent are gone: the best of those that are left takes over, by the engine's own vote. All of
        them are told so at the same moment."""

    async def find_primary(self) -> Primary | None:
        """Another member that says itself that it is primary, in the latest term; asked whether or not the local engine runs."""

    async def hand_over(self) -> None:
        """Before a planned stop: gives the primary role to the freshest peer, when this member has it."""

    def signal(self, number: int) -> None:
        """For a drill: sends the engine's process a signal; nothing when it does not run."""

    async def lose_data(self, order: str) -> None:
        """For a drill: the engine is killed and finds an empty folder. Once for each order.

        What it had is put aside, and only once every other member with data holds it. Raises OrderRefusedError.
        """

    async def rescue(self) -> None:
        """After the local engine died: has the freshest peer take over by the engine's own vote."""

    async def reload_certificates(self) -> None:
        """The mounted certificate or the authorities changed: the running engine uses them from now on, without a restart."""


class EngineError(Exception):
    """The engine refused or did not answer; says what was asked and what it answered."""


class OrderRefusedError(EngineError):
    """An order that will never be carried out, and why: what it was given for may not hold any more at another try."""
