"""Tables without a primary key: a group refuses every write to them. Nobody can make one here, but a restore may bring some."""

import time
from collections.abc import Sequence
from typing import Any

import structlog

from moorage.engines.member import EngineError
from moorage.engines.mysql.connections import Session
from moorage.engines.mysql.metrics import MEASURED_MAX

log = structlog.get_logger()

LOOK_SECONDS = 60.0
NAMED_MAX = 5
ASK = """
SELECT /*+ MAX_EXECUTION_TIME(1000) */ CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME) AS name
FROM information_schema.TABLES t LEFT JOIN (
  SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.STATISTICS GROUP BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME
  HAVING MAX(NON_UNIQUE) = 0 AND SUM(NULLABLE = 'YES') = 0 AND COUNT(SUB_PART) = 0
) k ON k.TABLE_SCHEMA = t.TABLE_SCHEMA AND k.TABLE_NAME = t.TABLE_NAME
WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA NOT IN ('mysql', 'sys', 'performance_schema', 'information_schema')
  AND k.TABLE_NAME IS NULL
ORDER BY 1
""".strip()
"""A unique index of whole columns that are never NULL is as good as a primary key. The agent may read none of these tables, and
sees their names by its right REFERENCES. A second at most: it is asked among all else that a primary is asked."""


def sentence(tables: Sequence[str]) -> str:
    """Empty when there are none."""
    if not tables:
        return ""
    more = f" and {len(tables) - NAMED_MAX} more" if len(tables) > NAMED_MAX else ""
    which = "a table has no primary key, and takes" if len(tables) == 1 else "tables have no primary key, and take"
    return f"{which} no writes in a group: {', '.join(tables[:NAMED_MAX])}{more}; give each one (ALTER TABLE … ADD PRIMARY KEY …)"


class Keyless:
    """Of the engine that a session is with. `said`: as the last look found it."""

    def __init__(self, session: Session) -> None:
        self._session, self._looked_at, self._failed = session, float("-inf"), ""
        self._tables: list[str] | None = None

    @property
    def said(self) -> str:
        return sentence(self._tables or [])

    def document(self) -> dict[str, Any]:
        """For `metrics.METRICS`; empty where nobody looked."""
        if self._tables is None:
            return {}
        return {"count": len(self._tables), "tables": dict.fromkeys(self._tables[:MEASURED_MAX], 1)}

    def forget(self) -> None:
        """It is primary no longer: who is looks."""
        self._tables, self._looked_at = None, float("-inf")

    async def look(self) -> None:
        """Now and then; what fails is tried again at the next look."""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        failed = ""
        try:
            self._tables = [str(row["name"]) for row in await self._session.rows(ASK)]
        except EngineError as error:
            failed = str(error)
        if failed and failed != self._failed:
            log.warning("tables_not_looked_at", error=failed)
        self._failed = failed
