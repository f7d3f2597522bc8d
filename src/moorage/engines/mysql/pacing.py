"""Writers wait a little for a member that cannot catch up with them.

A member that joins applies what came meanwhile, while more comes. By MySQL's own limits nobody waits for it before it is 25,000
transactions behind, nor is held below 5 % of that, 1,250 a second: on a small machine, whose members apply 300, it never arrives,
and the service stays without a member for as long as somebody writes at full speed. Flow control itself is MySQL's; what is
decided here is when it is to hold writers back.
"""

import math
import time
from collections.abc import Callable, Mapping

import structlog

from moorage.engines.member import EngineError
from moorage.engines.mysql.connections import Connections
from moorage.engines.mysql.view import RECOVERING, View

log = structlog.get_logger()

PATIENCE_SECONDS = 20.0
"""Most arrive by themselves within this, at no cost for anybody."""
FREELY = {"applier_threshold": 25_000, "certifier_threshold": 25_000, "hold_percent": 10, "min_quota": 0}
"""MySQL's own."""
HELD_BACK = {"applier_threshold": 100, "certifier_threshold": 100, "hold_percent": 50, "min_quota": 20}
"""Half of what the slowest member applies, or of 20 transactions a second where that is more: the backlog shrinks, and writes go
on. (`min_recovery_quota` is no floor here: it counts only while nobody at all applies.)"""
IN_VAIN_SECONDS, REST_SECONDS = 30.0, 300.0
"""Writers do not wait on for a backlog that has not become smaller for so long; after the rest it is tried again."""


def backlog(view: View) -> int:
    """Transactions that members apply which came while they joined. Who still receives what it lacks gains nothing by a wait."""
    return sum(m.applies for m in view.with_state(RECOVERING))


class Pacing:
    """Of one member, which holds writers back only while it is the primary. `now`: seconds of a steady clock."""

    def __init__(self, connections: Connections, now: Callable[[], float] = time.monotonic) -> None:
        self._connections, self._now = connections, now
        self._behind_since: float | None = None
        self._smallest, self._smaller_at, self._rests_until = math.inf, 0.0, 0.0
        self._is_holding: bool | None = False
        """None: the engine took some of what it was told, or nobody knows which."""

    def engine_starts(self) -> None:
        """The engine starts with settings of its own."""
        self._behind_since, self._is_holding = None, False

    async def settle(self, view: View) -> None:
        """After each look. What the engine does not take is tried again at the next one."""
        if not (view.is_primary and view.with_state(RECOVERING)):
            self._behind_since, self._rests_until = None, 0.0
        elif self._behind_since is None and backlog(view):
            self._behind_since = self._now()
        is_due = self._behind_since is not None and self._now() - self._behind_since >= PATIENCE_SECONDS and self._helps(view)
        if is_due is self._is_holding:
            return
        self._is_holding = None
        try:
            await self._set(HELD_BACK if is_due else FREELY)
        except EngineError as error:
            log.warning("pace_not_set", error=str(error))
            return
        self._is_holding = is_due
        pods = [m.pod for m in view.with_state(RECOVERING)]
        log.info("writers_are_held_back", until=pods) if is_due else log.info("writers_go_on_freely")

    def _helps(self, view: View) -> bool:
        """Whether the backlog becomes smaller while writers wait, or they did not wait for long enough to tell."""
        now, left = self._now(), backlog(view)
        if now < self._rests_until:
            return False
        if not self._is_holding or left < self._smallest:
            self._smallest, self._smaller_at = left, now
        if now - self._smaller_at < IN_VAIN_SECONDS:
            return True
        self._rests_until = now + REST_SECONDS
        log.warning("writers_waited_in_vain", transactions=left, again_in_seconds=REST_SECONDS)
        return False

    async def _set(self, limits: Mapping[str, int]) -> None:
        for name, value in limits.items():
            await self._connections.local.rows(f"SET GLOBAL group_replication_flow_control_{name} = {value}")
