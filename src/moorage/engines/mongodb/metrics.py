"""What is measured of a mongod, and where in its answers it stands. Pure, standard library only: agents load it.

`serverStatus` and `replSetGetStatus` are the engine's own answers (mongodb.com/docs/manual/reference/command); `oplog` and
`derived` are made of its other answers by `document`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from moorage.core.metrics import As, Histogram, Kind, Metric, Source
from moorage.engines.mongodb.constants import STATE_PRIMARY

_P = "moorage_mongodb_"
LATENCY_BOUNDS_SECONDS = tuple(2**power / 1_000_000 for power in (10, 12, 14, 17, 20, 23))
"""1 ms to 8 s: borders of the engine's own buckets, so that nothing is estimated."""
LONG_SECONDS = 10
_UNASKED = (
    "activeIndexBuilds", "batchedDeletes", "catalogStats", "defaultRWConcern", "freeMonitoring", "indexBulkBuilder", "indexStats",
    "locks", "logicalSessionRecordCache", "oplogTruncation", "readConcernCounters", "scramCache", "security", "storageEngine",
    "tcmalloc", "tenantMigrations", "trafficRecording", "transportSecurity", "twoPhaseCommitCoordinator",
)  # fmt: skip
SERVER_STATUS: dict[str, Any] = {"serverStatus": 1, "opLatencies": {"histograms": True}, **dict.fromkeys(_UNASKED, 0)}
"""What nobody reads is not made."""


def _server(path: str) -> str:
    return "|".join(f"serverStatus.{one}" for one in path.split("|"))


def _one(path: str, scale: float = 1.0) -> tuple[Source, ...]:
    return (Source(_server(path), scale=scale),)


def _several(base: str, keys: Mapping[str, str], *labels: str) -> tuple[Source, ...]:
    """`keys`: key below `base` → the label's value, after those of `labels`."""
    return tuple(Source(_server(f"{base}.{key}"), (*labels, label)) for key, label in keys.items())


def _same(*keys: str) -> dict[str, str]:
    return dict(zip(keys, keys, strict=True))


def _counter(name: str, says: str, sources: tuple[Source, ...], *labels: str) -> Metric:
    return Metric(f"{_P}{name}_total", Kind.COUNTER, says, sources, labels)


def _gauge(name: str, says: str, sources: tuple[Source, ...], *labels: str) -> Metric:
    return Metric(f"{_P}{name}", Kind.GAUGE, says, sources, labels)


def _tickets(kind: str) -> tuple[Source, ...]:
    """Version 8 moved them."""
    places = ("queues.execution", "wiredTiger.concurrentTransactions")
    return tuple(
        Source(_server("|".join(f"{place}.{kind}.{key}" for place in places)), (kind, said))
        for key, said in (("out", "used"), ("available", "free"))
    )


_ELECTIONS = {
    "stepUpCmd": "asked",
    "priorityTakeover": "priority",
    "catchUpTakeover": "catch-up",
    "electionTimeout": "timeout",
    "freezeTimeout": "freeze",
}
"""Key → why a member stands for election; `asked`: by an agent or a person."""

