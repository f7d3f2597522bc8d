"""Whether a member fell so far behind that it can never catch up: no peer's oplog reaches back to its last write."""

from collections.abc import Mapping
from typing import Any

from pymongo.errors import PyMongoError

from moorage.engines.mongodb.connections import Client

STATE_RECOVERING = 3


def is_too_far_behind(mine: Any, oldest_of_peers: Mapping[str, Any]) -> bool:
    """`oldest_of_peers`: each peer's oldest entry, None where it did not answer. A silent peer may be the one that helps."""
    return bool(oldest_of_peers) and all(oldest is not None and mine < oldest for oldest in oldest_of_peers.values())


async def why_stale(status: Mapping[str, Any], peers: Mapping[str, Client]) -> str:
    """From `replSetGetStatus` and the peers' oplogs; empty: it is not, or nobody can say."""
    me = next((m for m in status["members"] if m.get("self")), None)
    mine = ((me or {}).get("optime") or {}).get("ts")
    if status["myState"] != STATE_RECOVERING or mine is None:
        return ""
    oldest = {host: await _oldest(client) for host, client in dict(peers).items()}
    if not is_too_far_behind(mine, oldest):
        return ""
    return "it fell so far behind that no other member's oplog reaches back to its last write"


async def _oldest(client: Client) -> Any:
    try:
        entry = await client.local["oplog.rs"].find_one({}, {"ts": 1}, sort=[("$natural", 1)])
    except PyMongoError:
        return None
    return entry["ts"] if entry is not None else None
