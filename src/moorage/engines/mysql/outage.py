"""Which member holds everything that any of them does, by the sets of transactions that they say. Pure."""

from collections.abc import Mapping

from moorage.core.step import Fullest
from moorage.engines.mysql import gtid
from moorage.engines.mysql.gtid import GtidSet


def fullest(positions: Mapping[str, str]) -> Fullest:
    """`positions`: Pod name → what it executed and received. Of several that hold the same the first by name."""
    sets: dict[str, GtidSet] = {}
    for pod, text in sorted(positions.items()):
        try:
            sets[pod] = gtid.parse(text)
        except ValueError as error:
            return Fullest(at_stake=f"what {pod} holds cannot be read: {error}")
    everything = gtid.union(sets.values())
    chosen = next((pod for pod, held in sets.items() if everything <= held), "")
    if chosen or not sets:
        return Fullest(pod=chosen)
    lacks = {pod: everything - held for pod, held in sets.items()}
    said = "; ".join(f"with {pod} alone {missing.shown()} would be lost" for pod, missing in lacks.items())
    return Fullest(at_stake=f"the members hold different transactions: {said}")
