"""What an engine is to people and to the operator: a card, and pure rules. `member.py` says what it is to the agent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Protocol

from moorage.api.crd import EngineRule
from moorage.api.dataservice import DataService
from moorage.core.step import Fullest


class Category(StrEnum):
    """By what people look for an engine."""

    DOCUMENT = "document"
    RELATIONAL = "relational"


@dataclass(frozen=True)
class EngineVersion:
    """A version that can be deployed and the image that its maker ships."""

    version: str
    image: str


@dataclass(frozen=True)
class Parameter:
    """An engine setting that people may set. `allowed` is said to them when a value is refused."""

    name: str
    description: str
    pattern: str
    allowed: str
    is_live: bool = False
    """Whether the running engine is told; else it is set by a restart of one member after the other."""
    between: tuple[int, int] | None = None
    """Of a number: the smallest and the largest that may be."""
    multiple_of: int = 1
    """Of a number: the engine takes no others, or makes another one of it."""

    def takes(self, value: str) -> bool:
        if not re.match(self.pattern, value):
            return False
        return self.between is None or (self.between[0] <= int(value) <= self.between[1] and int(value) % self.multiple_of == 0)


@dataclass(frozen=True)
class EngineCard:
    """The catalogue entry."""

    name: str
    title: str
    summary: str
    versions: tuple[EngineVersion, ...]
    default_version: str
    members_default: int
    members_allowed: tuple[int, ...]
    storage_min: str
    memory_min: str
    supports_arbiter: bool
    port: int
    user_id: int
    client_command: tuple[str, ...]
    """The engine's own client, run inside a member. It finds the user in `MOORAGE_USER` and the password in a file."""
    client_interactive: tuple[str, ...]
    """What it is told besides when a person gave no arguments of their own."""
    client_program: str
    """What of the image it needs, as people know it."""
    authority_option: str
    """What a client adds to an entry of the Secret that begins with `tls-`; `FILE` stands for the file with the authority."""
    parameters: tuple[Parameter, ...] = field(default=())
    parameters_refused: Mapping[str, str] = field(default_factory=dict)
    """Settings of the engine that nobody may set, and what would be lost by it, for the reason to be said.

    One that ends in `*` stands for all that begin like it.
    """
    categories: tuple[Category, ...] = ()
    """What kind of database it is."""
    version_steps_max: int = 1
    """How many of `versions`, which stand oldest first, one change of version may go up. Down it never goes."""

    def image(self, service: DataService) -> str:
        """The image that a service runs."""
        return service.spec.image or next(v.image for v in self.versions if v.version == self.version(service))

    def version(self, service: DataService) -> str:
        return service.spec.version or self.default_version

    def versions_before(self, version: str) -> tuple[str, ...]:
        """Those that are older, oldest first."""
        known = tuple(v.version for v in self.versions)
        return known[: known.index(version)] if version in known else ()

    def why_version_refused(self, service: DataService, compatibility: str) -> str | None:
        """The reason why data that is kept usable for `compatibility` cannot be opened by the version that is asked for; or None.

        The API server refuses such a change itself, by the status that it saw last.
        """
        allowed, version = self.rule().versions_after(compatibility), self.version(service)
        if not allowed or version in allowed or service.spec.image:  # with another image `version` does not say what runs
            return None
        return f"version '{version}' cannot open data of version {compatibility}; allowed: {', '.join(allowed)}"

    def data_members(self, service: DataService) -> int:
        """Number of members that hold data."""
        return service.spec.members or (2 if service.spec.arbiter else self.members_default)

    def client(self, user: str, arguments: Sequence[str]) -> tuple[str, ...]:
        """The engine's own client as it is started inside a member, where it finds the password by itself.

        Its history goes to the container's /tmp: the root is read-only and the home folder is the data folder.
        """
        return ("env", "HOME=/tmp", f"MOORAGE_USER={user}", *self.client_command, *(arguments or self.client_interactive))

    def why_parameters_refused(self, parameters: Mapping[str, str]) -> str | None:
        """The reason why these settings cannot be had, naming the setting, the value and what is allowed; or None."""
        return next(iter(self.unsettable(parameters).values()), None)

    def unsettable(self, parameters: Mapping[str, str]) -> dict[str, str]:
        """Those of these settings that cannot be had, each with why; by name."""
        whys = {name: self._why_not(name, value) for name, value in sorted(parameters.items())}
        return {name: why for name, why in whys.items() if why is not None}

    def _why_not(self, name: str, value: str) -> str | None:
        known = {p.name: p for p in self.parameters}
        if (why := self._why_not_for_people(name)) is not None:
            return f"parameter '{name}' is not for people to set: {why}"
        if name not in known:
            return f"parameter '{name}' cannot be set for {self.name}; allowed: {', '.join(sorted(known))}"
        return None if known[name].takes(value) else f"parameter '{name}' is '{value}'; allowed: {known[name].allowed}"

    def live_settings(self, service: DataService) -> dict[str, str]:
        """Of the settings of its spec those that a running engine is told."""
        asked = service.spec.parameters
        return {p.name: asked[p.name] for p in self.parameters if p.is_live and p.name in asked}

    def _why_not_for_people(self, name: str) -> str | None:
        return next((why for refused, why in self.parameters_refused.items() if fnmatchcase(name, refused)), None)

    def rule(self) -> EngineRule:
        """What of this card the API server enforces."""
        return EngineRule(
            name=self.name,
            versions=tuple(v.version for v in self.versions),
            members_allowed=self.members_allowed,
            storage_min=self.storage_min,
            memory_min=self.memory_min,
            supports_arbiter=self.supports_arbiter,
            default_version=self.default_version,
            version_steps_max=self.version_steps_max,
        )


class Topology(Protocol):
    """The pure rules of an engine."""

    def fullest(self, positions: Mapping[str, str]) -> Fullest:
        """Of members that are all apart, Pod name → position. Empty where members find together by themselves."""

    def engine_arguments(self, service: DataService, data_members: int) -> list[str]:
        """Arguments of the engine's program that follow from the spec (sizes, and settings that a running engine cannot be told);
        never a secret."""

    def why_query_refused(self, database: str, query: str) -> str | None:
        """Of a query that is to become a metric: why the engine is not asked it, naming what is allowed; or None."""

    def initiate_order(self, service: DataService, data_members: int) -> dict[str, Any]:
        """The order's body that makes one empty member the first of a new cluster of all members."""

    def join_order(self, service: DataService, data_members: int, ordinal: int) -> dict[str, Any]:
        """What the order that adds this member to the running cluster says of it, besides its name."""

    def binding(self, service: DataService, data_members: int, user: str, password: str, external: str) -> dict[str, str]:
        """The engine's own entries of the Service Binding Secret: the database, URIs, and what else its drivers want."""


class Engine(Protocol):
    """What an entry point of the group `moorage.engines` names."""

    card: EngineCard
    topology: Topology
