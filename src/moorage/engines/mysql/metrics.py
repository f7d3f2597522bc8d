"""What is measured of a mysqld, and where in its answers it stands. Pure, standard library only: agents load it.

`status` holds names of `SHOW GLOBAL STATUS`, `counters` those of `INNODB_METRICS` and of kinds of statements; `group` is the
member's own row of `replication_group_member_stats`, and `derived` is made of its other answers by `document`; `keyless` is what
the primary found at its last look (`keyless.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from moorage.core.metrics import As, Histogram, Kind, Metric, Source

_P = "moorage_mysql_"
STATEMENT_BOUNDS_SECONDS = (0.001, 0.01, 0.1, 1.0, 10.0)
"""Borders of the engine's own buckets, so that nothing is estimated."""
LONG_SECONDS = 10
MEASURED_MAX = 20
"""Of how many tables without a primary key there is a series by name: the one label that an application chose."""


def _one(*path: str, scale: float = 1.0) -> tuple[Source, ...]:
    return (Source(".".join(path), scale=scale),)


def _status(name: str, scale: float = 1.0) -> tuple[Source, ...]:
    return _one("status", name, scale=scale)


def _several(names: Mapping[str, str], base: str = "status") -> tuple[Source, ...]:
    """`names`: of the engine → the label's value."""
    return tuple(Source(f"{base}.{name}", (label,)) for name, label in names.items())


def _counter(name: str, says: str, sources: tuple[Source, ...], *labels: str) -> Metric:
    return Metric(f"{_P}{name}_total", Kind.COUNTER, says, sources, labels)


def _gauge(name: str, says: str, sources: tuple[Source, ...], *labels: str) -> Metric:
    return Metric(f"{_P}{name}", Kind.GAUGE, says, sources, labels)


_COMMANDS = ("select", "insert", "update", "delete", "replace", "commit", "rollback")

_LOAD = (
    _gauge("uptime_seconds", "How long mysqld has been running.", _status("Uptime")),
    _counter("statements", "Statements that clients sent.", _status("Questions")),
    _counter("commands", "Statements, by what they do.",
        _several({f"statement/sql/{name}": name for name in _COMMANDS}, "counters"), "type"),
    Metric(
        f"{_P}statement_duration_seconds", Kind.HISTOGRAM, "How long statements took in the engine.",
        (Source("derived.latency", how=As.HISTOGRAM),), (), STATEMENT_BOUNDS_SECONDS,
    ),
    _counter("slow_statements", "Statements that took longer than `long_query_time`.", _status("Slow_queries")),
    _gauge("long_statements", f"Statements of clients that have been running for {LONG_SECONDS} s or longer.",
        _one("derived.longStatements")),
    _gauge("connections", "Connections, those of members and agents among them; `free`: how many more there may be.",
        (Source("status.Threads_connected", ("open",)), Source("derived.connectionsFree", ("free",))), "state"),
    _gauge("active_connections", "Connections with a statement under way.", _status("Threads_running")),
    _counter("connections_created", "Connections that were made or tried.", _status("Connections")),
    _counter("connections_refused", "Connections that were refused because there were as many as there may be.",
        _status("Connection_errors_max_connections")),
    _counter("aborted_connections", "`clients` that did not say goodbye; `logins` that failed.",
        _several({"Aborted_clients": "clients", "Aborted_connects": "logins"}), "of"),
    _counter("network_bytes", "Bytes that came in and went out.",
        _several({"Bytes_received": "in", "Bytes_sent": "out"}), "direction"),
    _counter("temporary_tables", "Temporary tables that statements needed.",
        (Source("derived.temporaryTablesInMemory", ("memory",)), Source("status.Created_tmp_disk_tables", ("disk",))), "place"),
    _counter("unindexed_reads", "Whole tables that were read for want of an index: the first of a statement, or a joined one.",
        _several({"Select_scan": "scan", "Select_full_join": "join"}), "type"),
    _counter("sort_merge_passes", "Passes of sorts that did not fit into their memory.", _status("Sort_merge_passes")),
    _counter("rows", "Rows that were read or changed.",
        _several({f"Innodb_rows_{name}": name for name in ("read", "inserted", "updated", "deleted")}), "action"),
)  # fmt: skip

_WAITING = (
    _gauge("row_lock_waiters", "Statements that wait for a row that another one holds.",
        _status("Innodb_row_lock_current_waits")),
    _counter("row_lock_waits", "Waits for a row that another statement held.", _status("Innodb_row_lock_waits")),
    _counter("row_lock_wait_seconds", "How long statements waited for rows.", _status("Innodb_row_lock_time", 1e-3)),
    _counter("deadlocks", "Transactions that waited for each other, so that one was rolled back.",
        _one("counters.lock_deadlocks")),
    _counter("lock_timeouts", "Waits for a row that were given up.", _one("counters.lock_timeouts")),
    _counter("table_lock_waits", "Waits for a whole table.", _status("Table_locks_waited")),
    _gauge("undo_history_length", "Transactions whose old rows are still kept: a long one keeps them all.",
        _one("counters.trx_rseg_history_len")),
    _counter("log_waits", "Waits because the log's buffer was too small.", _status("Innodb_log_waits")),
)  # fmt: skip

