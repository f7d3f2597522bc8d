"""From what the watches hold to the snapshot. Reads the local copies only; never asks a member."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from moorage.api.dataservice import DataService
from moorage.api.quantity import parse
from moorage.core import names
from moorage.core.facts import AddressFacts, Known, MemberFacts, MemberReport, PodFacts, Snapshot, Unknown
from moorage.core.report import from_json
from moorage.engines.contract import EngineCard
from moorage.kube.reflector import Store
from moorage.operator.trouble import pod_trouble, waits_for_volume

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


def observe(service: DataService, card: EngineCard, stores: Mapping[str, Store]) -> Snapshot:
    """Everything that is known about one service."""
    namespace, name = service.metadata.namespace, service.metadata.name
    data_members = card.data_members(service)
    total = data_members + int(service.spec.arbiter)
    generation = service.status.generation
    members = tuple(_member(service, i, data_members, stores) for i in range(total))
    claims = {
        claim: found
        for i in range(total)
        if (found := stores["PersistentVolumeClaim"].get(namespace, claim := names.claim(name, generation, i))) is not None
    }
    classes = {item["metadata"]["name"]: item for item in stores["StorageClass"].all()}
    return Snapshot(
        service=service,
        members=members,
        address=_address(namespace, name, stores),
        applied=_applied(namespace, name, stores),
        claim_sizes={claim: _size(item) for claim, item in claims.items() if _has_volume(item)},
        stale_claims=_stale_claims(service, claims, classes),
        leaving_claims=tuple(name for name, item in claims.items() if not _has_volume(item) and _is_leaving(item)),
        volume_type=_volume_type(claims, classes),
        claim_trouble=_claim_trouble(service, total, claims, classes),
        expose_trouble=_expose_trouble(service, stores),
    )


def _member(service: DataService, ordinal: int, data_members: int, stores: Mapping[str, Store]) -> MemberFacts:
    namespace, name, generation = service.metadata.namespace, service.metadata.name, service.status.generation
    bare = MemberFacts(
        name=names.member_name(ordinal, data_members=data_members),
        ordinal=ordinal,
        pod_name=names.pod(name, generation, ordinal),
        is_arbiter=ordinal >= data_members,
    )
    item = stores["Pod"].get(namespace, bare.pod_name)
    if item is None or not _is_ours(item, stores["StatefulSet"].get(namespace, names.statefulset(name, generation)), service):
        return bare
    pod = _pod(item)
    return replace(bare, pod=pod, report=_report(item, pod, stores["Node"]))


def _is_ours(pod: Object, members: Object | None, service: DataService) -> bool:
    """An earlier service of this name had Pods of the same names. One that no StatefulSet controls is adopted soon."""
    controller = _controller(pod)
    if controller is None:
        return True
    return members is not None and controller == members["metadata"]["uid"] and _controller(members) == service.metadata.uid


def _controller(item: Object) -> str | None:
    """The uid of the object that controls this one."""
    references = item["metadata"].get("ownerReferences") or []
    return next((str(r["uid"]) for r in references if r.get("controller")), None)


def _pod(item: Object) -> PodFacts:
    meta = item["metadata"]
    annotations = meta.get("annotations") or {}
    return PodFacts(
        name=meta["name"],
        created=meta.get("creationTimestamp") or "",
        ready=_condition(item, "Ready").get("status") == "True",
        deleting=_is_leaving(item),
        node=(item.get("spec") or {}).get("nodeName") or "",
        template=annotations.get(names.ANNOTATION_TEMPLATE, ""),
        trouble=pod_trouble(item),
        order_id=_order_id(annotations),
    )


def _order_id(annotations: Object) -> str:
    try:
        return str(json.loads(annotations.get(names.ANNOTATION_ORDER, "{}")).get("id", ""))
    except (ValueError, AttributeError):
        return ""


def _condition(item: Object, kind: str) -> Object:
    conditions = (item.get("status") or {}).get("conditions") or []
    return next((c for c in conditions if c.get("type") == kind), {})


def _report(item: Object, pod: PodFacts, nodes: Store) -> Known[MemberReport] | Unknown:
    """A report counts only while the kubelet reaches the agent and the node is heard from."""
    if waits_for_volume(item):
        return Unknown("the volume is not there yet")
    node = nodes.get("", pod.node)
    if pod.node and node is not None and _condition(node, "Ready").get("status") != "True":
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


def _address(namespace: str, name: str, stores: Mapping[str, Store]) -> AddressFacts:
    item = stores["EndpointSlice"].get(namespace, name)
    service = stores["Service"].get(namespace, name) or {}
    ingress = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
    external = (ingress[0].get("ip") or ingress[0].get("hostname") or "") if ingress else ""
    if item is None:
        return AddressFacts(external=external)
    annotations = item["metadata"].get("annotations") or {}
    holder = annotations.get(names.ANNOTATION_HOLDER, "") if item.get("endpoints") else ""
    return AddressFacts(holder=holder, term=int(annotations.get(names.ANNOTATION_TERM) or 0), external=external)


def _applied(namespace: str, service: str, stores: Mapping[str, Store]) -> dict[str, str]:
    found = {}
    for kind in OBJECT_KINDS:
        for item in stores[kind].all():
            meta = item["metadata"]
            mine = meta.get("namespace") == namespace and (meta.get("labels") or {}).get(names.LABEL_INSTANCE) == service
            if mine and not _is_leaving(item):
                found[f"{kind}/{meta['name']}"] = (meta.get("annotations") or {}).get(names.ANNOTATION_DIGEST, "")
    return found


def _volume_type(claims: Mapping[str, Object], classes: Mapping[str, Object]) -> str | None:
    """What the StorageClass provisions, by its provisioner's name: ceph, hostpath, …"""
    for claim in claims.values():
        provisioner = (classes.get(claim["spec"].get("storageClassName") or "") or {}).get("provisioner", "")
        for word, volume_type in (("ceph", "ceph"), ("rbd", "ceph"), ("host", "hostpath"), ("local", "hostpath"), ("nfs", "nfs")):
            if word in provisioner:
                return volume_type
        if provisioner:
            return str(provisioner)
    return None


