"""Who is primary now, asked from the other members themselves: the local engine may be down, or not know it yet."""

import asyncio
from collections.abc import Mapping

from moorage.engines.member import EngineError, Primary
from moorage.engines.mongodb.connections import Client, command
from moorage.engines.mongodb.constants import STATE_PRIMARY, pod_of

ANSWER_SECONDS_MAX = 0.5


async def find_primary(peers: Mapping[str, Client]) -> Primary | None:
    """The one of the latest term that takes writes; None when nobody who answers in time says so."""
    found = await asyncio.gather(*(_ask(host, client) for host, client in peers.items()))
    return max((primary for primary in found if primary is not None), key=lambda primary: primary.term, default=None)


async def _ask(host: str, client: Client) -> Primary | None:
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            status = await command(client, {"replSetGetStatus": 1})
            if status["myState"] != STATE_PRIMARY:
                return None
            hello = await command(client, {"hello": 1})
    except (EngineError, TimeoutError):
        return None
    return Primary(pod_of(host), int(status["term"])) if hello.get("isWritablePrimary") else None
