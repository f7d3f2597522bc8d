"""Observe, diagnose, plan, act, look again: one pass per dirty service, small steps, level-based."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError

from moorage.api.dataservice import DataService, parse_dataservice
from moorage.core import names, resize
from moorage.core.facts import Snapshot
from moorage.core.protection import Protection
from moorage.engines.contract import Engine
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key, Store
from moorage.operator.absence import Absences
from moorage.operator.advance import LOOK_AGAIN_SECONDS, Advancer, Decision
from moorage.operator.anew import look_anew
from moorage.operator.ask import Asker
from moorage.operator.built import Built
from moorage.operator.certificates import UnusableAuthorityError
from moorage.operator.controller import Pass, utc_now
from moorage.operator.delete import delete
from moorage.operator.drift import Versions
from moorage.operator.held import Held, LostSecretError
from moorage.operator.look import Look
from moorage.operator.manifests import Context
from moorage.operator.observe import OBJECT_KINDS, observe, replicas
from moorage.operator.publish import Publisher, text
from moorage.operator.target import of_the_size_that_is_there, target
from moorage.operator.told import Told
from moorage.operator.wording import in_words

log = structlog.get_logger()

DELETION_PASS_SECONDS = 1.0
REFUSED_AGAIN_SECONDS = 30.0


class Reconciler:
    """One pass for one service."""

    def __init__(
        self,
        kube: Kube,
        stores: Mapping[str, Store],
        engines: Mapping[str, Engine],
        agent_image: str,
        clock: Callable[[], datetime] = utc_now,
        protect: Callable[[DataService, datetime], Protection | None] = lambda service, now: None,
    ) -> None:
        """`protect` says what is known of a service's backups."""
        self._kube, self._stores, self._engines, self._agent_image = kube, stores, engines, agent_image
        self._now, self._protect = clock, protect
        self._asker = Asker(kube, clock)
        self._absences, self._versions, self._built, self._held = Absences(), Versions(), Built(), Held(stores)
        self._advancer = Advancer(kube, self._wrote)
        self._publisher = Publisher(kube, self._wrote)

    async def reconcile(self, at: Key) -> Pass:
        item = self._stores["DataService"].get(*at)
        if item is None:
            self._advancer.forget(at)
            self._absences.forget(at)
            self._versions.forget(at)
            return Pass()
        try:
            service = parse_dataservice(item)
        except ValidationError as error:
            log.warning("service_not_readable", service="/".join(at), error=str(error))
            await self._publisher.say_unreadable(item, error, self._now())
            return Pass()
        if service.metadata.deletion_timestamp is not None:
            return await self._unless_refused(service, self._delete(service), "it cannot be deleted")
        if names.FINALIZER not in service.metadata.finalizers:
            return await self._unless_refused(service, self._hold(service), "nothing is made before its finalizer stands")
        return await self._step(service)

    async def explain(self, at: Key, why: str, *, needs_somebody: bool) -> None:
        """Says why a service is not looked at. What runs stays as it is."""
        item = self._stores["DataService"].get(*at)
        if item is not None:
            await self._publisher.say(parse_dataservice(item), why, self._now(), needs_somebody=needs_somebody)

    async def _unless_refused(self, service: DataService, work: Awaitable[Pass], otherwise: str) -> Pass:
        try:
            return await work
        except KubeError as error:
            if not error.refused:
                raise
            log.warning("refused", service=service.key, error=str(error))
            await self._publisher.say(service, f"{otherwise}: {in_words(str(error))}", self._now())
            return Pass(REFUSED_AGAIN_SECONDS)

    async def _hold(self, service: DataService) -> Pass:
        meta = service.metadata
        patch = {"metadata": {"finalizers": [*meta.finalizers, names.FINALIZER]}}
        self._wrote(await self._kube.merge("DataService", meta.name, meta.namespace, patch))
        return Pass(LOOK_AGAIN_SECONDS)

    async def _delete(self, service: DataService) -> Pass:
        if names.FINALIZER not in service.metadata.finalizers:
            return Pass()
        now, asked = self._now(), datetime.fromisoformat(str(service.metadata.deletion_timestamp))
        if await delete(self._kube, service, (now - asked).total_seconds()):
            return Pass()
        await self._publisher.say(service, "it is being deleted; waits for its members to stop", now, needs_somebody=False)
        return Pass(DELETION_PASS_SECONDS)

    async def _step(self, service: DataService) -> Pass:
        now, engine = self._now(), self._engines[service.spec.engine]
        kept = replicas(service, self._stores)
        missing = self._absences.seen(service, engine.card, self._stores["Pod"], kept, now)
        told: Mapping[str, tuple[Told, ...]] = {}
        seen = observe(service, engine.card, self._stores, Look(now, missing=missing))
        if seen.asks:
            told = await self._asker.told(service.metadata.namespace, seen.asks)
            seen = observe(service, engine.card, self._stores, Look(now, told, missing))
        try:
            decision = self._decide(seen.snapshot, self._stores, now)
        except (LostSecretError, UnusableAuthorityError) as error:
            log.warning("secret_not_usable", service=service.key, error=str(error))
            await self._publisher.say(service, str(error), now)
            return Pass(REFUSED_AGAIN_SECONDS)

        async def anew() -> Decision | None:
            return await self._decide_anew(service, Look(now, told, missing))

        done = await self._advancer.advance(decision, anew, now)
        await self._publisher.publish(done.snapshot, done.outcome, decision.target, engine.card, now, self._protect(service, now))
        if seen.is_try_due:
            await self._try_again(service, now)
        return Pass(min((s for s in (done.again_seconds, seen.again_seconds) if s is not None), default=None))

    def _decide(self, snapshot: Snapshot, stores: Mapping[str, Store], now: datetime) -> Decision:
        """Raises LostSecretError and UnusableAuthorityError."""
        service = snapshot.service
        context = self._context(service, self._engines[service.spec.engine], snapshot)
        objects = self._built.objects(context, self._held.internal(service), self._held.tls(context, now))
        edited = self._versions.edited(objects, stores)
        applied = {**snapshot.applied, **{k: v for k, v in edited.items() if k in snapshot.applied}}
        return Decision(replace(snapshot, applied=applied), target(context, objects, snapshot), objects)

    async def _decide_anew(self, service: DataService, look: Look) -> Decision | None:
        """From what the API server says now; None: the service is gone or to be deleted."""
        stores = await look_anew(self._kube, service, self._stores)
        item = stores["DataService"].get(service.metadata.namespace, service.metadata.name)
        if item is None:
            return None
        found = parse_dataservice(item)
        if found.metadata.deletion_timestamp is not None:
            return None
        return self._decide(observe(found, self._engines[found.spec.engine].card, stores, look).snapshot, stores, look.now)

    def _context(self, service: DataService, engine: Engine, snapshot: Snapshot) -> Context:
        of = of_the_size_that_is_there(service, snapshot.smallest_volume())
        return Context(of, engine, self._agent_image, snapshot.address.external, resize.replicas(snapshot))

    async def _try_again(self, service: DataService, now: datetime) -> None:
        """Any change of a StatefulSet has Kubernetes try at once to make the Pods that it was not allowed to make.

        Without it Kubernetes tries in its own time, so a refusal is no reason to stop.
        """
        meta, members = service.metadata, names.statefulset(service.metadata.name, service.status.generation)
        mark = {"metadata": {"annotations": {names.ANNOTATION_TRIED_AGAIN: text(now)}}}
        try:
            self._wrote(await self._kube.merge("StatefulSet", members, meta.namespace, mark))
        except KubeError as error:
            log.warning("not_tried_again", service=service.key, error=str(error))

    def _wrote(self, item: dict[str, Any]) -> None:
        self._stores[item["kind"]].wrote(item)
        if item["kind"] in OBJECT_KINDS:
            self._versions.note(item)
