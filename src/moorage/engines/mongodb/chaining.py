"""A secondary copies from the primary itself. MongoDB lets it copy from another secondary, for good once it began to.

When that one dies, whoever copied from it looks for another source for a second (`BackgroundSync`, hard-wired), and a majority
write that needs it waits for as long: a dead secondary would cost writers more than a dead primary.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from moorage.engines.member import EngineError
from moorage.engines.mongodb.connections import Client, command
from moorage.engines.mongodb.constants import STATE_PRIMARY, STATE_SECONDARY, pod_of

log = structlog.get_logger()

SETTLED_SECONDS = 5.0
"""Longer than others follow the heir of a hand-over before it is the primary."""


def detour(status: Mapping[str, Any]) -> tuple[str, str]:
    """From `replSetGetStatus`: the host that it copies from and the primary, where those are two; else nothing.

    While somebody is lined up for a hand-over that is so on purpose, for seconds."""
    source = str(status.get("syncSourceHost") or "")
    primary = next((m["name"] for m in status["members"] if m["state"] == STATE_PRIMARY and m.get("health")), "")
    is_detour = status["myState"] == STATE_SECONDARY and source and primary and source != primary
    return (source, primary) if is_detour else ("", "")


class Chaining:
    """Of one member: asks for the primary as its source when it copies from the same other one for some seconds."""

    def __init__(self) -> None:
        self._seen, self._since = ("", ""), 0.0

    async def look(
        self,
        status: Mapping[str, Any],
        to_local: Callable[[], Awaitable[Client]],
        leads: Callable[[str], Awaitable[bool]],
        now: float,
    ) -> None:
        """`now`: seconds of a steady clock. MongoDB keeps only a source that is ahead; where nobody writes it is asked again.

        `leads`: whether whoever is reached at a host at this moment is primary. What the status says is as old as the last
        heartbeat, and a member that is sent to a source that was cut off since tries nobody else for half a minute
        (`SyncSourceResolver`: its fetchers wait 30 s, hard-wired): every majority write that needs it waits with it.
        """
        seen = detour(status)
        if seen != self._seen:
            self._seen, self._since = seen, now
        source, primary = seen
        if not source or now - self._since < SETTLED_SECONDS:
            return
        self._since = now
        if not await leads(primary):
            log.info("source_not_advised", source=pod_of(primary), why="it does not answer as the primary")
            return
        try:
            await command(await to_local(), {"replSetSyncFrom": primary})
        except EngineError as error:
            log.debug("source_not_taken", source=pod_of(primary), error=str(error))
        else:
            log.info("copies_from_the_primary", primary=pod_of(primary), before=pod_of(source))
