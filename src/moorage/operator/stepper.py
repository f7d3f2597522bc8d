"""Observes one generation of a service, decides on its next step and tries it: the one that serves, or one beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from moorage.api.dataservice import DataService, parse_dataservice
from moorage.core import stand_in
from moorage.core.facts import Snapshot
from moorage.core.stand_in import LOST_NODE_SECONDS
from moorage.core.step import Target
from moorage.engines.contract import Engine
from moorage.kube.client import Kube
from moorage.kube.reflector import Key, Store
from moorage.operator.absence import Absences
from moorage.operator.advance import Advancer, Decision
from moorage.operator.anew import look_anew
from moorage.operator.ask import Asker
from moorage.operator.built import Built
from moorage.operator.drift import Versions
from moorage.operator.held import Held
from moorage.operator.look import Look
from moorage.operator.manifests import Context, Objects
from moorage.operator.observe import OBJECT_KINDS, observe, replicas
from moorage.operator.outcome import Outcome
from moorage.operator.places import Places
from moorage.operator.target import of_the_size_that_is_there, target
from moorage.operator.told import Told

View = Callable[[DataService], DataService]


@dataclass(frozen=True)
class Stepped:
    """What became of one look."""

    snapshot: Snapshot
    target: Target
    outcome: Outcome
    again_seconds: float | None
    is_try_due: bool


class Stepper:
    """`is_beside`: of a generation that does not serve yet; then there is nothing to make but its members."""

    def __init__(
        self,
        kube: Kube,
        stores: Mapping[str, Store],
        engines: Mapping[str, Engine],
        agent_image: str,
        clock: Callable[[], datetime],
        *,
        lost_node_seconds: float = LOST_NODE_SECONDS,
        places: Places | None = None,
        is_beside: bool = False,
    ) -> None:
        self._places = places or Places(stores["DataService"], clock)
        self._lost_node_seconds = lost_node_seconds
        self._kube, self._stores, self._engines, self._agent_image = kube, stores, engines, agent_image
        self._clock, self._is_beside = clock, is_beside
        self._asker = Asker(kube, clock)
        self._absences, self._versions, self._built, self._held = Absences(), Versions(), Built(), Held(stores)
        self._advancer = Advancer(kube, self.wrote, self._places)

    def forget(self, at: Key) -> None:
        self._advancer.forget(at)
        self._absences.forget(at)
        self._versions.forget(at)

    async def step(self, service: DataService, view: View = lambda service: service) -> Stepped:
        """`view`: how the service is looked at. Raises KubeError, LostSecretError and UnusableAuthorityError."""
        now, seen_as = self._clock(), view(service)
        card = self._engines[service.spec.engine].card
        kept = replicas(seen_as, self._stores)
        missing = self._absences.seen(seen_as, card, self._stores["Pod"], kept, now)
        told: Mapping[str, tuple[Told, ...]] = {}
        volumes: dict[str, dict[str, Any]] = {}

        def look() -> Look:
            place = self._places.why_full((service.metadata.namespace, service.metadata.name))
            return Look(now, told, missing, self._lost_node_seconds, place, volumes)

        seen = observe(seen_as, card, self._stores, look(), is_beside=self._is_beside)
        if seen.asks or seen.volumes_asked:
            told = await self._asker.told(service.metadata.namespace, seen.asks)
            volumes = await self._asker.volumes(seen.volumes_asked)
            seen = observe(seen_as, card, self._stores, look(), is_beside=self._is_beside)
        decision = self._decide(seen.snapshot, self._stores, now)

        async def anew() -> Decision | None:
            return await self._decide_anew(service, view, look())

        done = await self._advancer.advance(decision, anew, now)
        again = min((s for s in (done.again_seconds, seen.again_seconds) if s is not None), default=None)
        return Stepped(done.snapshot, decision.target, done.outcome, again, seen.is_try_due)

    def context(self, service: DataService, snapshot: Snapshot) -> Context:
        of = of_the_size_that_is_there(service, snapshot.smallest_volume())
        others = tuple(other.number for other in snapshot.others)
        engine = self._engines[service.spec.engine]
        return Context(
            of,
            engine,
            self._agent_image,
            snapshot.address.external,
            others,
            stand_in.replicas(snapshot),
            holds_data=service.status.init.phase == "Succeeded",
        )

    def _decide(self, snapshot: Snapshot, stores: Mapping[str, Store], now: datetime) -> Decision:
        """Raises LostSecretError and UnusableAuthorityError."""
        service = snapshot.service
        context = self.context(service, snapshot)
        objects = self._built.objects(context, self._held.internal(service), self._held.tls(context, now))
        if self._is_beside:
            objects = _members_of(objects)
        edited = self._versions.edited(objects, stores)
        applied = {**snapshot.applied, **{k: v for k, v in edited.items() if k in snapshot.applied}}
        return Decision(replace(snapshot, applied=applied), target(context, objects, snapshot), objects)

    async def _decide_anew(self, service: DataService, view: View, look: Look) -> Decision | None:
        """From what the API server says now; None: the service is gone or to be deleted."""
        stores = await look_anew(self._kube, service, self._stores, look.volumes.values())
        item = stores["DataService"].get(service.metadata.namespace, service.metadata.name)
        if item is None:
            return None
        found = parse_dataservice(item)
        if found.metadata.deletion_timestamp is not None:
            return None
        card = self._engines[found.spec.engine].card
        fresh = observe(view(found), card, stores, look, is_beside=self._is_beside)
        return self._decide(fresh.snapshot, stores, look.now)

    def wrote(self, item: dict[str, Any]) -> None:
        self._stores[item["kind"]].wrote(item)
        if item["kind"] in OBJECT_KINDS:
            self._versions.note(item)


def _members_of(objects: Objects) -> Objects:
    """Everything else there is already: it belongs to the generation that serves."""
    return replace(objects, manifests=tuple(m for m in objects.manifests if m["kind"] == "StatefulSet"))
