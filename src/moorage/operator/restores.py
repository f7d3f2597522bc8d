"""DataRestore: one pass of one restore. What is decided stands in `core.restores`; here it is carried out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

import structlog
from pydantic import ValidationError

from moorage.api.datarestore import DataRestore, RestorePhase, parse_datarestore
from moorage.api.dataservice import KIND as SERVICE_KIND
from moorage.api.dataservice import DataService, parse_dataservice
from moorage.api.schema import API_VERSION
from moorage.certificates import UnusableAuthorityError
from moorage.core import generations, names
from moorage.core.restore_facts import Beside, Decision, Do, RestoreFacts
from moorage.core.restore_leftovers import why_stays
from moorage.core.restore_refusals import why_not_ready
from moorage.core.restores import decide, fail, needs_beside, safety_name
from moorage.engines.contract import Engine
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key, Store
from moorage.operator import events
from moorage.operator.backups.choose import choose
from moorage.operator.controller import Pass, utc_now
from moorage.operator.held import LostSecretError
from moorage.operator.look import Look, text
from moorage.operator.manifests import Context
from moorage.operator.manifests.statefulset import first_claim
from moorage.operator.restoring import facts_of
from moorage.operator.seeding import inspect_worker, seed_worker
from moorage.operator.stepper import Stepper
from moorage.operator.wording import in_words
from moorage.operator.workers import Workers
from moorage.operator.working import workers_of

log = structlog.get_logger()

Object = dict[str, Any]
REFUSED_AGAIN_SECONDS = 30.0
OURS = "moorage.dev/"
WAITED_FOR = (Do.NOTHING, Do.STOP, Do.REMOVE_SERVICE)
"""What is not over when it was asked for: all else is looked at again at once."""


class Restores:
    """Implements `controller.Controller`."""

    def __init__(
        self,
        kube: Kube,
        stores: Mapping[str, Store],
        engines: Mapping[str, Engine],
        agent_image: str,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._kube, self._stores, self._engines, self._image, self._now = kube, stores, engines, agent_image, clock
        self._stepper = Stepper(kube, stores, engines, agent_image, clock, is_beside=True)
        self._workers = Workers(kube, stores, self._wrote)

    def _wrote(self, item: Object) -> None:
        self._stores[item["kind"]].wrote(item)

    async def reconcile(self, at: Key) -> Pass:
        item = self._stores["DataRestore"].get(*at)
        if item is None:
            return Pass()
        try:
            restore = parse_datarestore(item)
        except ValidationError as error:
            log.warning("restore_not_readable", restore="/".join(at), error=str(error))
            return Pass()
        if restore.is_over:
            self._stepper.forget((at[0], restore.service))
        now, look = self._now(), Look(self._now())
        await self._workers.end_stalled(workers_of(self._stores["Pod"], at[0], "DataRestore", at[1]), look)
        facts = facts_of(restore, self._stores, look)
        if needs_beside(facts):
            facts = replace(facts, beside=await self._advance(facts))
        decision = decide(facts, now)
        is_turn = (decision.status.phase, decision.status.generation) != (restore.status.phase, restore.status.generation)
        if is_turn:  # whoever comes after must know of it before anything is done
            restore = await self._write(restore, decision, now)
        try:
            await self._do(decision, facts, restore)
        except KubeError as error:
            return await self._not_done(facts, decision, error, now)
        if not is_turn:  # so that it never says for a moment that nothing is in the way
            await self._write(restore, decision, now)
        waits = [seconds for seconds in (decision.again_seconds, look.again_seconds) if seconds is not None]
        return Pass(0.0 if decision.do not in WAITED_FOR else min(waits, default=None))

    async def explain(self, at: Key, why: str, *, needs_somebody: bool) -> None:
        """Says why a restore is not looked at."""
        del needs_somebody
        item = self._stores["DataRestore"].get(*at)
        if item is None or (item.get("status") or {}).get("message") == why or parse_datarestore(item).is_over:
            return
        patch = {"status": {"message": why[:1024]}}
        self._wrote(await self._kube.merge("DataRestore", at[1], at[0], patch, status=True))

    async def _write(self, restore: DataRestore, decision: Decision, now: datetime) -> DataRestore:
        fresh, meta = decision.status, restore.metadata
        if fresh == restore.status:
            return restore
        patch = {"status": fresh.model_dump(mode="json", by_alias=True)}
        self._wrote(await self._kube.merge("DataRestore", meta.name, meta.namespace, patch, status=True))
        if fresh.phase is not restore.status.phase:
            log.info("restore_goes_on", restore=f"{meta.namespace}/{meta.name}", phase=str(fresh.phase), why=fresh.message)
            kind = "Warning" if fresh.phase is RestorePhase.FAILED else "Normal"
            await events.emit(self._kube, restore, (kind, f"Restore{fresh.phase}", fresh.message), now)
        return restore.model_copy(update={"status": fresh})

    async def _not_done(self, facts: RestoreFacts, decision: Decision, error: KubeError, now: datetime) -> Pass:
        """What the API server refuses for good is said; a new service that it refuses is the end of a restore to a new one."""
        if not error.refused:
            raise error
        log.warning("restore_step_refused", restore=facts.restore.metadata.name, step=str(decision.do), error=str(error))
        facts = replace(facts, restore=facts.restore.model_copy(update={"status": decision.status}))
        if decision.do is Do.MAKE_SERVICE:
            failed = fail(facts, f"the new service cannot be made: {in_words(str(error))}", now)
            await self._write(facts.restore, failed, now)
            return Pass(0.0)
        says = f"{decision.status.message}: refused: {in_words(str(error))}"
        await self.explain((facts.restore.metadata.namespace, facts.restore.metadata.name), says, needs_somebody=True)
        return Pass(REFUSED_AGAIN_SECONDS)

    async def _advance(self, facts: RestoreFacts) -> Beside:
        """One step of the members beside. `facts.service` is there: it is looked at as if they served."""
        service, generation = facts.service, facts.restore.status.generation
        assert service is not None
        assert generation is not None
        view = partial(generations.seen_as, generation=generation, has_run=facts.restore.spec.undo is not None)
        try:
            done = await self._stepper.step(service, view)
        except (LostSecretError, UnusableAuthorityError) as error:
            return Beside(says=str(error))
        if done.outcome.failure is not None:
            return Beside(says=done.outcome.failure.says)
        reason = why_not_ready(done.snapshot, done.outcome.step)
        return Beside(is_ready=reason is None, says=reason or "")

    async def _do(self, decision: Decision, facts: RestoreFacts, restore: DataRestore) -> None:
        meta = restore.metadata
        match decision.do:
            case Do.HOLD:
                await self._finalizers(restore, [*meta.finalizers, names.FINALIZER])
            case Do.RELEASE:
                await self._workers.stop(workers_of(self._stores["Pod"], meta.namespace, "DataRestore", meta.name))
                await self._finalizers(restore, [f for f in meta.finalizers if f != names.FINALIZER])
            case Do.STOP:
                await self._workers.stop(workers_of(self._stores["Pod"], meta.namespace, "DataRestore", meta.name))
            case Do.REMOVE_SERVICE:
                await self._remove_service(facts)
            case Do.BACK_UP:
                await self._back_up(restore)
            case Do.INSPECT:
                await self._inspect(restore, facts, decision.attempt)
            case Do.MAKE_SERVICE:
                await self._make_service(restore, facts.manifest or {}, facts.adopts)
            case Do.MAKE_CLAIM:
                await self._make_claim(restore, facts)
            case Do.SEED:
                await self._seed(restore, facts, decision.attempt)
            case Do.MARK_SEEDED:
                assert facts.volume is not None
                marks = {"metadata": {"annotations": {names.ANNOTATION_SEEDED: meta.uid}}}
                self._wrote(await self._kube.merge("PersistentVolumeClaim", facts.volume.name, meta.namespace, marks))
            case Do.SWITCH:
                await self._switch(facts)
            case Do.NOTHING:
                return

    async def _finalizers(self, restore: DataRestore, wanted: list[str]) -> None:
        meta = restore.metadata
        try:
            patch = {"metadata": {"finalizers": wanted}}
            self._wrote(await self._kube.merge("DataRestore", meta.name, meta.namespace, patch))
        except KubeError as error:
            if not error.not_found:
                raise

    async def _create(self, manifest: Object) -> None:
        """What exists already was made by an earlier try."""
        try:
            self._wrote(await self._kube.create(manifest))
        except KubeError as error:
            if not error.conflict:
                raise
            meta = manifest["metadata"]
            found = await self._kube.get(manifest["kind"], meta["name"], meta["namespace"])
            if found is None:
                raise
            self._wrote(found)

    async def _back_up(self, restore: DataRestore) -> None:
        """It belongs to nobody: it outlives the restore as every backup does."""
        name, namespace = safety_name(restore), restore.metadata.namespace
        meta = {"name": name, "namespace": namespace, "labels": {names.LABEL_PART_OF: names.PART_OF}}
        spec = {"service": restore.service, "trigger": "Safety", "rehearse": False}
        await self._create({"apiVersion": API_VERSION, "kind": "DataBackup", "metadata": meta, "spec": spec})

    async def _make_service(self, restore: DataRestore, manifest: Object, adopts: str | None) -> None:
        """As it was declared, under the new name. It starts no member before its first volume is filled.

        `adopts`: the cluster whose backups of it are this one's from now on.
        """
        declared = manifest.get("metadata") or {}
        marks = {k: v for k, v in (declared.get("annotations") or {}).items() if not _is_bound(k)}
        marks[names.ANNOTATION_RESTORE] = restore.metadata.name
        if adopts is not None:
            marks[names.ANNOTATION_ADOPTED] = adopts
        meta = {
            "name": restore.service,
            "namespace": restore.metadata.namespace,
            "labels": {k: v for k, v in (declared.get("labels") or {}).items() if not _is_bound(k)},
            "annotations": marks,
        }
        made = {"apiVersion": API_VERSION, "kind": SERVICE_KIND, "metadata": meta, "spec": manifest["spec"]}
        try:
            self._wrote(await self._kube.create(made))
        except KubeError as error:
            if error.code != HTTPStatus.CONFLICT:
                raise
            found = await self._kube.get(SERVICE_KIND, restore.service, restore.metadata.namespace)
            if found is not None:
                self._wrote(found)

    async def _remove_service(self, facts: RestoreFacts) -> None:
        """Looks again first: what somebody changed in the meantime is theirs. The policy of the chart holds that, too."""
        assert facts.service is not None
        meta = facts.service.metadata
        fresh = await self._kube.get(SERVICE_KIND, meta.name, meta.namespace)
        if fresh is None or fresh["metadata"].get("uid") != meta.uid:
            return
        if why_stays(replace(facts, service=parse_dataservice(fresh))) is None:
            await self._kube.delete(SERVICE_KIND, meta.name, meta.namespace)
            log.info("unfinished_service_removed", service=f"{meta.namespace}/{meta.name}", restore=facts.restore.metadata.name)

    async def _make_claim(self, restore: DataRestore, facts: RestoreFacts) -> None:
        assert facts.service is not None
        seen_as = self._seen_as(facts.service, restore)
        context = Context(seen_as, self._engines[seen_as.spec.engine], self._image)
        await self._create(first_claim(context, restore.metadata.name))

    def _seen_as(self, service: DataService, restore: DataRestore) -> DataService:
        assert restore.status.generation is not None
        return generations.seen_as(service, restore.status.generation, has_run=False)

    async def _inspect(self, restore: DataRestore, facts: RestoreFacts, attempt: int) -> None:
        source = facts.source
        store, _ = choose(self._stores, restore.metadata.namespace, source.store if source is not None else None)
        if source is None or store is None or source.engine not in self._engines:
            return
        card = self._engines[source.engine].card
        await self._workers.start(inspect_worker(restore, source, store, card, attempt, self._image))

    async def _seed(self, restore: DataRestore, facts: RestoreFacts, attempt: int) -> None:
        source, service = facts.source, facts.service
        store, _ = choose(self._stores, restore.metadata.namespace, source.store if source is not None else None)
        if source is None or service is None or store is None or facts.volume is None:
            return
        card = self._engines[service.spec.engine].card
        await self._workers.start(seed_worker(restore, source, service, store, card, attempt, self._image))

    async def _switch(self, facts: RestoreFacts) -> None:
        """One compare-and-swap says which generation serves; the service's own plan then moves the address.

        From then on nothing has to be remembered: whoever looks at the service sees that the address is to follow.
        """
        service, generation = facts.service, facts.restore.status.generation
        assert service is not None
        meta = service.metadata
        fresh = await self._kube.get(SERVICE_KIND, meta.name, meta.namespace)
        found = names.generation_of((fresh or {"metadata": {}})["metadata"].get("annotations") or {})
        if fresh is None or fresh["metadata"].get("deletionTimestamp") is not None or found != generations.serving(service):
            raise KubeError(f"service {meta.name} is not as it was when the switch was decided", HTTPStatus.CONFLICT)
        patch = {
            "metadata": {
                "resourceVersion": fresh["metadata"]["resourceVersion"],
                "annotations": {names.ANNOTATION_GENERATION: str(generation)},
            }
        }
        self._wrote(await self._kube.merge(SERVICE_KIND, meta.name, meta.namespace, patch))
        change = f"generation {generation} serves from {text(self._now())} on, after {found}: {facts.restore.metadata.name}"
        await events.emit(self._kube, service, ("Normal", "GenerationSwitched", change), self._now())


def _is_bound(key: str) -> bool:
    """A label or annotation that says something of one object alone."""
    return key.startswith((OURS, "kubectl.kubernetes.io/", "app.kubernetes.io/"))
