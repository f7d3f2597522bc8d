"""From what the watches hold to the snapshot. Reads the local copies only; never asks a member."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from moorage.api.datarestore import DataRestore
from moorage.api.dataservice import MEMBERS_MAX, DataService
from moorage.core import generations, maintenance, names
from moorage.core.facts import AddressFacts, Known, MemberFacts, MemberReport, PodFacts, RestoreSeen, Snapshot, Unknown
from moorage.core.generations import Generation
from moorage.core.report import from_json
from moorage.core.restore_words import doing, summary
from moorage.engines.contract import EngineCard
from moorage.kube.reflector import Store
from moorage.operator import drilling
from moorage.operator import kept as of_service
from moorage.operator.claims import Claims, claims_of, has_volume
from moorage.operator.look import Look, created, moment, text
from moorage.operator.nodes import condition, free_nodes, gone_with, is_gone, is_silent, silence
from moorage.operator.scheduling import scheduler_says, waits_for_volume
from moorage.operator.told import Finding, why_no_address, why_no_pods
from moorage.operator.trouble import pod_trouble

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
MADE_SECONDS = 2.0
"""A StatefulSet's Pods are made within this time, or something is in the way."""
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
    wanted = tuple(_member(service, i, data_members, stores, claims, look) for i in range(total))
    beyond = tuple(_member(service, i, i + 1, stores, claims, look) for i in range(total, MEMBERS_MAX))
    members = _why_no_pods(service, wanted, stores, look)
    leaving = _why_no_pods(service, _leaving(wanted, beyond, kept), stores, look)
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
        free_nodes=free_nodes(stores["Node"], _pods(service, stores)),
    )
    is_try_due = _is_try_due(service, stores, look)
    _wake_after_maintenance(service, look)
    return Observation(snapshot, frozenset(look.volumes_asked), look.asks, look.again_seconds, is_try_due)


def _wake_after_maintenance(service: DataService, look: Look) -> None:
    found = maintenance.asked(service, look.now)
    if found is not None and found.until is not None and found.holds(look.now):
        look.again((found.until - look.now).total_seconds())


def _restore(restores: tuple[DataRestore, ...], others: tuple[Generation, ...]) -> RestoreSeen:
    state = summary(restores, others)
    return RestoreSeen(state, doing(state))


def _member(
    service: DataService, ordinal: int, data_members: int, stores: Mapping[str, Store], claims: Claims, look: Look
) -> MemberFacts:
    namespace, name, generation = service.metadata.namespace, service.metadata.name, generations.serving(service)
    bare = MemberFacts(
        name=names.member_name(ordinal, data_members=data_members),
        ordinal=ordinal,
        pod_name=names.pod(name, generation, ordinal),
        is_arbiter=ordinal >= data_members,
    )
    item = stores["Pod"].get(namespace, bare.pod_name)
    if item is None or not _is_ours(item, service, stores):
        return bare
    trouble = pod_trouble(item, look, stores["Node"].all())
    pod = _pod(item, trouble.says if trouble is not None and trouble.needs_somebody else "", stores["Node"], look)
    report = _report(item, pod, stores["Node"], claims.waits_for(names.claim(name, generation, ordinal)))
    slow = trouble.says if trouble is not None and not trouble.needs_somebody and not is_silent(pod.node, stores["Node"]) else ""
    return replace(bare, pod=pod, report=report, slow=slow)


def _is_ours(pod: Object, service: DataService, stores: Mapping[str, Store]) -> bool:
    """An earlier service of this name had Pods of the same names. One that no StatefulSet controls is adopted soon."""
    controller, members = _controller(pod), _statefulset(service, stores)
    if controller is None:
        return True
    return members is not None and controller == members["metadata"]["uid"] and _controller(members) == service.metadata.uid


def _controller(item: Object) -> str | None:
    """The uid of the object that controls this one."""
    references = item["metadata"].get("ownerReferences") or []
    return next((str(r["uid"]) for r in references if r.get("controller")), None)


def _leaving(wanted: tuple[MemberFacts, ...], beyond: tuple[MemberFacts, ...], kept: int) -> tuple[MemberFacts, ...]:
    """Of those beyond the wanted ones: who has a Pod, is to have one, or is named by a member's engine."""
    reports = (m.report.value for m in (*wanted, *beyond) if isinstance(m.report, Known))
    configured = {name for report in reports for name in report.configured}
    return tuple(m for m in beyond if m.pod is not None or m.ordinal < kept or m.pod_name in configured)


def _unused_claims(
    service: DataService, beyond: tuple[MemberFacts, ...], kept: int, stores: Mapping[str, Store]
) -> tuple[str, ...]:
    """Left by members that were asked for and never got a place: there is nothing in them to keep."""
    meta, generation = service.metadata, generations.serving(service)
    left = [names.claim(meta.name, generation, m.ordinal) for m in beyond if m.pod is None and m.ordinal >= kept]
    found = ((name, stores["PersistentVolumeClaim"].get(meta.namespace, name)) for name in left)
    return tuple(name for name, item in found if item is not None and not has_volume(item) and not _is_leaving(item))


def _why_no_pods(
    service: DataService, members: tuple[MemberFacts, ...], stores: Mapping[str, Store], look: Look
) -> tuple[MemberFacts, ...]:
    """With the reason why Kubernetes makes no Pod, which it tells in events of the StatefulSet and nowhere else."""
    item = _statefulset(service, stores)
    if item is None or _is_leaving(item):
        return members
    late = {pod: since for pod, since in look.missing.items() if look.lasted(since, MADE_SECONDS)}
    if not late:
        return members
    found = why_no_pods(look.events(item, min(late.values())), late, look.now)
    return tuple(_without_pod(m, found.get(m.pod_name)) for m in members)


