"""Asks a query of people's own: as a user that only reads, on a connection for it alone, ended by the engine itself in time."""

import time
from collections.abc import Sequence

import structlog

from moorage.core.metrics import TEXT_LENGTH_MAX
from moorage.core.queries import SERIES_MAX, Outcome, Query, QueryError, Row
from moorage.engines.member import EngineError
from moorage.engines.mysql.accounts_sql import reader_statements
from moorage.engines.mysql.connections import ACCESS_DENIED, Connections, RefusedError
from moorage.engines.mysql.constants import METRICS_RIGHTS
from moorage.engines.mysql.queryrule import why_refused

log = structlog.get_logger()

_DENIED = {1044, ACCESS_DENIED, 1142, 1143, 1227, 1370}
_TIMED_OUT = {1205, 1317, 3024}
_NUMBER_LENGTH_MAX = 64


def bounded(query: Query) -> str:
    """The query as it is asked: only what can be a part of a SELECT stands there, and no answer is large."""
    columns = [f"CAST(q.`{query.value}` AS CHAR({_NUMBER_LENGTH_MAX}))"]
    columns += [f"CAST(q.`{label}` AS CHAR({TEXT_LENGTH_MAX}))" for label in query.labels]
    named = ", ".join(f"{column} AS c{number}" for number, column in enumerate(columns))
    return f"SELECT {named} FROM (\n{query.query}\n) AS q LIMIT {SERIES_MAX + 1}"  # noqa: S608 - that is what it is for


class Querying:
    """`connections`: those of the member's agent."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def keep_reader(self) -> None:
        """On the primary: the user exists and has our password. Raises EngineError."""
        session = self._connections.to_read(None, 1)
        try:
            await session.rows("SELECT 1")
        except RefusedError as error:
            if error.code != ACCESS_DENIED:
                raise
            for statement in reader_statements(self._connections.reader_password()):
                await self._connections.local.rows(statement)
            log.info("reader_made", why="queries become metrics")
        finally:
            session.close()

    async def ask(self, query: Query) -> Sequence[Row]:
        """Raises QueryError."""
        if why := why_refused(query.database, query.query):
            raise QueryError(Outcome.REFUSED, why)
        session, began = self._connections.to_read(query.database, query.timeout_seconds), time.monotonic()
        try:
            return [tuple(row.values()) for row in await session.rows(bounded(query))]
        except RefusedError as error:
            raise _said(error, query) from error
        except EngineError as error:
            if time.monotonic() - began < query.timeout_seconds:
                raise QueryError(Outcome.UNREACHABLE, "the engine does not answer") from error
            raise QueryError(Outcome.TIMED_OUT, f"it takes longer than {query.timeout_seconds} s") from error
        finally:
            session.close()


def _said(error: RefusedError, query: Query) -> QueryError:
    if error.code in _TIMED_OUT:
        return QueryError(Outcome.TIMED_OUT, f"it takes longer than {query.timeout_seconds} s")
    says = str(error).partition(": ")[2]
    if error.code == ACCESS_DENIED:
        return QueryError(Outcome.DENIED, "its user is not there yet; the primary makes it within a minute")
    if error.code in _DENIED:
        helps = f"an administrator can say: GRANT SELECT ON `{query.database}`.* TO {METRICS_RIGHTS}"
        return QueryError(Outcome.DENIED, f"{says}; {helps}")
    return QueryError(Outcome.FAILED, says)
