"""The operator's process: watches, a queue, a few workers, a Lease, and a health page."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from moorage.core import names
from moorage.engines import registry
from moorage.kube.client import Kube, KubeError
from moorage.kube.fence import Fence
from moorage.kube.lease import Lease
from moorage.kube.queue import DirtyQueue
from moorage.kube.reflector import Key, Store
from moorage.kube.watch import reflect
from moorage.operator.failures import LASTS_SECONDS, backoff_seconds
from moorage.operator.loop import Reconciler, utc_now
from moorage.operator.observe import OBJECT_KINDS
from moorage.operator.wording import in_words

log = structlog.get_logger()

WORKERS = 8
RESYNC_SECONDS = 60.0
BLIND_SECONDS = 5.0
BACKOFF_SECONDS_MIN, BACKOFF_SECONDS_MAX = 0.2, 30.0
HEALTH_PORT = 8080
OWNED = {names.LABEL_PART_OF: names.PART_OF}


class Operator:
    """Everything that lives as long as the process."""

    def __init__(self, kube: Kube, lease: Lease, agent_image: str, clock: Callable[[], datetime] = utc_now) -> None:
        owned_kinds = (*OBJECT_KINDS, "Pod", "PersistentVolumeClaim")
        self._stores = {kind: Store() for kind in ("DataService", *owned_kinds, "Node", "StorageClass")}
        self._kube, self._lease, self._clock = kube, lease, clock
        self._queue: DirtyQueue[Key] = DirtyQueue()
        self._reconciler = Reconciler(Fence(kube, lambda: lease.is_held), self._stores, registry.load(), agent_image, clock)
        self._failures: dict[Key, tuple[int, datetime]] = {}
        """Passes in a row that failed, and since when: each change is a reason to try at once, so many may fail in a second."""

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for kind, store in self._stores.items():
                labels = OWNED if kind not in ("DataService", "Node", "StorageClass", "PersistentVolumeClaim") else None
                tasks.create_task(reflect(self._kube, kind, store, self._marker(kind), labels=labels))
            tasks.create_task(self._lease.keep(self._mark_all))
            tasks.create_task(self._resync())
            for _ in range(WORKERS):
                tasks.create_task(self._work())

    @property
    def is_synced(self) -> bool:
        """Whether every watch has listed at least once; no decision is made before that."""
        return all(store.version or store.all() for store in self._stores.values())

    def _why_blind(self) -> str:
        """Why some copy is old for good, so that nothing may be decided from it; empty when none is."""
        kind, refused = next(((kind, store.refused) for kind, store in self._stores.items() if store.refused), ("", ""))
        return f"Moorage may not see {kind} objects, so it changes nothing: {in_words(refused)}" if kind else ""

    def _marker(self, kind: str) -> Callable[[set[Key]], None]:
        """Which services a change of this kind makes dirty."""
        store = self._stores[kind]

        def mark(keys: set[Key]) -> None:
            for namespace, name in keys:
                item = store.get(namespace, name)
                if kind == "DataService":
                    self._queue.mark((namespace, name))
                elif item is None or not namespace:
                    self._mark_all()  # what vanished no longer tells whose it was; nodes and classes concern everybody
                elif service := (item["metadata"].get("labels") or {}).get(names.LABEL_INSTANCE):
                    self._queue.mark((namespace, service))

        return mark

    def _mark_all(self) -> None:
        for item in self._stores["DataService"].all():
            self._queue.mark((item["metadata"]["namespace"], item["metadata"]["name"]))

    async def _resync(self) -> None:
        while True:
            await asyncio.sleep(RESYNC_SECONDS)
            self._mark_all()

    async def _work(self) -> None:
        while True:
            at = await self._queue.take()
            try:
                if self._lease.is_held and (why := self._why_blind()):
                    await self._explain(at, why, needs_somebody=True)
                    self._queue.mark_later(at, BLIND_SECONDS)
                elif self._lease.is_held and self.is_synced:
                    outcome = await self._reconciler.reconcile(at)
                    self._failures.pop(at, None)
                    if outcome.again_seconds is not None:
                        self._queue.mark_later(at, outcome.again_seconds)
                elif self._lease.is_held:
                    self._queue.mark_later(at, BACKOFF_SECONDS_MIN)
            except KubeError as error:
                await self._retry(at, error)
            except Exception as error:  # one broken service must not stop the others
                log.exception("pass_failed", service="/".join(at))
                await self._retry(at, error)
            finally:
                self._queue.done(at)

    async def _retry(self, at: Key, error: Exception) -> None:
        """A defect of ours is said at once where people look; what the API server cannot do now, when it lasts."""
        count, since = self._failures.get(at, (0, self._clock()))
        count += 1
        self._failures[at] = count, since
        seconds = backoff_seconds(count, BACKOFF_SECONDS_MIN, BACKOFF_SECONDS_MAX)
        log.warning("pass_will_be_tried_again", service="/".join(at), error=str(error), retry_seconds=seconds)
        self._queue.mark_later(at, seconds)
        if not isinstance(error, KubeError):
            says = f"Moorage itself fails on this service ({type(error).__name__}); its log says more: please report it"
            await self._explain(at, says, needs_somebody=True)
        elif (self._clock() - since).total_seconds() >= LASTS_SECONDS:
            says = f"the API server does not take what is to be done: {in_words(str(error))}; it is tried again"
            await self._explain(at, says, needs_somebody=False)

    async def _explain(self, at: Key, says: str, *, needs_somebody: bool) -> None:
        try:
            await self._reconciler.explain(at, says, needs_somebody=needs_somebody)
        except Exception as error:  # what cannot be said must not stop the others either
            log.warning("not_explained", service="/".join(at), says=says, error=str(error))


async def _serve_health() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "0.0.0.0", HEALTH_PORT)  # noqa: S104 - the kubelet's probe
    await server.serve_forever()


async def _main() -> None:
    kube = Kube()
    lease = Lease(kube, os.environ["POD_NAMESPACE"], "moorage-operator", os.environ["POD_NAME"], time.monotonic)
    operator = Operator(kube, lease, os.environ["MOORAGE_IMAGE"])
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    running = [asyncio.create_task(operator.run()), asyncio.create_task(_serve_health()), asyncio.create_task(stop.wait())]
    done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    await lease.release()
    for task in running:
        task.cancel()
    for task in done:
        task.result()


def main() -> None:
    asyncio.run(_main())
