"""Which queries of people's own MongoDB is asked: the command `aggregate`, of stages that only read. Pure.

A plain word for the person who wrote it; that nothing is written is held by the engine (`querying.py`).
"""

import json
from collections.abc import Iterator
from typing import Any

SYSTEM = ("admin", "local", "config")
ENTRIES = ("aggregate", "pipeline", "hint", "collation")
STAGES = (
    "$addFields", "$bucket", "$bucketAuto", "$count", "$densify", "$facet", "$fill", "$geoNear", "$graphLookup", "$group",
    "$limit", "$lookup", "$match", "$project", "$redact", "$replaceRoot", "$replaceWith", "$sample", "$set", "$setWindowFields",
    "$skip", "$sort", "$sortByCount", "$unionWith", "$unset", "$unwind",
)  # fmt: skip
REFUSED = {"$out": "it writes", "$merge": "it writes"} | dict.fromkeys(
    ("$where", "$function", "$accumulator"), "it runs JavaScript in the engine"
)
"""Wherever they stand."""
_EXAMPLE = '{"aggregate": "orders", "pipeline": [{"$count": "value"}]}'


def why_refused(database: str, query: str) -> str | None:
    """The reason, naming what was found and what is allowed; None: it is asked."""
    if database in SYSTEM:
        return f"database '{database}' is the engine's own; allowed: a database of applications"
    try:
        found = json.loads(query)
    except (ValueError, RecursionError) as error:
        return f"it is no JSON ({error}); allowed: such as {_EXAMPLE}"
    if not isinstance(found, dict) or not isinstance(found.get("aggregate"), str) or not found["aggregate"]:
        return f"it has no entry aggregate with the name of a collection; allowed: such as {_EXAMPLE}"
    if (collection := found["aggregate"]).startswith("system."):
        return f"collection '{collection}' is the engine's own; allowed: a collection of applications"
    if others := sorted(found.keys() - set(ENTRIES)):
        return f"it holds '{others[0]}'; allowed: {', '.join(ENTRIES)}"
    pipeline = found.get("pipeline")
    if not isinstance(pipeline, list) or not all(isinstance(stage, dict) and len(stage) == 1 for stage in pipeline):
        return f"its pipeline is no list of stages; allowed: such as {_EXAMPLE}"
    if (hit := next(_refused_in(pipeline), None)) is not None:
        return f"it holds '{hit}': {REFUSED[hit]}; allowed: what only reads"
    stage = next((name for stage in pipeline for name in stage if name not in STAGES), None)
    return None if stage is None else f"it holds the stage '{stage}'; allowed: {', '.join(STAGES)}"


def _refused_in(found: Any) -> Iterator[str]:
    waiting = [found]
    while waiting:
        match waiting.pop():
            case dict() as entries:
                yield from (name for name in entries if name in REFUSED)
                waiting += entries.values()
            case list() as items:
                waiting += items
