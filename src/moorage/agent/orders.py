"""The operator's orders, as they stand on the member's own Pod: each is carried out, tried again, or refused for good."""

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from moorage.agent.settings import Settings
from moorage.core import names
from moorage.engines.member import EngineError, OrderRefusedError
from moorage.kube.client import Kube, Object
from moorage.kube.reflector import Key, Store
from moorage.kube.watch import reflect

log = structlog.get_logger()

RETRY_SECONDS = 0.5
DONE_MARK = Path("/tmp/moorage-order-done")  # noqa: S108 - a private emptyDir: it outlives the agent and goes with the Pod
"""Names the order that was carried out last: it stands on the Pod still when the agent comes back, and what was right at its time
need not be right any more."""
Order = dict[str, Any]
"""`id`, `action` and `body`. In the body, `until`: an RFC 3339 time after which it is not begun any more; `give_up_seconds`: how
long it is tried, from when this agent first tried it."""


class Orders:
    """`carry_out` raises EngineError, and OrderRefusedError when it never will; `answered`: whether the order was carried out;
    `saw`: the member's Pod, as it is now."""

    def __init__(
        self,
        settings: Settings,
        carry_out: Callable[[Order], Awaitable[None]],
        answered: Callable[[bool], None],
        saw: Callable[[Object], None],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._carry_out, self._answered, self._saw, self._now = settings, carry_out, answered, saw, now
        self.done, self.error, self.refused = _noted(), "", ""
        self._failed = ""
        """The order that `error` is about, when it is to be tried again."""
        self._monotonic, self._failed_since = monotonic, 0.0
        self.pod = Store()
        self._seen = asyncio.Event()

    async def watch(self, kube: Kube) -> None:
        me = self._settings
        await reflect(kube, "Pod", self.pod, self.changed, namespace=me.namespace, fields={"metadata.name": me.pod_name})

    def changed(self, _keys: set[Key]) -> None:
        self._saw(self._own())
        self._seen.set()

    def _own(self) -> Object:
        """The member's Pod; empty while it is not known."""
        return self.pod.get(self._settings.namespace, self._settings.pod_name) or {"metadata": {}}

    async def run(self) -> None:
        while True:
            await self._seen.wait()
            self._seen.clear()
            order = self._standing()
            if order is not None and order["id"] not in (self.done, self.refused):
                self._answered(await self._try(order))

    def _standing(self) -> Order | None:
        """None: there is none, or somebody wrote what is none."""
        text = (self._own()["metadata"].get("annotations") or {}).get(names.ANNOTATION_ORDER)
        try:
            found = json.loads(text) if text else None
        except ValueError:
            found = text
        if found is None or (isinstance(found, dict) and _is_order(found)):
            return found
        log.warning("not_an_order", text=str(text)[:200])
        return None

    async def _try(self, order: Order) -> bool:
        try:
            self._check_time(order)
            await self._carry_out(order)
        except OrderRefusedError as error:
            self._refuse(order, str(error))
        except EngineError as error:
            await self._fail(order, str(error))
        except (LookupError, TypeError, ValueError) as error:  # it lacks what it needs: no reason for the engine to go down
            self._refuse(order, f"the order cannot be understood: {error!r}")
        else:
            self.done, self.error = order["id"], ""
            _note(order["id"])
            log.info("order_done", id=order["id"])
            return True
        return False

    async def _fail(self, order: Order, why: str) -> None:
        """It is tried again, unless it was tried for long enough."""
        if self._failed != order["id"]:
            self._failed, self._failed_since = order["id"], self._monotonic()
        if self._monotonic() - self._failed_since >= order["body"].get("give_up_seconds", math.inf):
            self._refuse(order, why)
            return
        if why != self.error:
            log.warning("order_failed", id=order["id"], error=why)
        self.error = why
        await asyncio.sleep(RETRY_SECONDS)
        self._seen.set()

    def _check_time(self, order: Order) -> None:
        """Raises OrderRefusedError: what it was given for does not hold any more."""
        until = order["body"].get("until")
        if until is None or self._now() <= datetime.fromisoformat(until):
            return
        because = f": {self.error}" if self._failed == order["id"] else ", which is when this member heard of it"
        raise OrderRefusedError(f"it could not be carried out until {until}{because}")

    def _refuse(self, order: Order, why: str) -> None:
        self.refused, self.error = order["id"], why
        log.warning("order_refused", id=order["id"], error=why)


def _noted() -> str:
    """The order that was carried out before the agent was started anew; empty when that is not known."""
    try:
        return DONE_MARK.read_text(errors="replace")
    except OSError:
        return ""


def _note(order_id: str) -> None:
    try:
        DONE_MARK.write_text(order_id)
    except OSError as error:
        log.warning("order_not_noted", id=order_id, error=str(error))


def _is_order(found: Order) -> bool:
    return isinstance(found.get("id"), str) and isinstance(found.get("action"), str) and isinstance(found.get("body"), dict)