_LOAD = (
    _gauge("uptime_seconds", "How long mongod has been running.", _one("uptimeMillis", 1e-3)),
    _counter(
        "operations", "Operations that clients asked for, and the members' own.",
        _several("opcounters", _same("insert", "query", "update", "delete", "getmore", "command")), "type",
    ),
    _counter(
        "replicated_operations", "Operations that were applied because another member had them.",
        _several("opcountersRepl", _same("insert", "update", "delete", "command")), "type",
    ),
    Metric(
        f"{_P}operation_duration_seconds", Kind.HISTOGRAM, "How long operations took in the engine.",
        tuple(Source(f"derived.latency.{kind}", (kind,), As.HISTOGRAM) for kind in ("reads", "writes", "commands")),
        ("type",), LATENCY_BOUNDS_SECONDS,
    ),
    _gauge(
        "long_operations", f"Operations of clients that have been running for {LONG_SECONDS} s or longer.",
        (Source("derived.longOperations"),),
    ),
    _counter(
        "documents", "Documents that were given to clients, or changed for them.",
        _several("metrics.document", _same("returned", "inserted", "updated", "deleted")), "action",
    ),
    _counter(
        "examined", "Index keys and documents that queries looked at to find what they return.",
        _several("metrics.queryExecutor", {"scanned": "keys", "scannedObjects": "documents"}), "of",
    ),
    _counter("collection_scans", "Queries that read a whole collection, for want of an index.",
        _one("metrics.queryExecutor.collectionScans.total")),
    _counter("unindexed_sorts", "Queries whose result was sorted without an index.", _one("metrics.operation.scanAndOrder")),
    _counter("write_conflicts", "Writes that were tried again because another one was at the same document.",
        _one("metrics.operation.writeConflicts")),
    _gauge("connections", "Connections, those of members and agents among them; `free`: how many more there may be.",
        _several("connections", {"current": "open", "available": "free"}), "state"),
    _gauge("active_connections", "Connections with an operation under way.", _one("connections.active")),
    _counter("connections_created", "Connections that were made.", _one("connections.totalCreated")),
    _counter("network_bytes", "Bytes that came in and went out.",
        _several("network", {"bytesIn": "in", "bytesOut": "out"}), "direction"),
    _counter("requests", "Requests that came in.", _one("network.numRequests")),
    _counter("asserts", "Errors that the engine counts; `user`: those that it told a client.",
        _several("asserts", _same("regular", "warning", "msg", "user")), "type"),
    _gauge("open_cursors", "Cursors that clients hold open.", _one("metrics.cursor.open.total")),
    _counter("timed_out_cursors", "Cursors that nobody read to their end in time.", _one("metrics.cursor.timedOut")),
    _gauge("open_transactions", "Transactions that are open.", _one("transactions.currentOpen")),
    _counter("transactions", "Transactions of several statements that ended.",
        _several("transactions", {"totalCommitted": "committed", "totalAborted": "aborted"}), "outcome"),
    _counter("ttl_deleted_documents", "Documents that were deleted because their time was over.",
        _one("metrics.ttl.deletedDocuments")),
)  # fmt: skip

_WAITING = (
    _gauge("queued_operations", "Operations that wait for a lock.",
        _several("globalLock.currentQueue", {"readers": "read", "writers": "write"}), "type"),
    _gauge("active_operations", "Operations that hold or wait for a lock.",
        _several("globalLock.activeClients", {"readers": "read", "writers": "write"}), "type"),
    _gauge("tickets", "Places in the storage engine; without a free one an operation waits.",
        (*_tickets("read"), *_tickets("write")), "type", "state"),
    _gauge("flow_control_lagging", "1 while writes are slowed down because a majority is behind.", _one("flowControl.isLagged")),
    _counter("flow_control_wait_seconds", "How long writes waited because a majority was behind.",
        _one("flowControl.timeAcquiringMicros", 1e-6)),
    _counter("write_concern_wait_seconds", "How long writes waited for other members to confirm them.",
        _one("metrics.getLastError.wtime.totalMillis", 1e-3)),
    _counter("write_concern_timeouts", "Writes that other members did not confirm in the time that the client gave.",
        _one("metrics.getLastError.wtimeouts")),
)  # fmt: skip

_CACHE = "wiredTiger.cache"
_CHECKPOINT = ("checkpoint.", "transaction.transaction checkpoint ")
"""Where it stands since version 8, and before."""
_STORAGE = (
    _gauge("cache_size_bytes", "How large the cache may become.", _one(f"{_CACHE}.maximum bytes configured")),
    _gauge("cache_used_bytes", "What is in the cache.", _one(f"{_CACHE}.bytes currently in the cache")),
    _gauge("cache_dirty_bytes", "What of the cache is not on disk yet.", _one(f"{_CACHE}.tracked dirty bytes in the cache")),
    _counter("cache_read_bytes", "Bytes that were read into the cache.", _one(f"{_CACHE}.bytes read into cache")),
    _counter("cache_written_bytes", "Bytes that were written from the cache.", _one(f"{_CACHE}.bytes written from cache")),
    _counter("cache_evicted_pages", "Pages that had to leave the cache.",
        _several(_CACHE, {"unmodified pages evicted": "clean", "modified pages evicted": "dirty"}), "type"),
    _counter("cache_client_evictions", "Pages that clients' own threads had to remove, which makes them slow.",
        _one(f"{_CACHE}.pages evicted by application threads")),
    _gauge("checkpoint_duration_seconds", "How long the last checkpoint took.",
        _one("|".join(f"wiredTiger.{place}most recent time (msecs)" for place in _CHECKPOINT), 1e-3)),
    _gauge("memory_resident_bytes", "Memory that mongod takes.", _one("mem.resident", 2**20)),
    _counter("page_faults", "Page faults that needed the disk.", _one("extra_info.page_faults")),
)  # fmt: skip

