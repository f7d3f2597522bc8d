"""Asks a query of people's own: as a user that only reads, on a connection for it alone, ended by the engine itself in time."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from bson import json_util
from bson.errors import BSONError
from pymongo.errors import OperationFailure, PyMongoError

from moorage.core.metrics import TEXT_LENGTH_MAX
from moorage.core.queries import SERIES_MAX, Outcome, Query, QueryError, Row
from moorage.engines.mongodb.connections import AUTHENTICATION_FAILED, Connections, command, said
from moorage.engines.mongodb.queryrule import why_refused
from moorage.engines.mongodb.users import READER, READER_ROLES, create_command

log = structlog.get_logger()

_UNAUTHORIZED, _TIMED_OUT = 13, {50, 262}


def bounded(query: Query) -> dict[str, Any]:
    """The command as it is asked: no answer is large, and nothing is put aside on disk. Raises ValueError."""
    asked: Mapping[str, Any] = json_util.loads(query.query)
    label = {f"l{number}": _text(name) for number, name in enumerate(query.labels)}
    number = {"$convert": {"input": f"${query.value}", "to": "double", "onError": None, "onNull": None}}
    ends = [{"$limit": SERIES_MAX + 1}, {"$project": {"_id": 0, "value": number, **label}}]
    return {
        **asked,
        "pipeline": [*asked["pipeline"], *ends],
        "cursor": {"batchSize": SERIES_MAX + 2},  # all of it comes at once, and no cursor stays open
        "maxTimeMS": query.timeout_seconds * 1000,
        "allowDiskUse": False,
    }


def _text(name: str) -> dict[str, Any]:
    text = {"$convert": {"input": f"${name}", "to": "string", "onError": "", "onNull": ""}}
    return {"$substrCP": [text, 0, TEXT_LENGTH_MAX]}


class Querying:
    """`connections`: those of the member's agent."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    async def keep_reader(self) -> None:
        """On the primary: the user exists, has our password and may only read. Raises EngineError."""
        password = self._connections.reader_password()
        if await self._connections.can_log_in(READER, password):
            return
        local = await self._connections.to_local()
        found = await command(local, {"usersInfo": READER})
        change = {"updateUser": READER, "pwd": password, "roles": READER_ROLES}
        await command(local, change if found["users"] else create_command(READER, password, READER_ROLES))
        log.info("reader_made", why="queries become metrics")

    async def ask(self, query: Query) -> Sequence[Row]:
        """Raises QueryError."""
        if why := why_refused(query.database, query.query):
            raise QueryError(Outcome.REFUSED, why)
        try:
            asked = bounded(query)
        except (ValueError, TypeError, KeyError, BSONError) as error:
            raise QueryError(Outcome.REFUSED, f"it is no extended JSON: {error}") from error
        client = self._connections.to_read(query.timeout_seconds)
        try:
            rows = (await client[query.database].command(asked))["cursor"]["firstBatch"]
        except OperationFailure as error:
            raise _said(error, query) from error
        except PyMongoError as error:
            if error.timeout:
                raise QueryError(Outcome.TIMED_OUT, f"it takes longer than {query.timeout_seconds} s") from error
            raise QueryError(Outcome.UNREACHABLE, "the engine does not answer") from error
        else:
            labels = [f"l{number}" for number in range(len(query.labels))]
            return [(row.get("value"), *(row.get(label) for label in labels)) for row in rows]
        finally:
            await client.close()


def _said(error: OperationFailure, query: Query) -> QueryError:
    if error.code in _TIMED_OUT:
        return QueryError(Outcome.TIMED_OUT, f"it takes longer than {query.timeout_seconds} s")
    if error.code == AUTHENTICATION_FAILED:
        return QueryError(Outcome.DENIED, "its user is not there yet; the primary makes it within a minute")
    return QueryError(Outcome.DENIED if error.code == _UNAUTHORIZED else Outcome.FAILED, said(error))
