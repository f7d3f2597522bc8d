"""The operator's process: watches, a queue, a few workers, a Lease, and a health page."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from moorage.api.dataservice import KIND, DataService
from moorage.core import names
from moorage.core.fleet import REPAIRS_MAX
from moorage.core.protection import Protection
from moorage.core.schedule import zone_of
from moorage.core.stand_in import LOST_NODE_SECONDS
from moorage.door import Door
from moorage.engines import registry
from moorage.kube.client import Kube, KubeError
from moorage.kube.fence import Fence
from moorage.kube.lease import Lease
from moorage.kube.queue import DirtyQueue
from moorage.kube.reflector import Key, Object, Store, key_of
from moorage.kube.watch import reflect
from moorage.operator import health
from moorage.operator.alertrules import AlertRules, RulesObject
from moorage.operator.backups import admission
from moorage.operator.backups.archive import Archiver
from moorage.operator.backups.backups import BackupController
from moorage.operator.backups.found import Finder
from moorage.operator.backups.keeper import Keeper
from moorage.operator.backups.protect import protection, without_backups
from moorage.operator.backups.stores import StoreController
from moorage.operator.controller import OWN_KINDS, Controller, Work, utc_now
from moorage.operator.drills import Driller
from moorage.operator.failures import LASTS_SECONDS, backoff_seconds
from moorage.operator.identity import Identity
from moorage.operator.loop import Reconciler
from moorage.operator.metrics import Page, Standing, Tally
from moorage.operator.observe import OBJECT_KINDS
from moorage.operator.restores import Restores
from moorage.operator.services import ServiceController
from moorage.operator.wake import wakes
from moorage.operator.wording import in_words
from moorage.prometheus import Prometheus

log = structlog.get_logger()

WORKERS = 8
RESYNC_SECONDS = 60.0
BLIND_SECONDS = 5.0
BACKOFF_SECONDS_MIN, BACKOFF_SECONDS_MAX = 0.2, 30.0
OWNED = {names.LABEL_PART_OF: names.PART_OF}
UNLABELLED = (*OWN_KINDS, "Node", "StorageClass", "PersistentVolumeClaim")
"""Kinds that are watched whole: their objects are people's, or a person's object may stand in place of ours."""


@dataclass(frozen=True)
class Settings:
    """What whoever installs the platform decides."""

    time_zone: str = "UTC"
    """Of services that name none."""
    backups_max: int = admission.BACKUPS_MAX
    lost_node_seconds: float = LOST_NODE_SECONDS
    repairs_max: int = REPAIRS_MAX
    """Services that are repaired at once in a way that copies data."""

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        zone = environment.get("MOORAGE_TIME_ZONE") or cls.time_zone
        zone_of(zone)  # better said at the start than by each service
        return cls(
            zone,
            int(environment.get("MOORAGE_BACKUPS_MAX") or cls.backups_max),
            float(environment.get("MOORAGE_LOST_NODE_SECONDS") or cls.lost_node_seconds),
            int(environment.get("MOORAGE_REPAIRS_MAX") or cls.repairs_max),
        )


class Operator:
    """Everything that lives as long as the process."""

    def __init__(
        self,
        kube: Kube,
        lease: Lease,
        agent_image: str,
        clock: Callable[[], datetime] = utc_now,
        settings: Settings | None = None,
    ) -> None:
        self._stores = {kind: Store() for kind in (*OBJECT_KINDS, "Pod", *UNLABELLED)}
        self._kube, self._lease, self._clock = kube, lease, clock
        self._queue: DirtyQueue[Work] = DirtyQueue()
        self._controllers = controllers(
            Fence(kube, lambda: lease.is_held), self._stores, agent_image, clock, settings or Settings()
        )
        self._failures: dict[Work, tuple[int, datetime]] = {}
        """Passes in a row that failed, and since when: each change is a reason to try at once, so many may fail in a second."""
        self._tally = Tally()
        self._page = Page(self._stores, self._tally)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for kind, store in self._stores.items():
                labels = None if kind in UNLABELLED else OWNED
                tasks.create_task(reflect(self._kube, kind, store, self._marker(kind), labels=labels))
            tasks.create_task(self._lease.keep(self._mark_all))
            tasks.create_task(self._resync())
            for _ in range(WORKERS):
                tasks.create_task(self._work())

    async def metrics(self) -> str:
        """The page for Prometheus."""
        standing = Standing(
            is_leading=self._lease.is_held,
            is_telling=self._lease.was_held_last,
            is_synced=self.is_synced,
            queue_length=self._queue.length,
            failing=Counter(kind for kind, *_ in self._failures),
        )
        return await self._page.text(standing)

    @property
    def services(self) -> Store:
        """The DataServices as they are watched."""
        return self._stores[KIND]

    @property
    def is_synced(self) -> bool:
        """Whether every watch has listed at least once; no decision is made before that."""
        return all(store.version or store.all() for store in self._stores.values())

    def _why_blind(self) -> str:
        """Why some copy is old for good, so that nothing may be decided from it; empty when none is."""
        kind, refused = next(((kind, store.refused) for kind, store in self._stores.items() if store.refused), ("", ""))
        return f"Moorage may not see {kind} objects, so it changes nothing: {in_words(refused)}" if kind else ""

    def _marker(self, kind: str) -> Callable[[set[Key]], None]:
        """Which resources a change of this kind makes dirty."""
        store, known = self._stores[kind], dict[Key, Object]()

        def mark(keys: set[Key]) -> None:
            for key in keys:
                item = store.get(*key)
                seen = item or known.pop(key, None)
                if item is not None:
                    known[key] = item  # what vanished no longer tells whose it was
                if seen is None or not key[0]:
                    self._mark_all()  # nodes and classes concern everybody
                else:
                    self._mark(wakes(kind, seen, self._stores))

        return mark

    def _mark(self, dirty: Iterable[Work]) -> None:
        for work in dirty:
            if work[0] in self._controllers:
                self._queue.mark(work)

    def _mark_all(self) -> None:
        for kind in OWN_KINDS:
            self._mark((kind, *key_of(item)) for item in self._stores[kind].all())

    async def _resync(self) -> None:
        while True:
            await asyncio.sleep(RESYNC_SECONDS)
            self._mark_all()

    async def _work(self) -> None:
        while True:
            work = await self._queue.take()
            try:
                if self._lease.is_held and (why := self._why_blind()):
                    await self._explain(work, why, needs_somebody=True)
                    self._queue.mark_later(work, BLIND_SECONDS)
                elif self._lease.is_held and self.is_synced:
                    with self._tally.timed(work[0]):
                        outcome = await self._controllers[work[0]].reconcile(work[1:])
                    self._failures.pop(work, None)
                    if outcome.again_seconds is not None:
                        self._queue.mark_later(work, outcome.again_seconds)
                elif self._lease.is_held:
                    self._queue.mark_later(work, BACKOFF_SECONDS_MIN)
            except KubeError as error:
                await self._retry(work, error)
            except Exception as error:  # one broken resource must not stop the others
                log.exception("pass_failed", resource="/".join(work))
                await self._retry(work, error)
            finally:
                self._queue.done(work)

    async def _retry(self, work: Work, error: Exception) -> None:
        """A defect of ours is said at once where people look; what the API server cannot do now, when it lasts."""
        count, since = self._failures.get(work, (0, self._clock()))
        count += 1
        self._failures[work] = count, since
        seconds = backoff_seconds(count, BACKOFF_SECONDS_MIN, BACKOFF_SECONDS_MAX)
        log.warning("pass_will_be_tried_again", resource="/".join(work), error=str(error), retry_seconds=seconds)
        self._queue.mark_later(work, seconds)
        if not isinstance(error, KubeError):
            says = f"Moorage itself fails on this {_NOUNS[work[0]]} ({type(error).__name__}); its log says more: please report it"
            await self._explain(work, says, needs_somebody=True)
        elif (self._clock() - since).total_seconds() >= LASTS_SECONDS:
            says = f"the API server does not take what is to be done: {in_words(str(error))}; it is tried again"
            await self._explain(work, says, needs_somebody=False)

    async def _explain(self, work: Work, says: str, *, needs_somebody: bool) -> None:
        try:
            await self._controllers[work[0]].explain(work[1:], says, needs_somebody=needs_somebody)
        except Exception as error:  # what cannot be said must not stop the others either
            log.warning("not_explained", resource="/".join(work), says=says, error=str(error))


_NOUNS = {"DataService": "service", "BackupStore": "store", "DataBackup": "backup", "DataRestore": "restore"}


def controllers(
    kube: Kube, stores: Mapping[str, Store], agent_image: str, clock: Callable[[], datetime], settings: Settings
) -> dict[str, Controller]:
    """Who looks at which kind. `kube` is fenced."""
    engines, backed_up, zone = registry.load(), registry.backed_up(), settings.time_zone

    def wrote(item: Object) -> None:
        stores[item["kind"]].wrote(item)

    def protect(service: DataService, now: datetime) -> Protection:
        return protection(service, stores, zone, now) if service.spec.engine in backed_up else without_backups(service)

    identity = Identity(kube)
    finder = Finder(kube, stores, wrote, identity)
    keeper = Keeper(kube, stores, Archiver(kube, stores, engines, agent_image, identity), clock, backed_up, zone)
    user_id = min(engine.card.user_id for engine in engines.values())
    reconciler = Reconciler(kube, stores, engines, agent_image, clock, protect, settings.lost_node_seconds, settings.repairs_max)
    return {
        "DataService": ServiceController(reconciler, keeper, Driller(kube, stores, engines, agent_image)),
        "BackupStore": StoreController(kube, stores, agent_image, user_id, clock, finder),
        "DataBackup": BackupController(
            kube, stores, engines, agent_image, clock, finder.deleted, zone=zone, backups_max=settings.backups_max
        ),
        "DataRestore": Restores(kube, stores, engines, agent_image, clock),
    }


async def _main() -> None:
    kube = Kube()
    lease = Lease(kube, os.environ["POD_NAMESPACE"], "moorage-operator", os.environ["POD_NAME"], time.monotonic)
    operator = Operator(kube, lease, os.environ["MOORAGE_IMAGE"], settings=Settings.of(os.environ))
    door, fenced = Door.of(os.environ, "PROMETHEUS"), Fence(kube, lambda: lease.is_held)
    prometheus = Prometheus(door) if door is not None else None
    place = RulesObject.of(os.environ)
    alert_rules = AlertRules(fenced, lambda: lease.is_held, place, operator.services, prometheus, utc_now)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    running = [
        asyncio.create_task(operator.run()),
        asyncio.create_task(alert_rules.run()),
        asyncio.create_task(health.serve(health.PORT, operator.metrics)),
        asyncio.create_task(stop.wait()),
    ]
    done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    await lease.release()
    for task in running:
        task.cancel()
    for task in done:
        task.result()


def main() -> None:
    asyncio.run(_main())
