"""From what the watches hold to the snapshot. Reads the local copies only; never asks a member."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moorage.api.datarestore import DataRestore
from moorage.api.dataservice import MEMBERS_MAX, DataService
from moorage.core import generations, maintenance, names, promotion, recovery, requests
from moorage.core.facts import AddressFacts, MemberFacts, RestoreSeen, Snapshot
from moorage.core.generations import Generation
from moorage.core.restore_words import doing, summary
from moorage.engines.contract import EngineCard
from moorage.kube.reflector import Store
from moorage.operator import drilling
from moorage.operator import kept as of_service
from moorage.operator import members as of_members
from moorage.operator.claims import Claims, claims_of, has_volume
from moorage.operator.look import Look, created, moment, text
from moorage.operator.nodes import free_nodes, gone_with
from moorage.operator.scheduling import scheduler_says, waits_for_volume
from moorage.operator.told import why_no_address

Object = dict[str, Any]
OBJECT_KINDS = (
    "Secret",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "Service",
    "StatefulSet",
    "EndpointSlice",
    "PodDisruptionBudget",
)
ADDRESS_SECONDS = 10.0
TRY_AGAIN_SECONDS_MIN, TRY_AGAIN_SECONDS_MAX = 30.0, 300.0


@dataclass(frozen=True)
class Observation:
    """A snapshot, and what the look that it is made from leaves to be done."""

    snapshot: Snapshot
    volumes_asked: frozenset[str]
    """PersistentVolumes that would tell more."""
    asks: Mapping[str, float]
    """Uids of the objects whose events would tell more → how old an answer may be, in seconds."""
    again_seconds: float | None
    """When time alone may change what is seen; None: never."""
    is_try_due: bool
    """Whether Kubernetes is to try again to make Pods that it was not allowed to make: alone it waits up to 17 minutes."""


def observe(
    service: DataService,
    card: EngineCard,
    stores: Mapping[str, Store],
    look: Look,
    *,
    is_beside: bool = False,
) -> Observation:
    """Everything that is known about one service. `is_beside`: it is seen as if a generation served that does not yet."""
    namespace, name = service.metadata.namespace, service.metadata.name
    data_members = card.data_members(service)
    total = data_members + int(service.spec.arbiter)
    belongs = claims_of(service, data_members, total)
    found = {c: item for c in belongs if (item := stores["PersistentVolumeClaim"].get(namespace, c)) is not None}
    lost_with = _lost_with(service, total, found, stores, look)
    claims = Claims(service, belongs, found, stores["StorageClass"].all(), lost_with)
    kept = replicas(service, stores)
    wanted = tuple(of_members.member(service, i, data_members, stores, claims, look) for i in range(total))
    beyond = tuple(of_members.member(service, i, i + 1, stores, claims, look) for i in range(total, MEMBERS_MAX))
    members = of_members.with_why_no_pods(service, wanted, stores, look)
    leaving = of_members.with_why_no_pods(service, of_members.leaving(wanted, beyond, kept), stores, look)
    address = _address(service, stores)
    awaits, in_vain = ("", False) if is_beside else of_service.awaits_restore(service, stores)
    others = () if is_beside else of_service.others(service, stores, look)
    restores = of_service.restores_of(service, stores)
    snapshot = Snapshot(
        service=service,
        members=members,
        leaving=leaving,
        replicas=kept,
        address=address,
        applied=_applied(namespace, name, stores),
        claim_sizes=claims.sizes(),
        stale_claims=claims.stale(),
        leaving_claims=claims.leaving(),
        unused_claims=_unused_claims(service, beyond, kept, stores),
        infeasible_claims=claims.infeasible(),
        capacities=claims.capacities(),
        volume_type=claims.volume_type(),
        claim_trouble=awaits if in_vain else claims.trouble(look),
        lost_volumes=claims.lost(),
        lost_claims=claims.lost_for_good(),
        lost_leaving_claims=claims.lost_and_leaving(),
        growth_trouble=claims.growth_trouble(look),
        growing=claims.growing(),
        why_fixed=claims.why_fixed(),
        grown_at=claims.grown_at(look),
        expose_trouble="" if is_beside else _expose_trouble(service, address, stores, look),
        is_beside=is_beside,
        is_seeded=of_service.is_seeded(service, stores),
        awaits_restore=awaits,
        unfinished_claims=tuple(found) if in_vain else (),
        marked_claims=() if is_beside else of_service.marked_claims(service, stores),
        others=others,
        restore=RestoreSeen() if is_beside else _restore(restores, others),
        now=text(look.now),
        now_exact=drilling.exact(look.now),
        drill_writer=None if is_beside else drilling.writer(service, stores, look),
        undo_until=text(of_service.undo_until(service, restores, look.now)),
        no_place=look.no_place,
        free_nodes=free_nodes(stores["Node"], of_members.pods(service, stores)),
    )
    is_try_due = _is_try_due(service, stores, look)
    _wake_after_maintenance(service, look)
    _wake_after_requests(service, look)
    return Observation(snapshot, frozenset(look.volumes_asked), look.asks, look.again_seconds, is_try_due)


def _wake_after_maintenance(service: DataService, look: Look) -> None:
    found = maintenance.asked(service, look.now)
    if found is not None and found.until is not None and found.holds(look.now):
        look.again((found.until - look.now).total_seconds())


def _wake_after_requests(service: DataService, look: Look) -> None:
    """One that nobody can carry out changes nothing, and is to be answered all the same."""
    recover = recovery.asked(service)
    times = [(requests.asked(service, names.ANNOTATION_PROMOTE)[1], promotion.REQUEST_SECONDS)]
    if recover is not None:
        times += [(recover.time, recovery.REQUEST_SECONDS), (recover.time, recovery.UNANSWERED_SECONDS)]
    lefts = (requests.left_seconds(when, limit, text(look.now)) for when, limit in times)
    for left in lefts:
        if left is not None and left > 0:
            look.again(left)


def _restore(restores: tuple[DataRestore, ...], others: tuple[Generation, ...]) -> RestoreSeen:
    state = summary(restores, others)
    return RestoreSeen(state, doing(state))


def _unused_claims(
    service: DataService, beyond: tuple[MemberFacts, ...], kept: int, stores: Mapping[str, Store]
) -> tuple[str, ...]:
    """Left by members that were asked for and never got a place: there is nothing in them to keep."""
    meta, generation = service.metadata, generations.serving(service)
    left = [names.claim(meta.name, generation, m.ordinal) for m in beyond if m.pod is None and m.ordinal >= kept]
    found = ((name, stores["PersistentVolumeClaim"].get(meta.namespace, name)) for name in left)
    return tuple(name for name, item in found if item is not None and not has_volume(item) and not of_members.is_leaving(item))


def replicas(service: DataService, stores: Mapping[str, Store]) -> int:
    """Pods that the service's StatefulSet is to keep now."""
    item = of_members.statefulset(service, stores)
    return 0 if item is None else int(item["spec"].get("replicas", 1))


