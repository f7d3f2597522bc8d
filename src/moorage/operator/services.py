"""Services: their members first, then their backups and drills.

What goes wrong with the first does not keep the second from being done.
"""

from moorage.kube.reflector import Key
from moorage.operator.backups.keeper import Keeper
from moorage.operator.controller import Pass
from moorage.operator.drills import Driller
from moorage.operator.loop import Reconciler


class ServiceController:
    """Of all DataServices."""

    def __init__(self, reconciler: Reconciler, keeper: Keeper, driller: Driller) -> None:
        self._reconciler, self._keeper, self._driller = reconciler, keeper, driller

    async def reconcile(self, at: Key) -> Pass:
        try:
            done = await self._reconciler.reconcile(at)
        finally:
            kept = await self._keeper.keep(at)
        drilled = await self._driller.keep(at)
        seconds = (done.again_seconds, kept.again_seconds, drilled.again_seconds)
        return Pass(min((s for s in seconds if s is not None), default=None))

    async def explain(self, at: Key, why: str, *, needs_somebody: bool) -> None:
        await self._reconciler.explain(at, why, needs_somebody=needs_somebody)
