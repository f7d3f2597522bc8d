"""What the entry point names: card and rules. The member is loaded by the agent alone."""

from dataclasses import dataclass

from moorage.engines.contract import EngineCard
from moorage.engines.mysql.catalog import CARD
from moorage.engines.mysql.topology import MySqlTopology


@dataclass(frozen=True)
class _MySQL:
    card: EngineCard = CARD
    topology: MySqlTopology = MySqlTopology()  # noqa: RUF009 - it has no state


ENGINE = _MySQL()
