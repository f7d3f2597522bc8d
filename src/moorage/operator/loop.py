"""Observe, diagnose, plan, act, look again: one pass per dirty service, small steps, level-based."""

import base64
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from pydantic import ValidationError

from moorage.api.dataservice import DataService, DataServiceStatus, parse_dataservice
from moorage.core import names
from moorage.core.facts import Snapshot
from moorage.core.health import judge
from moorage.core.plan import Apply, Desired, Rest, Step, Target, Wait, plan
from moorage.engines.contract import Engine
from moorage.kube.client import Kube
from moorage.kube.reflector import Key, Store
from moorage.operator import events
from moorage.operator.act import Actor
from moorage.operator.anew import is_destructive, look_anew
from moorage.operator.delete import delete
from moorage.operator.manifests import Context, Objects, build, key
from moorage.operator.observe import observe
from moorage.operator.status import status

log = structlog.get_logger()

LOOK_AGAIN_SECONDS = 0.0
DELETION_PASS_SECONDS = 1.0


@dataclass(frozen=True)
class Pass:
    """What a pass found out; `again_seconds` None: only a change makes another pass worth it."""

    again_seconds: float | None = None


class Reconciler:
    """One pass for one service."""

    def __init__(
        self,
        kube: Kube,
        stores: Mapping[str, Store],
        engines: Mapping[str, Engine],
        agent_image: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._kube, self._stores, self._engines, self._agent_image, self._now = kube, stores, engines, agent_image, now

    async def reconcile(self, at: Key) -> Pass:
        item = self._stores["DataService"].get(*at)
        if item is None:
            return Pass()
        try:
            service = parse_dataservice(item)
        except ValidationError as error:
            log.warning("service_not_readable", service="/".join(at), error=str(error))
            return Pass()
        if service.metadata.deletion_timestamp is not None:
            return await self._delete(service)
        if names.FINALIZER not in service.metadata.finalizers:
            patch = {"metadata": {"finalizers": [*service.metadata.finalizers, names.FINALIZER]}}
            self._wrote(await self._kube.merge("DataService", at[1], at[0], patch))
            return Pass(LOOK_AGAIN_SECONDS)
        return await self._step(service)

    async def _delete(self, service: DataService) -> Pass:
        if names.FINALIZER not in service.metadata.finalizers:
            return Pass()
        asked = datetime.fromisoformat(str(service.metadata.deletion_timestamp))
        age_seconds = (self._now() - asked).total_seconds()
        return Pass() if await delete(self._kube, service, age_seconds) else Pass(DELETION_PASS_SECONDS)

    async def _step(self, service: DataService) -> Pass:
        engine = self._engines[service.spec.engine]
        snapshot, objects, target, step = self._decide(service, self._stores)
        verdict = judge(snapshot)
        fresh = status(snapshot, verdict, step, target, engine.card, _rfc3339(self._now()))
        if fresh != service.status:
            await self._write_status(service, fresh)
            change = events.of_change(service, verdict)
            if change is not None:
                log.info("health_changed", service=service.key, health=str(verdict.colour), why=verdict.message)
                await events.emit(self._kube, service, change, self._now())
        if is_destructive(step) and not await self._is_still_so(service, step):
            log.info(
                "step_not_done",
                service=service.key,
                step=type(step).__name__,
                why="the watches are behind: it is not so any more",
            )
            return Pass()
        return await self._act(service, step, objects)

    def _decide(self, service: DataService, stores: Mapping[str, Store]) -> tuple[Snapshot, Objects, Target, Step]:
        engine = self._engines[service.spec.engine]
        snapshot = observe(service, engine.card, stores)
        context = Context(service, engine, self._agent_image, snapshot.address.external)
        objects = build(context, self._internal(service))
        target = _target(context, objects)
        return snapshot, objects, target, plan(snapshot, target)

    async def _is_still_so(self, service: DataService, step: Step) -> bool:
        """Whether the same step follows from what the API server says now. If not, our watches will tell of the change."""
        stores = await look_anew(self._kube, service, self._stores)
        found = stores["DataService"].get(service.metadata.namespace, service.metadata.name)
        if found is None:
            return False
        now = parse_dataservice(found)
        return now.metadata.deletion_timestamp is None and self._decide(now, stores)[-1] == step

    async def _act(self, service: DataService, step: Step, objects: Objects) -> Pass:
        if isinstance(step, Rest | Wait):
            return Pass()
        await Actor(self._kube, service.metadata.namespace, service.metadata.name, self._wrote).act(step, objects)
        log.info("step_done", service=service.key, step=type(step).__name__, why=step.why)
        event = events.of_step(step)
        if event is not None and not isinstance(step, Apply):
            await events.emit(self._kube, service, event, self._now())
        return Pass(LOOK_AGAIN_SECONDS)

    def _wrote(self, item: dict[str, Any]) -> None:
        self._stores[item["kind"]].wrote(item)

    async def _write_status(self, service: DataService, fresh: DataServiceStatus) -> None:
        body: dict[str, Any] = fresh.model_dump(mode="json", by_alias=True)
        written = await self._kube.merge(
            "DataService", service.metadata.name, service.metadata.namespace, {"status": body}, status=True
        )
        self._wrote(written)

    def _internal(self, service: DataService) -> dict[str, str]:
        """The existing secrets of a service, or fresh ones for the object that is then created."""
        found = self._stores["Secret"].get(service.metadata.namespace, names.internal_secret(service.metadata.name))
        if found is not None:
            return {k: base64.b64decode(v).decode() for k, v in (found.get("data") or {}).items()}
        return {
            "keyfile": base64.b64encode(secrets.token_bytes(384)).decode(),
            "app-password": secrets.token_urlsafe(24),
            "admin-password": secrets.token_urlsafe(24),
        }


def _target(context: Context, objects: Objects) -> Target:
    desired = tuple(
        Desired(
            kind=m["kind"],
            name=m["metadata"]["name"],
            digest="" if key(m) in objects.create_only else m["metadata"]["annotations"][names.ANNOTATION_DIGEST],
        )
        for m in objects.manifests
    )
    initiate = context.engine.topology.initiate_order(context.service, context.data_members)
    refused = why_refused(context)
    return Target(objects=desired, template=objects.template, initiate=initiate, refused=refused or "")


def why_refused(context: Context) -> str | None:
    """What the API server cannot know: a parameter that this engine does not have or that would break a promise."""
    return context.engine.card.why_parameters_refused(context.service.spec.parameters)


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
