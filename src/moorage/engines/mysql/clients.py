"""Ends the connections of clients of a member that lost the primary role, so that they go where the address leads now."""

import structlog

from moorage.engines.mysql.connections import Connections, RefusedError
from moorage.engines.mysql.constants import GROUP_USER, OWN_USER

log = structlog.get_logger()

NO_SUCH_THREAD = 1094
_CLIENTS = """
SELECT PROCESSLIST_ID AS id FROM performance_schema.threads
WHERE TYPE = 'FOREGROUND' AND PROCESSLIST_ID IS NOT NULL AND PROCESSLIST_USER IS NOT NULL
AND PROCESSLIST_USER NOT IN (%s, %s, 'event_scheduler', 'system user', 'mysql.session')
""".strip()


async def cut_clients(connections: Connections) -> None:
    """All but Moorage's own and the group's. Raises EngineError."""
    found = await connections.local.rows(_CLIENTS, (OWN_USER, GROUP_USER))
    for row in found:
        try:
            await connections.local.rows(f"KILL CONNECTION {int(row['id'])}")
        except RefusedError as error:
            if error.code != NO_SUCH_THREAD:  # it went by itself
                raise
    log.info("clients_cut", count=len(found))
