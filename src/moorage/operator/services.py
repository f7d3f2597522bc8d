"""Services: their members first, then their backups. What goes wrong with the one does not keep the other from being done."""

from moorage.kube.reflector import Key
from moorage.operator.backups.keeper import Keeper
from moorage.operator.controller import Pass
from moorage.operator.loop import Reconciler


class ServiceController:
    """Of all DataServices."""

    def __init__(self, reconciler: Reconciler, keeper: Keeper) -> None:
        self._reconciler, self._keeper = reconciler, keeper

    async def reconcile(self, at: Key) -> Pass:
        try:
            done = await self._reconciler.reconcile(at)
        finally:
            kept = await self._keeper.keep(at)
        return Pass(min((s for s in (done.again_seconds, kept.again_seconds) if s is not None), default=None))

    async def explain(self, at: Key, why: str, *, needs_somebody: bool) -> None:
        await self._reconciler.explain(at, why, needs_somebody=needs_somebody)
