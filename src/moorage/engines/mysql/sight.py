"""One look at an engine: its own, or a peer's."""

from collections.abc import Iterable
from dataclasses import dataclass

from moorage.engines.member import EngineError
from moorage.engines.mysql import gtid, ledger
from moorage.engines.mysql.connections import NO_SUCH_DATABASE, NO_SUCH_TABLE, RefusedError, Session
from moorage.engines.mysql.gtid import GtidSet
from moorage.engines.mysql.ledger import Ledger
from moorage.engines.mysql.naming import Naming
from moorage.engines.mysql.view import ASK_POSITION, ASK_SELF, ASK_VIEW, View, view_of


@dataclass(frozen=True)
class Look:
    """What an engine says of itself."""

    view: View
    version: str
    is_read_only: bool
    is_offline: bool
    """It lets no client in but those of the cluster."""
    ledger: Ledger | None
    """Its copy of what the group remembers; None: it was never in one."""


@dataclass(frozen=True)
class Position:
    """What an engine holds."""

    executed: GtidSet
    received: GtidSet
    """Also what it only received: it applies that before anything else."""
    purged: GtidSet
    """What it could not give to another one any more but by a copy of everything."""

    @property
    def held(self) -> GtidSet:
        return self.executed | self.received


async def look(session: Session, naming: Naming) -> Look:
    """`naming`: of the member that is asked. Raises EngineError."""
    own = await session.row(ASK_SELF)
    found = view_of(own["uuid"], await session.rows(ASK_VIEW), naming)
    version = str(own["version"]).partition("-")[0]
    return Look(found, version, bool(own["is_read_only"]), bool(own["is_offline"]), await ledger_in(session))


async def view(session: Session, naming: Naming) -> View:
    """Of the group alone: it is told also while the engine lets no table be read, as during a hand-over. Raises EngineError."""
    own = await session.row(ASK_SELF)
    return view_of(own["uuid"], await session.rows(ASK_VIEW), naming)


async def ledger_in(session: Session) -> Ledger | None:
    """Raises EngineError."""
    try:
        return ledger.ledger_of(await session.rows(ledger.ASK))
    except RefusedError as error:
        if error.code in (NO_SUCH_DATABASE, NO_SUCH_TABLE):
            return None
        raise


async def position(session: Session) -> Position:
    """Raises EngineError."""
    found = await session.row(ASK_POSITION)
    try:
        return Position(*(gtid.parse(found[name]) for name in ("executed", "received", "purged")))
    except ValueError as error:
        raise EngineError(str(error)) from error


def held_by(positions: Iterable[Position]) -> GtidSet:
    return gtid.union(p.held for p in positions)
