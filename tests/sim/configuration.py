"""A replica set's configuration as MongoDB keeps it: who belongs to it, and who has a vote yet."""

from dataclasses import dataclass, field, replace

from moorage.engines.mongodb.membership import mark


@dataclass(frozen=True, order=True)
class Configuration:
    """Of two, the one of the later term, then of the higher version, is the newer one."""

    term: int
    version: int
    members: tuple[str, ...] = field(compare=False)
    """Names of Pods."""
    arbiters: frozenset[str] = field(compare=False, default=frozenset())
    copying: frozenset[str] = field(compare=False, default=frozenset())
    """Members without a vote, until they have copied the data."""

    @property
    def mark(self) -> str:
        return mark(self.term, self.version)

    @property
    def voters(self) -> tuple[str, ...]:
        return tuple(m for m in self.members if m not in self.copying)

    @property
    def data_members(self) -> tuple[str, ...]:
        return tuple(m for m in self.members if m not in self.arbiters)

    def is_majority_of_data(self, holders: int) -> bool:
        """Of the members that hold data."""
        return 2 * holders > len(self.data_members)

    def is_majority(self, count: int) -> bool:
        return 2 * count > len(self.voters)

    def elected(self, term: int) -> "Configuration":
        """A new primary makes it its own."""
        return replace(self, term=term)

    def with_member(self, pod: str) -> "Configuration":
        if pod in self.members:
            return replace(self, version=self.version + 1)
        return replace(self, version=self.version + 1, members=(*self.members, pod), copying=self.copying | {pod})

    def without(self, pod: str) -> "Configuration":
        rest = tuple(m for m in self.members if m != pod)
        return replace(self, version=self.version + 1, members=rest, copying=self.copying - {pod}, arbiters=self.arbiters - {pod})

    def with_vote(self, pod: str) -> "Configuration":
        return replace(self, version=self.version + 1, copying=self.copying - {pod})
