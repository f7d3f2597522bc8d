"""Observe, diagnose, plan, act, look again: one pass per dirty service, small steps, level-based."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError

from moorage.api.dataservice import DataService, parse_dataservice
from moorage.certificates import UnusableAuthorityError
from moorage.core import fleet, generations, names
from moorage.core.protection import Protection
from moorage.core.stand_in import LOST_NODE_SECONDS
from moorage.engines.contract import Engine
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key, Store
from moorage.operator import kept
from moorage.operator.advance import LOOK_AGAIN_SECONDS
from moorage.operator.controller import Pass, utc_now
from moorage.operator.delete import delete
from moorage.operator.held import LostSecretError
from moorage.operator.look import text
from moorage.operator.places import Places
from moorage.operator.publish import Publisher
from moorage.operator.stepper import Stepper
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
        lost_node_seconds: float = LOST_NODE_SECONDS,
        repairs_max: int = fleet.REPAIRS_MAX,
    ) -> None:
        """`protect` says what is known of a service's backups."""
        self._kube, self._stores, self._engines = kube, stores, engines
        self._now, self._protect = clock, protect
        self._places = Places(stores["DataService"], clock, repairs_max)
        self._stepper = Stepper(
            kube, stores, engines, agent_image, clock, lost_node_seconds=lost_node_seconds, places=self._places
        )
        self._wrote = self._stepper.wrote
        self._publisher = Publisher(kube, self._wrote)

    async def reconcile(self, at: Key) -> Pass:
        item = self._stores["DataService"].get(*at)
        if item is None:
            self._stepper.forget(at)
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
        if (generation := kept.witnessed(service, self._stores)) is not None:
            return await self._put_back(service, generation)
        try:
            return await self._step(service)
        finally:
            self._places.told(at)

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
        patch: dict[str, Any] = {"metadata": {"finalizers": [*meta.finalizers, names.FINALIZER]}}
        if (generation := kept.witnessed(service, self._stores)) is not None:
            patch["metadata"]["annotations"] = {names.ANNOTATION_GENERATION: str(generation)}
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

    async def _put_back(self, service: DataService, generation: int) -> Pass:
        """Somebody took the annotation away; the address knows which generation serves."""
        log.warning("generation_put_back", service=service.key, generation=generation)
        patch = {"metadata": {"annotations": {names.ANNOTATION_GENERATION: str(generation)}}}
        self._wrote(await self._kube.merge("DataService", service.metadata.name, service.metadata.namespace, patch))
        return Pass(LOOK_AGAIN_SECONDS)

    async def _step(self, service: DataService) -> Pass:
        now, card = self._now(), self._engines[service.spec.engine].card
        try:
            done = await self._stepper.step(service)
        except (LostSecretError, UnusableAuthorityError) as error:
            log.warning("secret_not_usable", service=service.key, error=str(error))
            await self._publisher.say(service, str(error), now)
            return Pass(REFUSED_AGAIN_SECONDS)
        await self._publisher.publish(done.snapshot, done.outcome, done.target, card, now, self._protect(service, now))
        if done.is_try_due:
            await self._try_again(service, now)
        return Pass(done.again_seconds)

    async def _try_again(self, service: DataService, now: datetime) -> None:
        """Any change of a StatefulSet has Kubernetes try at once to make the Pods that it was not allowed to make.

        Without it Kubernetes tries in its own time, so a refusal is no reason to stop.
        """
        meta, members = service.metadata, names.statefulset(service.metadata.name, generations.serving(service))
        mark = {"metadata": {"annotations": {names.ANNOTATION_TRIED_AGAIN: text(now)}}}
        try:
            self._wrote(await self._kube.merge("StatefulSet", members, meta.namespace, mark))
        except KubeError as error:
            log.warning("not_tried_again", service=service.key, error=str(error))
