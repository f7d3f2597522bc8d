"""Stores: a worker checks each of them, when it is new or changed, every ten minutes, and sooner while it cannot be used."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from pydantic import ValidationError

from moorage.api.backupstore import BackupStore, BackupStoreStatus, parse_backupstore
from moorage.api.conditions import Condition, ConditionType
from moorage.api.databackup import BackupPhase
from moorage.core import requests
from moorage.core.backups import moment, text
from moorage.core.task import Task, TaskKind
from moorage.core.workers import WorkerFacts, attempt_of, task_id
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key, Store
from moorage.operator import events
from moorage.operator.backups.choose import defaults, two_defaults
from moorage.operator.backups.found import Finder, known_services
from moorage.operator.backups.needs import Needs, look_up
from moorage.operator.backups.tasks import store_spec
from moorage.operator.controller import Pass
from moorage.operator.look import Look
from moorage.operator.manifests.worker import Owner, Worker
from moorage.operator.wording import in_words
from moorage.operator.workers import Workers
from moorage.operator.working import newest, workers_of

log = structlog.get_logger()

EVERY = timedelta(minutes=10)
SOONER_SECONDS_MIN, SOONER_SECONDS_MAX = 30.0, 300.0
"""While it cannot be used: the longer that lasts, the more seldom."""
SLOW = timedelta(seconds=20)
"""A check that has not begun by then is said to be stuck."""
LOOK_SECONDS = 5.0
MESSAGE_LENGTH_MAX = 1024


@dataclass(frozen=True)
class Checked:
    """The last check. It is only remembered: after a restart a store that could be used is believed for its ten minutes."""

    at: datetime
    mark: str
    task: str = ""
    """Its Pod is on its way out: nobody hears it twice."""
    lost: int = 0
    """Checks in a row that ended without a word."""


class StoreController:
    """Of all BackupStores."""

    def __init__(
        self,
        kube: Kube,
        stores: Mapping[str, Store],
        image: str,
        user_id: int,
        clock: Callable[[], datetime],
        finder: Finder,
    ) -> None:
        self._kube, self._stores, self._image, self._user_id, self._now = kube, stores, image, user_id, clock
        self._workers = Workers(kube, stores, self._wrote)
        self._finder = finder
        self._checked: dict[Key, Checked] = {}

    async def reconcile(self, at: Key) -> Pass:
        item = self._stores["BackupStore"].get(*at)
        if item is None:
            self._checked.pop(at, None)
            return Pass()
        try:
            store = parse_backupstore(item)
        except ValidationError as error:
            log.warning("store_not_readable", store="/".join(at), error=str(error))
            return Pass()
        if store.metadata.deletion_timestamp is not None:
            return Pass()
        return await self._look(at, store, self._now())

    async def explain(self, at: Key, why: str, *, needs_somebody: bool) -> None:
        del needs_somebody
        item = self._stores["BackupStore"].get(*at)
        if item is not None:
            store = parse_backupstore(item)
            await self._write(store, store.status.model_copy(update={"message": why[:MESSAGE_LENGTH_MAX]}), self._now())

    async def _look(self, at: Key, store: BackupStore, now: datetime) -> Pass:
        needs = await look_up(self._kube, store, self._stores)
        pods = workers_of(self._stores["Pod"], *at[:1], "BackupStore", at[1])
        await self._workers.end_stalled(pods, Look(now))
        check = newest(pods, TaskKind.CHECK, Look(now), self._stores["Node"].all())
        if needs.trouble:
            await self._write(store, self._judged(store, needs.trouble, now, answers=requests.asked_check(store)), now)
            await self._workers.stop(pods)
            return Pass(SOONER_SECONDS_MIN)
        last = self._checked.get(at)
        if check is not None and last is not None and check.task.id == last.task:
            check = None
        if check is not None and (check.failure or check.has_succeeded):
            return await self._hear(at, store, check, needs, now)
        if check is not None:
            return await self._wait(store, check, now)
        if (wait := self._wait_seconds(at, store, needs, now)) > 0:
            await self._write(store, self._said(store), now)
            return Pass(wait)
        try:
            await self._start(store, needs, now)
        except KubeError as error:
            if not error.refused:
                raise
            self._checked[at] = Checked(now, needs.mark)
            says = f"it cannot be checked: its worker cannot be made: {in_words(str(error))}"
            await self._write(store, self._judged(store, says, now, answers=requests.asked_check(store)), now)
        return Pass(LOOK_SECONDS)

    async def _hear(self, at: Key, store: BackupStore, check: WorkerFacts, needs: Needs, now: datetime) -> Pass:
        """A check that is over: what it found is written down before its Pod goes."""
        before = self._checked.get(at)
        lost = (before.lost if before is not None else 0) + 1 if check.lost else 0
        answers = check.task.body.get("asked")
        if check.has_succeeded and check.report is not None:
            status = self._judged(store, "", now, check.report.message, answers=answers)
            if check.listing is not None:
                status = status.model_copy(update={"services": known_services(check.listing)})
            await self._write(store, status, now)
            await self._finder.find(store, check.listing or [], check.created or now)
        elif not check.lost or lost > 1 or store.status.phase != "Ready":
            await self._write(store, self._judged(store, check.failure, now, answers=answers), now)
        self._checked[at] = Checked(now, str(check.task.body.get("mark")), check.task.id, lost)
        await self._workers.stop(workers_of(self._stores["Pod"], at[0], "BackupStore", at[1]))
        return Pass(self._wait_seconds(at, self._of_now(at) or store, needs, now))

    async def _wait(self, store: BackupStore, check: WorkerFacts, now: datetime) -> Pass:
        """A check that runs. One that cannot start is no reason to believe in the store for longer."""
        is_stuck = not check.is_running and now - (check.created or now) >= SLOW
        if is_stuck:
            why = check.trouble or "its worker does not start, and nobody says why"
            await self._write(store, self._judged(store, f"it cannot be checked: {why}", now), now)
        else:
            await self._write(store, self._said(store), now)
        return Pass(LOOK_SECONDS)

    def _wait_seconds(self, at: Key, store: BackupStore, needs: Needs, now: datetime) -> float:
        """How long until the next check is due."""
        status, last = store.status, self._checked.get(at)
        if (
            status.phase == "Checking"
            or status.observed_generation != store.metadata.generation
            or requests.is_check_awaited(store)
        ):
            return 0.0
        if last is None:
            believed = moment(status.checked) if status.phase == "Ready" else None
            if believed is None:
                return 0.0
            last = self._checked[at] = Checked(believed, needs.mark)
        if last.mark != needs.mark or self._failed_since(store, last.at):
            return 0.0
        pause = EVERY.total_seconds()
        if last.lost:
            pause = SOONER_SECONDS_MIN
        elif status.phase != "Ready":
            since = self._condition(store).last_transition_time if store.status.conditions else None
            lasts = (now - (moment(since) or now)).total_seconds()
            pause = min(max(lasts / 4, SOONER_SECONDS_MIN), SOONER_SECONDS_MAX)
        return max(pause - (now - last.at).total_seconds(), 0.0)

    def _failed_since(self, store: BackupStore, then: datetime) -> bool:
        """Whether a backup into it failed after it was checked: it may be full, or away, and others wait for nothing."""
        for item in self._stores["DataBackup"].all():
            status = item.get("status") or {}
            is_here = (item["metadata"]["namespace"], status.get("store")) == (store.metadata.namespace, store.metadata.name)
            ended = moment(status.get("endTime"))
            if is_here and status.get("phase") == BackupPhase.FAILED and ended is not None and ended > then:
                return True
        return False

    async def _start(self, store: BackupStore, needs: Needs, now: datetime) -> None:
        meta = store.metadata
        last = self._checked.get((meta.namespace, meta.name))
        task = Task(
            id=task_id(meta.uid, max(int(now.timestamp()), attempt_of(last.task if last is not None else None) + 1)),
            kind=TaskKind.CHECK,
            store=store_spec(store),
            namespace=meta.namespace,
            body={"mark": needs.mark, "asked": requests.asked_check(store)},
        )
        owner = Owner("BackupStore", meta.name, meta.uid)
        works_for = ("BackupStore", meta.name)
        await self._write(store, self._said(store), now)
        await self._workers.start(
            Worker(task, store.spec, works_for, owner, meta.name, self._user_id, platform_image=self._image)
        )

    def _judged(
        self, store: BackupStore, trouble: str, now: datetime, says: str = "", answers: str | None = None
    ) -> BackupStoreStatus:
        """After a check, or what stands in its way. `answers`: the request that it began for."""
        old, phase = store.status, "NotReady" if trouble else "Ready"
        checked = moment(old.checked)
        answered = answers or old.answered
        is_news = phase != old.phase or checked is None or now - checked >= EVERY or answered != old.answered
        status = self._said(store, trouble or says or "it can be written, read and listed")
        return status.model_copy(
            update={
                "phase": phase,
                "checked": text(now) if is_news else old.checked,
                "answered": answered,
                "conditions": [_ready(store, trouble, now)],
            }
        )

    def _said(self, store: BackupStore, says: str = "") -> BackupStoreStatus:
        """With what is to be said besides."""
        old, of_all = store.status, defaults(self._stores, store.metadata.namespace)
        is_one_of_many = store.spec.default and len(of_all) > 1
        said = says or _without_defaults(old.message)
        if is_one_of_many:
            said = "; ".join(filter(None, (said, two_defaults(of_all))))
        generation = store.metadata.generation if says else old.observed_generation
        return old.model_copy(update={"message": said[:MESSAGE_LENGTH_MAX], "observed_generation": generation})

    async def _write(self, store: BackupStore, fresh: BackupStoreStatus, now: datetime) -> None:
        if fresh == store.status:
            return
        meta, body = store.metadata, fresh.model_dump(mode="json", by_alias=True)
        self._wrote(await self._kube.merge("BackupStore", meta.name, meta.namespace, {"status": body}, status=True))
        if fresh.phase != store.status.phase:
            kind, reason = ("Normal", "StoreReady") if fresh.phase == "Ready" else ("Warning", "StoreNotReady")
            await events.emit(self._kube, store, (kind, reason, fresh.message), now)

    def _of_now(self, at: Key) -> BackupStore | None:
        item = self._stores["BackupStore"].get(*at)
        return parse_backupstore(item) if item is not None else None

    @staticmethod
    def _condition(store: BackupStore) -> Condition:
        return next(c for c in store.status.conditions if c.type is ConditionType.READY)

    def _wrote(self, item: dict[str, Any]) -> None:
        self._stores[item["kind"]].wrote(item)


def _ready(store: BackupStore, trouble: str, now: datetime) -> Condition:
    state = "False" if trouble else "True"
    old = next((c for c in store.status.conditions if c.type is ConditionType.READY), None)
    since = old.last_transition_time if old is not None and old.status == state else text(now)
    reason = "CannotBeUsed" if trouble else "Checked"
    found = {"type": ConditionType.READY, "status": state, "reason": reason, "message": trouble[:MESSAGE_LENGTH_MAX]}
    return Condition.model_validate(found | {"lastTransitionTime": since, "observedGeneration": store.metadata.generation})


_BOTH = "both say that they are the default"


def _without_defaults(message: str) -> str:
    return "; ".join(part for part in message.split("; ") if _BOTH not in part)