def _without_pod(member: MemberFacts, found: Finding | None) -> MemberFacts:
    if member.pod is not None or found is None:
        return member
    return replace(member, refused=found.says) if found.needs_somebody else replace(member, slow=found.says)


def _statefulset(service: DataService, stores: Mapping[str, Store]) -> Object | None:
    name = names.statefulset(service.metadata.name, generations.serving(service))
    return stores["StatefulSet"].get(service.metadata.namespace, name)


def replicas(service: DataService, stores: Mapping[str, Store]) -> int:
    """Pods that the service's StatefulSet is to keep now."""
    item = _statefulset(service, stores)
    return 0 if item is None else int(item["spec"].get("replicas", 1))


def _is_try_due(service: DataService, stores: Mapping[str, Store], look: Look) -> bool:
    """Also when no event says why: Kubernetes writes few of them. The longer nothing came of it, the more seldom."""
    item = _statefulset(service, stores)
    if item is None or _is_leaving(item) or not look.missing:
        return False
    since = min(look.missing.values())
    last = moment((item["metadata"].get("annotations") or {}).get(names.ANNOTATION_TRIED_AGAIN))
    pace_seconds = (look.now - since).total_seconds() / 10
    pace_seconds = min(max(pace_seconds, TRY_AGAIN_SECONDS_MIN), TRY_AGAIN_SECONDS_MAX)
    is_due = look.lasted(max(since, last or since), pace_seconds)
    if is_due:
        look.again(pace_seconds)
    return is_due


def _pods(service: DataService, stores: Mapping[str, Store]) -> list[Object]:
    """Those of the members of the generation that serves."""
    meta, generation = service.metadata, generations.serving(service)
    each = (stores["Pod"].get(meta.namespace, names.pod(meta.name, generation, i)) for i in range(MEMBERS_MAX))
    return [pod for pod in each if pod is not None]


def _lost_with(
    service: DataService, total: int, found: Mapping[str, Object], stores: Mapping[str, Store], look: Look
) -> dict[str, str]:
    """Claim → the node that is gone, and its volume with it. Only where Kubernetes has already made the Pod anew, and in vain."""
    meta, generation, lost = service.metadata, generations.serving(service), dict[str, str]()
    for ordinal in range(total):
        name = names.claim(meta.name, generation, ordinal)
        volume = (found[name]["spec"].get("volumeName") or "") if name in found else ""
        pod = stores["Pod"].get(meta.namespace, names.pod(meta.name, generation, ordinal))
        if not volume or pod is None or _is_leaving(pod) or not scheduler_says(pod) or waits_for_volume(pod):
            continue
        if (node := gone_with(look.volume(volume), stores["Node"])) is not None:
            lost[name] = node
    return lost


def _pod(item: Object, trouble: str, nodes: Store, look: Look) -> PodFacts:
    meta = item["metadata"]
    annotations = meta.get("annotations") or {}
    node = (item.get("spec") or {}).get("nodeName") or ""
    since, lost_at = silence(node, nodes, look)
    return PodFacts(
        silent_since=since,
        lost_at=lost_at,
        is_node_gone=bool(node) and is_gone(node, nodes),
        name=meta["name"],
        created=meta.get("creationTimestamp") or "",
        ready=condition(item, "Ready").get("status") == "True",
        deleting=_is_leaving(item),
        node=node,
        template=annotations.get(names.ANNOTATION_TEMPLATE, ""),
        trouble=trouble,
        order_id=_order_id(annotations),
    )


def _order_id(annotations: Object) -> str:
    try:
        return str(json.loads(annotations.get(names.ANNOTATION_ORDER, "{}")).get("id", ""))
    except (ValueError, AttributeError):
        return ""


def _report(item: Object, pod: PodFacts, nodes: Store, volume: str) -> Known[MemberReport] | Unknown:
    """A report counts only while the kubelet reaches the agent and the node is heard from."""
    if waits_for_volume(item):
        return Unknown(volume)
    if is_silent(pod.node, nodes):
        return Unknown(f"its node {pod.node} is not heard from")
    text = (item["metadata"].get("annotations") or {}).get(names.ANNOTATION_REPORT)
    if not text:
        return Unknown("the agent has not reported yet")
    if not pod.ready:
        return Unknown("the agent does not answer the kubelet")
    try:
        return Known(from_json(text))
    except ValueError:
        return Unknown("the agent's report cannot be read")


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
            if mine and not _is_leaving(item):
                found[f"{kind}/{meta['name']}"] = (meta.get("annotations") or {}).get(names.ANNOTATION_DIGEST, "")
    return found


def _is_leaving(item: Object) -> bool:
    return item["metadata"].get("deletionTimestamp") is not None


def _expose_trouble(service: DataService, address: AddressFacts, stores: Mapping[str, Store], look: Look) -> str:
    if service.spec.expose.type != "LoadBalancer" or address.external:
        return ""
    item = stores["Service"].get(service.metadata.namespace, service.metadata.name)
    asks = item is not None and look.lasted(created(item), ADDRESS_SECONDS)
    why = why_no_address(look.events(item, created(item))) if item is not None and asks else ""
    return "no load balancer has given the service an address yet" + (f": {why}" if why else "")
