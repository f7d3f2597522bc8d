"""The settings that people may set, and those that would cost what the service promises. Pure."""

from dataclasses import replace

from moorage.engines.contract import Parameter

_SWITCH = (r"^(ON|OFF)$", "ON or OFF")
_FRACTION = (r"^[0-9]{1,5}(\.[0-9]{1,6})?$", "0 to 99999 (seconds)")
_ISOLATION = (r"^(READ-COMMITTED|REPEATABLE-READ)$", "READ-COMMITTED or REPEATABLE-READ")
_MODES = (r"^[A-Z_,]{0,400}$", "names in capitals with commas in between")
_ZONE = (r"^(SYSTEM|[+-](0[0-9]|1[0-3]):[0-5][0-9])$", "SYSTEM (which is UTC), or an offset from -13:59 to +13:59 such as +08:00")
"""No name such as Asia/Shanghai: mysqld would know none before its tables of time zones are filled, and not start."""
_CHARACTERS = (r"^(utf8mb4|latin1|ascii|binary|gbk|gb18030)$", "utf8mb4, latin1, ascii, binary, gbk or gb18030")
_COLLATION = (r"^[a-z0-9_]{4,64}$", "the name of a collation, such as utf8mb4_0900_ai_ci")


Allowed = tuple[str, str] | tuple[str, str, tuple[int, int]]
"""A pattern, the words for people, and of a number its limits: beyond them mysqld takes another one and only logs it."""


def _number(first: int, last: int, unit: str = "") -> Allowed:
    return r"^(0|[1-9][0-9]{0,11})$", f"{first} to {last}" + (f" ({unit})" if unit else ""), (first, last)


def _live(name: str, description: str, allowed: Allowed, *, multiple_of: int = 1) -> Parameter:
    found = replace(_at_start(name, description, allowed), is_live=True, multiple_of=multiple_of)
    return found if multiple_of == 1 else replace(found, allowed=f"{found.allowed}, a multiple of {multiple_of}")


def _at_start(name: str, description: str, allowed: Allowed) -> Parameter:
    pattern, words, *limits = allowed
    return Parameter(name, description, pattern, words, between=limits[0] if limits else None)


PARAMETERS = (
    _live("long_query_time", "Queries slower than this many seconds are slow.", _FRACTION),
    _live("slow_query_log", "Whether slow queries are logged.", _SWITCH),
    _live("max_connections", "Most client connections at once; by default it follows from the memory.", _number(10, 9999)),
    _live("max_allowed_packet", "Largest row or statement.", _number(1048576, 1073741824, "bytes"), multiple_of=1024),
    _live("wait_timeout", "Idle connections are closed after so long.", _number(10, 31536000, "seconds")),
    _live("interactive_timeout", "As wait_timeout, for terminals.", _number(10, 31536000, "seconds")),
    _live("lock_wait_timeout", "How long a statement waits for a table that is being changed.", _number(1, 31536000, "seconds")),
    _live("innodb_lock_wait_timeout", "How long a statement waits for a locked row.", _number(1, 99999, "seconds")),
    _live("max_execution_time", "SELECT statements are ended after so long; 0: never.", _number(0, 86400000, "milliseconds")),
    _live("sort_buffer_size", "Memory for a sort.", _number(32768, 1073741824, "bytes")),
    _live("join_buffer_size", "Memory for a join without an index.", _number(128, 1073741824, "bytes"), multiple_of=128),
    _live("tmp_table_size", "Largest temporary table in memory.", _number(1024, 4294967296, "bytes")),
    _live("max_heap_table_size", "Largest table of the engine MEMORY.", _number(16384, 4294967296, "bytes"), multiple_of=1024),
    _live("transaction_isolation", "Isolation of transactions that say none.", _ISOLATION),
    _live("sql_mode", "How strictly SQL is read.", _MODES),
    _live("time_zone", "Time zone of sessions that say none.", _ZONE),
    _live("character_set_server", "Character set of new databases.", _CHARACTERS),
    _live("collation_server", "Collation of new databases.", _COLLATION),
    _live("event_scheduler", "Whether scheduled events run.", _SWITCH),
    _live("log_bin_trust_function_creators", "Whether functions may be made without saying what they do.", _SWITCH),
    _live("sql_generate_invisible_primary_key", "A table without a primary key is given an invisible one.", _SWITCH),
    _live("innodb_io_capacity", "Writes a second in the background.", _number(100, 20000)),
    _live("binlog_expire_logs_seconds", "Binary logs older than this are removed.", _number(3600, 31536000, "seconds")),
    _at_start("innodb_ft_min_token_size", "Shortest word of a full-text index.", _number(0, 16)),
    _at_start("ngram_token_size", "Length of the pieces of a full-text index for Chinese, Japanese and Korean.", _number(1, 10)),
    _at_start("back_log", "Connections that may wait to be accepted.", _number(1, 65535)),
    _at_start("table_open_cache_instances", "Parts of the cache of open tables.", _number(1, 64)),
)  # fmt: skip

LIVE = frozenset(p.name for p in PARAMETERS if p.is_live)

REFUSED = {
    "sync_binlog": "a confirmed write could be lost with a member's power",
    "innodb_flush_log_at_trx_commit": "a confirmed write could be lost with a member's power",
    "innodb_doublewrite": "a page that is half written when the power fails could not be repaired",
    "innodb_buffer_pool_size": "it follows from resources.memory",
    "innodb_redo_log_capacity": "it follows from storage.size",
    "gtid_mode": "members tell by it what they hold",
    "enforce_gtid_consistency": "members tell by it what they hold",
    "log_bin": "the group is replicated by it",
    "log_replica_updates": "every member must be able to bring back every other one",
    "binlog_format": "only rows are the same on every member",
    "group_replication_*": "the promises of the service rest on how its group is set up",
    "server_id": "each member has its own",
    "read_only": "the group says who takes writes",
    "super_read_only": "the group says who takes writes",
    "offline_mode": "the agent sets it, so that no client talks to a member that left its group",
    "sql_require_primary_key": "a table without a primary key cannot be written to in a group",
    "lower_case_table_names": "it can never change once there is data",
    "default_storage_engine": "only InnoDB is replicated",
    "disabled_storage_engines": "only InnoDB is replicated",
    "skip_name_resolve": "logins would wait for DNS",
    "local_infile": "a server could then read the files of its clients",
    "secure_file_priv": "a client could then read and write files of the member",
    "skip_grant_tables": "anybody could log in",
    "init_connect": "it runs with the rights of whoever connects",
    "default_authentication_plugin": "passwords are kept as caching_sha2_password",
    "authentication_policy": "passwords are kept as caching_sha2_password",
}
"""Names that are refused with a reason of their own. All others that are not in the list are refused, too."""