_REPLICATION = (
    _gauge("replication_lag_seconds", "How far this member is behind the primary; not there while no primary is known.",
        (Source("derived.lagSeconds"),)),
    _gauge("majority_lag_seconds", "How far what a majority confirmed is behind what this member has.",
        (Source("derived.majorityLagSeconds"),)),
    _gauge("oplog_window_seconds", "How much time the oplog covers: a member that is away for longer must copy everything.",
        (Source("derived.oplogWindowSeconds"),)),
    _gauge("oplog_size_bytes", "How large the oplog may become.", (Source("oplog.maxSize"),)),
    _gauge("oplog_used_bytes", "How large the oplog is.", (Source("oplog.size"),)),
    _counter("elections", "Elections that this member stood for, and why.",
        tuple(Source(_server(f"electionMetrics.{key}.called"), (why,)) for key, why in _ELECTIONS.items()), "reason"),
    _counter("elections_won", "Elections that this member won, and why it stood.",
        tuple(Source(_server(f"electionMetrics.{key}.successful"), (why,)) for key, why in _ELECTIONS.items()), "reason"),
    _counter("step_downs", "Times that this member stepped down because another was elected.",
        _one("electionMetrics.numStepDownsCausedByHigherTerm")),
    _gauge("rolled_back_files", "Files of writes that this member took back, kept on its volume until somebody removes them.",
        (Source("derived.rolledBackFiles"),)),
    _gauge("members_heard", "Members of the replica set that this one hears, itself among them.",
        (Source("derived.membersHeard"),)),
    _counter("replication_applied_operations", "Operations that were applied from the oplog of another member.",
        _one("metrics.repl.apply.ops")),
    _counter("replication_network_bytes", "Bytes of oplog that were fetched from another member.",
        _one("metrics.repl.network.bytes")),
    _gauge("replication_buffer_bytes", "Oplog that was fetched and is not applied yet.", _one("metrics.repl.buffer.sizeBytes")),
)  # fmt: skip

METRICS: tuple[Metric, ...] = (*_LOAD, *_WAITING, *_STORAGE, *_REPLICATION)


def document(
    server_status: Mapping[str, Any],
    set_status: Mapping[str, Any],
    oplog: Mapping[str, Any],
    long_operations: int | None,
    rolled_back_files: int,
) -> dict[str, Any]:
    """What METRICS are read from. `oplog`: `firstSeconds` and `lastSeconds` of its entries, `size` and `maxSize` in bytes; empty
    for a member that has none. `long_operations` None: it was not asked."""
    derived = {
        "rolledBackFiles": rolled_back_files,  # mongod's own id of its last rollback rises with each crash, too
        "latency": {kind: _histogram(found) for kind, found in (server_status.get("opLatencies") or {}).items()},
        "longOperations": long_operations,
        "lagSeconds": _lag_seconds(set_status),
        "majorityLagSeconds": _majority_lag_seconds(set_status),
        "oplogWindowSeconds": oplog["lastSeconds"] - oplog["firstSeconds"] if "lastSeconds" in oplog else None,
        "membersHeard": sum(1 for m in set_status.get("members", ()) if m.get("health") == 1) or None,
    }
    return {"serverStatus": server_status, "oplog": oplog, "derived": derived}


def _histogram(found: Mapping[str, Any]) -> Histogram:
    """From counts per bucket, each with its lower border in microseconds, to counts below each of our bounds."""
    counts: Sequence[Mapping[str, Any]] = found.get("histogram") or ()
    below = tuple((bound, sum(int(c["count"]) for c in counts if c["micros"] < bound * 1e6)) for bound in LATENCY_BOUNDS_SECONDS)
    return Histogram(below, sum(int(c["count"]) for c in counts), float(found.get("latency", 0)) / 1e6)


def _me(status: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((m for m in status.get("members", ()) if m.get("self")), {})


def _lag_seconds(status: Mapping[str, Any]) -> float | None:
    """What this member knows of the primary is as old as its last heartbeat: a negative difference is none."""
    primary: Mapping[str, Any] = next((m for m in status.get("members", ()) if m["state"] == STATE_PRIMARY), {})
    its, mine = primary.get("lastAppliedWallTime"), _me(status).get("lastAppliedWallTime")
    return None if its is None or mine is None else max(0.0, (its - mine).total_seconds())


def _majority_lag_seconds(status: Mapping[str, Any]) -> float | None:
    confirmed, mine = (status.get("optimes") or {}).get("lastCommittedWallTime"), _me(status).get("lastAppliedWallTime")
    return None if confirmed is None or mine is None else max(0.0, (mine - confirmed).total_seconds())
