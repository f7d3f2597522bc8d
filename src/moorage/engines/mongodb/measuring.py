"""What a mongod is asked for its metrics: six short questions, one after the other, on a connection that stands already.

A member that serves nobody (an arbiter, or one that copies) is asked two of them: it refuses the others, and with each refusal
the driver would close the agent's connections.
"""

from collections.abc import Mapping
from typing import Any

from pymongo.errors import OperationFailure, PyMongoError

from moorage.engines.member import EngineError
from moorage.engines.mongodb.connections import Client, command, said
from moorage.engines.mongodb.constants import STATE_PRIMARY, STATE_SECONDARY
from moorage.engines.mongodb.metrics import LONG_SECONDS, SERVER_STATUS, document

OPLOG = "oplog.rs"
TIME_MAX_MS = 1_000

_OF_CLIENTS = {"effectiveUsers.0": {"$exists": True}, "effectiveUsers.user": {"$ne": "__system"}}
"""Not of members and agents."""


async def measure(local: Client, rolled_back_files: int, long_seconds: int = LONG_SECONDS) -> dict[str, Any]:
    """What `metrics.METRICS` are read from. `rolled_back_files`: those in its data folder. Raises EngineError."""
    server_status = await command(local, SERVER_STATUS)
    set_status = await _set_status(local)
    if set_status.get("myState") not in (STATE_PRIMARY, STATE_SECONDARY):
        return document(server_status, set_status, {}, None, rolled_back_files)
    try:
        oplog, long_operations = await _oplog(local), await _long_operations(local, long_seconds)
        return document(server_status, set_status, oplog, long_operations, rolled_back_files)
    except OperationFailure:  # it serves nobody any more
        return document(server_status, set_status, {}, None, rolled_back_files)
    except PyMongoError as error:
        raise EngineError(f"its oplog and operations: {said(error)}") from error


async def _set_status(local: Client) -> Mapping[str, Any]:
    """Empty while it is in no set."""
    try:
        return await local.admin.command({"replSetGetStatus": 1})
    except OperationFailure:
        return {}
    except PyMongoError as error:
        raise EngineError(f"replSetGetStatus: {said(error)}") from error


async def _oplog(local: Client) -> Mapping[str, Any]:
    first, last = [await _entry(local, order) for order in (1, -1)]
    sizes = await local.local.command({"collStats": OPLOG, "maxTimeMS": TIME_MAX_MS})
    return {"firstSeconds": first["ts"].time, "lastSeconds": last["ts"].time, "size": sizes["size"], "maxSize": sizes["maxSize"]}


async def _entry(local: Client, order: int) -> Mapping[str, Any]:
    """The first entry, or the last: one that has data has one."""
    asked = {"find": OPLOG, "projection": {"ts": 1}, "sort": {"$natural": order}, "limit": 1, "maxTimeMS": TIME_MAX_MS}
    found: list[Mapping[str, Any]] = (await local.local.command(asked))["cursor"]["firstBatch"]
    return found[0]


async def _long_operations(local: Client, seconds: int) -> int:
    pipeline = [
        {"$currentOp": {"allUsers": True, "idleConnections": False}},
        {"$match": {"active": True, "secs_running": {"$gte": seconds}, **_OF_CLIENTS}},
        {"$count": "count"},
    ]
    asked = {"aggregate": 1, "pipeline": pipeline, "cursor": {}, "maxTimeMS": TIME_MAX_MS}
    found = (await local.admin.command(asked))["cursor"]["firstBatch"]
    return int(found[0]["count"]) if found else 0