_STORAGE = (
    _gauge("buffer_pool_size_bytes", "How large the buffer pool may become.", _one("derived.bufferPoolBytes")),
    _gauge("buffer_pool_used_bytes", "Data in the buffer pool.", _status("Innodb_buffer_pool_bytes_data")),
    _gauge("buffer_pool_dirty_bytes", "What of it is not on disk yet.", _status("Innodb_buffer_pool_bytes_dirty")),
    _counter("buffer_pool_reads", "Pages that were wanted: those found in the buffer pool, and those read from disk.",
        (Source("derived.pagesFound", ("memory",)), Source("status.Innodb_buffer_pool_reads", ("disk",))), "place"),
    _counter("buffer_pool_waits", "Times that a page had to be written before another could be read.",
        _status("Innodb_buffer_pool_wait_free")),
    _counter("data_bytes", "Bytes of data files that were read and written.",
        _several({"Innodb_data_read": "read", "Innodb_data_written": "written"}), "direction"),
    _counter("log_written_bytes", "Bytes that were written to the log.", _status("Innodb_os_log_written")),
    _counter("syncs", "Times that files were made durable.", _status("Innodb_data_fsyncs")),
)  # fmt: skip

_QUEUES = {"COUNT_TRANSACTIONS_IN_QUEUE": "to-check", "COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE": "to-apply"}
_CERTIFIED = {
    "COUNT_TRANSACTIONS_CHECKED": "checked",
    "COUNT_CONFLICTS_DETECTED": "refused",
    "COUNT_TRANSACTIONS_REMOTE_APPLIED": "applied",
    "COUNT_TRANSACTIONS_LOCAL_ROLLBACK": "rolled-back",
}

_REPLICATION = (
    _gauge("replication_lag_seconds", "How old the oldest transaction is that this member applies now; 0: it has none to apply.",
        _one("derived.lagSeconds")),
    _gauge("replication_queue", "Transactions of the group that wait at this member.", _several(_QUEUES, "group"), "state"),
    _counter("replication_transactions", "What became of the group's transactions at this member.",
        _several(_CERTIFIED, "group"), "outcome"),
    _gauge("members_heard", "Members of the group that this one hears, itself among them.", _one("derived.membersHeard")),
)  # fmt: skip

_TABLES = (
    _gauge("tables_without_primary_key", "Tables that take no writes for want of a primary key; the primary tells it.",
        _one("keyless", "count")),
    _gauge("table_without_primary_key", f"1 for each of these tables, by name, of {MEASURED_MAX} at most.",
        (Source("keyless.tables.*", each=MEASURED_MAX),), "table"),
)  # fmt: skip

METRICS: tuple[Metric, ...] = (*_LOAD, *_WAITING, *_STORAGE, *_REPLICATION, *_TABLES)


def _names(base: str) -> tuple[str, ...]:
    paths = (source.path.split(".") for metric in METRICS for source in metric.sources)
    return tuple(dict.fromkeys(path[1] for path in paths if path[0] == base))


STATUS_NAMES = (*_names("status"), "Created_tmp_tables", "Innodb_buffer_pool_read_requests")
COUNTER_NAMES = _names("counters")


def document(
    status: Sequence[Mapping[str, Any]],
    counters: Sequence[Mapping[str, Any]],
    group: Mapping[str, Any],
    own: Mapping[str, Any],
    latency: Mapping[str, Any],
) -> dict[str, Any]:
    """What METRICS are read from.

    `status` and `counters`: rows of name and value. `group`: the member's row, empty while it is in none. `own`: what it says of
    itself (`measuring.ASK_SELF`). `latency`: how many statements were faster than each bound.
    """
    values = {row["name"]: row["value"] for row in status}
    return {
        "status": values,
        "counters": {row["name"]: row["value"] for row in counters},
        "group": group,
        "derived": {
            "latency": _histogram(latency),
            "longStatements": own["long_statements"],
            "connectionsFree": _less(own["connections_max"], values.get("Threads_connected")),
            "temporaryTablesInMemory": _less(values.get("Created_tmp_tables"), values.get("Created_tmp_disk_tables")),
            "bufferPoolBytes": own["buffer_pool_bytes"],
            "pagesFound": _less(values.get("Innodb_buffer_pool_read_requests"), values.get("Innodb_buffer_pool_reads")),
            "lagSeconds": own["lag_seconds"] if group else None,
            "membersHeard": own["members_heard"] if group else None,
        },
    }


def _less(all_of_them: Any, some: Any) -> float | None:
    return None if all_of_them is None or some is None else max(0.0, float(all_of_them) - float(some))


def _histogram(found: Mapping[str, Any]) -> Histogram:
    """`below_N`: statements below the bound N; `count`, and `seconds` of all of them."""
    buckets = tuple((bound, int(found[f"below_{i}"] or 0)) for i, bound in enumerate(STATEMENT_BOUNDS_SECONDS))
    return Histogram(buckets, int(found["count"] or 0), float(found["seconds"] or 0))