def _is_try_due(service: DataService, stores: Mapping[str, Store], look: Look) -> bool:
    """Also when no event says why: Kubernetes writes few of them. The longer nothing came of it, the more seldom."""
    item = of_members.statefulset(service, stores)
    if item is None or of_members.is_leaving(item) or not look.missing:
        return False
    since = min(look.missing.values())
    last = moment((item["metadata"].get("annotations") or {}).get(names.ANNOTATION_TRIED_AGAIN))
    pace_seconds = (look.now - since).total_seconds() / 10
    pace_seconds = min(max(pace_seconds, TRY_AGAIN_SECONDS_MIN), TRY_AGAIN_SECONDS_MAX)
    is_due = look.lasted(max(since, last or since), pace_seconds)
    if is_due:
        look.again(pace_seconds)
    return is_due


def _lost_with(
    service: DataService, total: int, found: Mapping[str, Object], stores: Mapping[str, Store], look: Look
) -> dict[str, str]:
    """Claim → the node that is gone, and its volume with it. Only where Kubernetes has already made the Pod anew, and in vain."""
    meta, generation, lost = service.metadata, generations.serving(service), dict[str, str]()
    for ordinal in range(total):
        name = names.claim(meta.name, generation, ordinal)
        volume = (found[name]["spec"].get("volumeName") or "") if name in found else ""
        pod = stores["Pod"].get(meta.namespace, names.pod(meta.name, generation, ordinal))
        if not volume or pod is None or of_members.is_leaving(pod) or not scheduler_says(pod) or waits_for_volume(pod):
            continue
        if (node := gone_with(look.volume(volume), stores["Node"])) is not None:
            lost[name] = node
    return lost


def _address(service: DataService, stores: Mapping[str, Store]) -> AddressFacts:
    namespace, name = service.metadata.namespace, service.metadata.name
    item = stores["EndpointSlice"].get(namespace, name)
    front = stores["Service"].get(namespace, name) or {}
    ingress = ((front.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    external = (ingress[0].get("ip") or ingress[0].get("hostname") or "") if ingress else ""
    if item is None:
        return AddressFacts(generation=generations.serving(service), external=external)
    annotations = item["metadata"].get("annotations") or {}
    generation = names.generation_of(annotations)
    holder = annotations.get(names.ANNOTATION_HOLDER, "") if item.get("endpoints") else ""
    term = names.term_of(annotations)
    excluded = names.excluded_in(annotations)
    return AddressFacts(holder=holder, term=term, generation=generation, excluded=excluded, external=external)


def _applied(namespace: str, service: str, stores: Mapping[str, Store]) -> dict[str, str]:
    found = {}
    for kind in OBJECT_KINDS:
        for item in stores[kind].all():
            meta = item["metadata"]
            mine = meta.get("namespace") == namespace and (meta.get("labels") or {}).get(names.LABEL_INSTANCE) == service
            if mine and not of_members.is_leaving(item):
                found[f"{kind}/{meta['name']}"] = (meta.get("annotations") or {}).get(names.ANNOTATION_DIGEST, "")
    return found


def _expose_trouble(service: DataService, address: AddressFacts, stores: Mapping[str, Store], look: Look) -> str:
    if service.spec.expose.type != "LoadBalancer" or address.external:
        return ""
    item = stores["Service"].get(service.metadata.namespace, service.metadata.name)
    asks = item is not None and look.lasted(created(item), ADDRESS_SECONDS)
    why = why_no_address(look.events(item, created(item))) if item is not None and asks else ""
    return "no load balancer has given the service an address yet" + (f": {why}" if why else "")
