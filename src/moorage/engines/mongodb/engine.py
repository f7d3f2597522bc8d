"""What the entry point names: card and rules. The member is loaded by the agent alone."""

from dataclasses import dataclass

from moorage.engines.contract import EngineCard
from moorage.engines.mongodb.catalog import CARD
from moorage.engines.mongodb.topology import MongoTopology


@dataclass(frozen=True)
class _MongoDB:
    card: EngineCard = CARD
    topology: MongoTopology = MongoTopology()  # noqa: RUF009 - it has no state


ENGINE = _MongoDB()
