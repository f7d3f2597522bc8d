"""Services that a store knows, and which of them can be brought back here. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from moorage.api.backupstore import KnownService
from moorage.cli.errors import CliError, ExitCode, usage


@dataclass(frozen=True)
class Adoptable:
    """One service of a store."""

    engine: str
    namespace: str
    name: str
    backups: int
    newest: str | None
    newest_time: str | None
    verified: str | None
    verified_time: str | None
    here: str
    """Whether a service of its name stands in this namespace: free or taken."""
    becomes: str
    """The name under which it comes back."""

    @property
    def can_be_adopted(self) -> bool:
        return self.here == "free" and self.newest is not None

    def to_dict(self) -> dict[str, object]:
        """As it is printed."""
        found = asdict(self)
        found["newestTime"], found["verifiedTime"] = found.pop("newest_time"), found.pop("verified_time")
        return {key: value for key, value in found.items() if key != "becomes"}


def adoptables(known: Iterable[KnownService], here: str, taken: set[str]) -> list[Adoptable]:
    """Those of this namespace first."""
    found = [
        Adoptable(
            engine=s.engine,
            namespace=s.namespace,
            name=s.name,
            backups=s.backups,
            newest=s.newest,
            newest_time=s.newest_time,
            verified=s.verified,
            verified_time=s.verified_time,
            here="taken" if s.name in taken else "free",
            becomes=s.name,
        )
        for s in known
    ]
    return sorted(found, key=lambda a: (a.namespace != here, a.namespace, a.name))


def choose(found: list[Adoptable], name: str | None, as_name: str | None, *, here: str, store: str) -> list[Adoptable]:
    """The one that was named, or with None all of this namespace whose names are free."""
    if name is not None:
        return [_one(found, name, as_name, here=here, store=store)]
    if as_name is not None:
        raise usage("--as goes with one NAME, not with --all")
    free = [a for a in found if a.namespace == here and a.can_be_adopted]
    if not free:
        others = ", ".join(f"{a.namespace}/{a.name}" for a in found if a.can_be_adopted) or "none"
        message = f"{store} knows no service of namespace {here} whose name is free; of other namespaces: {others}"
        raise CliError(message, ExitCode.NOT_FOUND, f"moorage adopt {store} NAMESPACE/NAME -n {here}")
    return free


def _one(found: list[Adoptable], name: str, as_name: str | None, *, here: str, store: str) -> Adoptable:
    namespace, _, short = name.rpartition("/")
    fits = [a for a in found if a.name == short and namespace in ("", a.namespace)]
    mine = [a for a in fits if a.namespace == here]
    fits = mine or fits
    if not fits:
        known = ", ".join(f"{a.namespace}/{a.name}" for a in found) or "none"
        raise CliError(f"{store} knows no service '{name}'; it knows: {known}", ExitCode.NOT_FOUND, f"moorage adopt {store}")
    if len(fits) > 1:
        raise usage(
            f"{store} knows '{name}' of several namespaces; allowed: {', '.join(f'{a.namespace}/{a.name}' for a in fits)}"
        )
    one = replace(fits[0], becomes=as_name or short)
    if one.newest is None:
        raise CliError(f"{store} has no good backup of {one.namespace}/{one.name}", ExitCode.NOT_FOUND, f"moorage adopt {store}")
    if one.here == "taken" and as_name is None:
        message = f"there is a service '{short}' already in namespace {here}; bring it back under another name"
        raise CliError(message, ExitCode.CONFLICT, f"moorage adopt {store} {name} -n {here} --as NEW")
    return one