def _size(claim: Object) -> str:
    return str(claim["spec"]["resources"]["requests"]["storage"])


def _has_volume(claim: Object) -> bool:
    return bool(claim["spec"].get("volumeName"))


def _is_leaving(item: Object) -> bool:
    return item["metadata"].get("deletionTimestamp") is not None


def _stale_claims(service: DataService, claims: Mapping[str, Object], classes: Mapping[str, Object]) -> tuple[str, ...]:
    """Those that never had a volume and ask for something else than the spec does now."""
    storage = service.spec.storage
    default = next((name for name, item in classes.items() if _is_default(item)), None)
    wanted = storage.class_name if storage.class_name is not None else default

    def is_stale(claim: Object) -> bool:
        asked = claim["spec"].get("storageClassName")
        other_class = wanted is not None and asked is not None and asked != wanted
        return not _has_volume(claim) and not _is_leaving(claim) and (other_class or parse(_size(claim)) != parse(storage.size))

    return tuple(sorted(name for name, item in claims.items() if is_stale(item)))


def _claim_trouble(service: DataService, total: int, claims: Mapping[str, Object], classes: Mapping[str, Object]) -> str:
    """A class concerns nobody any more once every member has its volume."""
    if sum(map(_has_volume, claims.values())) == total:
        return ""
    wanted = service.spec.storage.class_name
    pending = [name for name, item in claims.items() if not _has_volume(item)]
    if wanted is not None and wanted not in classes:
        known = ", ".join(sorted(classes)) or "none"
        return f"StorageClass '{wanted}' does not exist; there are: {known}"
    if pending and wanted is None and not any(_is_default(c) for c in classes.values()):
        return "no StorageClass was asked for and the cluster has no default one"
    return ""


def _is_default(storage_class: Object) -> bool:
    annotations = storage_class["metadata"].get("annotations") or {}
    return bool(annotations.get("storageclass.kubernetes.io/is-default-class") == "true")


def _expose_trouble(service: DataService, stores: Mapping[str, Store]) -> str:
    if service.spec.expose.type != "LoadBalancer" or _address(service.metadata.namespace, service.metadata.name, stores).external:
        return ""
    return "no load balancer has given the service an address yet"
