"""What a mysqld is asked for its metrics: five statements, on a connection of their own."""

from collections.abc import Mapping
from typing import Any

from moorage.engines.mysql.connections import Session
from moorage.engines.mysql.constants import GROUP_USER, OWN_USER
from moorage.engines.mysql.metrics import COUNTER_NAMES, LONG_SECONDS, STATEMENT_BOUNDS_SECONDS, STATUS_NAMES, document

_PICOSECONDS = 10**12

ASK_STATUS = (
    "SELECT VARIABLE_NAME AS name, VARIABLE_VALUE AS value FROM performance_schema.global_status WHERE VARIABLE_NAME IN %s"
)
ASK_COUNTERS = """
SELECT NAME AS name, COUNT AS value FROM information_schema.INNODB_METRICS WHERE STATUS = 'enabled' AND NAME IN %s
UNION ALL
SELECT EVENT_NAME, COUNT_STAR FROM performance_schema.events_statements_summary_global_by_event_name WHERE EVENT_NAME IN %s
""".strip()
ASK_GROUP = "SELECT * FROM performance_schema.replication_group_member_stats WHERE MEMBER_ID = @@server_uuid"
ASK_SELF = """
SELECT @@max_connections AS connections_max, @@innodb_buffer_pool_size AS buffer_pool_bytes,
  (SELECT COUNT(*) FROM performance_schema.processlist
   WHERE COMMAND IN ('Query', 'Execute') AND TIME >= %s AND USER NOT IN %s) AS long_statements,
  (SELECT COUNT(*) FROM performance_schema.replication_group_members
   WHERE MEMBER_STATE IN ('ONLINE', 'RECOVERING')) AS members_heard,
  (SELECT COALESCE(MAX(IF(APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP > '1971-01-01',
     TIMESTAMPDIFF(MICROSECOND, APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, NOW(6)) / 1000000, 0)), 0)
   FROM performance_schema.replication_applier_status_by_worker
   WHERE CHANNEL_NAME = 'group_replication_applier') AS lag_seconds
""".strip()
_BELOW = ", ".join(
    f"SUM(IF(BUCKET_TIMER_HIGH <= {int(bound * _PICOSECONDS * 1.001)}, COUNT_BUCKET, 0)) AS below_{i}"
    for i, bound in enumerate(STATEMENT_BOUNDS_SECONDS)
)
ASK_LATENCY = f"""
SELECT {_BELOW}, SUM(COUNT_BUCKET) AS count, (
  SELECT SUM(SUM_TIMER_WAIT) / {_PICOSECONDS} FROM performance_schema.events_statements_summary_global_by_event_name) AS seconds
FROM performance_schema.events_statements_histogram_global
""".strip()  # noqa: S608 - constants

NOT_CLIENTS = (OWN_USER, GROUP_USER, "system user", "event_scheduler", "mysql.session")


async def measure(session: Session, long_seconds: int = LONG_SECONDS) -> Mapping[str, Any]:
    """What `metrics.METRICS` are read from. Raises EngineError."""
    group = await session.rows(ASK_GROUP)
    return document(
        await session.rows(ASK_STATUS, (STATUS_NAMES,)),
        await session.rows(ASK_COUNTERS, (COUNTER_NAMES, COUNTER_NAMES)),
        group[0] if group else {},
        await session.row(ASK_SELF, (long_seconds, NOT_CLIENTS)),
        await session.row(ASK_LATENCY),
    )
