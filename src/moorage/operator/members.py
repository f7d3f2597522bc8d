"""What the watches hold of a service's members: their Pods, what their agents report, and why somebody has no Pod. Pure."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from moorage.api.dataservice import MEMBERS_MAX, DataService
from moorage.core import generations, names
from moorage.core.facts import Known, MemberFacts, MemberReport, PodFacts, Unknown
from moorage.core.readiness import answers
from moorage.core.report import from_json
from moorage.kube.reflector import Store
from moorage.operator.claims import Claims
from moorage.operator.look import Look
from moorage.operator.nodes import is_gone, is_silent, silence
from moorage.operator.scheduling import waits_for_volume
from moorage.operator.told import Finding, why_no_pods
from moorage.operator.trouble import pod_trouble

Object = dict[str, Any]
MADE_SECONDS = 2.0
"""A StatefulSet's Pods are made within this time, or something is in the way."""


def member(
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
        return replace(bare, left_behind="" if item is None else _left_behind(item, service, stores))
    trouble = pod_trouble(item, look, stores["Node"].all())
    pod = _pod(item, trouble.says if trouble is not None and trouble.needs_somebody else "", stores["Node"], look)
    report = _report(item, pod, stores["Node"], look, claims.waits_for(names.claim(name, generation, ordinal)))
    slow = (
        trouble.says
        if trouble is not None and not trouble.needs_somebody and not is_silent(pod.node, stores["Node"], look)
        else ""
    )
    return replace(bare, pod=pod, report=report, slow=slow)


def _is_ours(pod: Object, service: DataService, stores: Mapping[str, Store]) -> bool:
    """An earlier service of this name had Pods of the same names. One that no StatefulSet controls is adopted soon."""
    controller, members = _controller(pod), statefulset(service, stores)
    if controller is None:
        return True
    return members is not None and controller == members["metadata"]["uid"] and _controller(members) == service.metadata.uid


def _left_behind(pod: Object, service: DataService, stores: Mapping[str, Store]) -> str:
    """Its uid, when its StatefulSet is gone for sure: another one has that name, and it is the service's own."""
    members = statefulset(service, stores)
    is_there = members is not None and not is_leaving(members) and _controller(members) == service.metadata.uid
    return str(pod["metadata"]["uid"]) if is_there and not is_leaving(pod) else ""


def _controller(item: Object) -> str | None:
    """The uid of the object that controls this one."""
    references = item["metadata"].get("ownerReferences") or []
    return next((str(r["uid"]) for r in references if r.get("controller")), None)


def leaving(wanted: tuple[MemberFacts, ...], beyond: tuple[MemberFacts, ...], kept: int) -> tuple[MemberFacts, ...]:
    """Of those beyond the wanted ones: who has a Pod, is to have one, or is named by a member's engine."""
    reports = (m.report.value for m in (*wanted, *beyond) if isinstance(m.report, Known))
    configured = {name for report in reports for name in report.configured}
    return tuple(m for m in beyond if m.pod is not None or m.ordinal < kept or m.pod_name in configured)


def with_why_no_pods(
    service: DataService, members: tuple[MemberFacts, ...], stores: Mapping[str, Store], look: Look
) -> tuple[MemberFacts, ...]:
    """With the reason why Kubernetes makes no Pod, which it tells in events of the StatefulSet and nowhere else."""
    item = statefulset(service, stores)
    if item is None or is_leaving(item):
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


def statefulset(service: DataService, stores: Mapping[str, Store]) -> Object | None:
    name = names.statefulset(service.metadata.name, generations.serving(service))
    return stores["StatefulSet"].get(service.metadata.namespace, name)


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
        ready=_answers(item),
        deleting=is_leaving(item),
        node=node,
        template=annotations.get(names.ANNOTATION_TEMPLATE, ""),
        trouble=trouble,
        order_id=_order_id(annotations),
        settings=annotations.get(names.ANNOTATION_SETTINGS, ""),
        queries=annotations.get(names.ANNOTATION_QUERIES, ""),
    )


def _answers(item: Object) -> bool:
    """Whether the agent answers the kubelet, or has answered us since Kubernetes called its node silent."""
    try:
        heard_after = from_json(_report_text(item)).heard_after
    except ValueError:
        heard_after = ""
    return answers((item.get("status") or {}).get("conditions") or (), heard_after)


def _report_text(item: Object) -> str:
    return str((item["metadata"].get("annotations") or {}).get(names.ANNOTATION_REPORT) or "")


def _order_id(annotations: Object) -> str:
    try:
        return str(json.loads(annotations.get(names.ANNOTATION_ORDER, "{}")).get("id", ""))
    except (ValueError, AttributeError):
        return ""


def _report(item: Object, pod: PodFacts, nodes: Store, look: Look, volume: str) -> Known[MemberReport] | Unknown:
    """A report counts only while the kubelet reaches the agent and the node is heard from."""
    if waits_for_volume(item):
        return Unknown(volume, never_was=True)
    if is_silent(pod.node, nodes, look):
        return Unknown(f"its node {pod.node} is not heard from")
    text = _report_text(item)
    if not text:
        return Unknown("the agent has not reported yet", never_was=True)
    if not pod.ready:
        return Unknown("the agent does not answer the kubelet")
    try:
        return Known(from_json(text))
    except ValueError:
        return Unknown("the agent's report cannot be read")


def pods(service: DataService, stores: Mapping[str, Store]) -> list[Object]:
    """Those of the members of the generation that serves."""
    meta, generation = service.metadata, generations.serving(service)
    each = (stores["Pod"].get(meta.namespace, names.pod(meta.name, generation, i)) for i in range(MEMBERS_MAX))
    return [pod for pod in each if pod is not None]


def is_leaving(item: Object) -> bool:
    return item["metadata"].get("deletionTimestamp") is not None
