"""What Kubernetes itself does: StatefulSets make Pods, the scheduler places them, volumes are bound, orphans are collected."""

from typing import Any

from moorage.core import names
from moorage.kube.client import Object
from tests.sim.server import ApiServer

WHO = "kubernetes"
STORAGE_CLASSES = ("standard", "fast")
PROTECTION = "kubernetes.io/pvc-protection"
Labels = dict[str, str]


def bare(kind: str, name: str, namespace: str, labels: Labels | None = None, **fields: Any) -> Object:
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace, "labels": labels or {}}, **fields}


def step(server: ApiServer, *, collects: bool = True) -> None:
    """Each controller once; they are level-based like the real ones. `collects`: the garbage collector works."""
    for statefulset in server.list("StatefulSet"):
        _members(server, statefulset)
    for claim in server.list("PersistentVolumeClaim"):
        _volume(server, claim)
    for pod in server.list("Pod"):
        if not pod["spec"].get("nodeName") and not is_leaving(pod) and not is_worker(pod):
            _place(server, pod)
    for service in server.list("Service"):
        _load_balancer(server, service)
    if collects:
        _collect_orphans(server)


def is_worker(pod: Object) -> bool:
    return bool((pod["metadata"].get("labels") or {}).get(names.LABEL_COMPONENT) == names.COMPONENT_WORKER)


def is_leaving(item: Object) -> bool:
    return item["metadata"].get("deletionTimestamp") is not None


def _members(server: ApiServer, statefulset: Object) -> None:
    """Every ordinal has a claim and a Pod, and no other has. A Pod that an earlier set of this name left is adopted."""
    meta, spec = statefulset["metadata"], statefulset["spec"]
    for item in server.list("Pod"):
        stem, _, number = item["metadata"]["name"].rpartition("-")
        if stem == meta["name"] and not is_worker(item) and int(number) >= spec["replicas"] and not is_leaving(item):
            server.delete(WHO, "Pod", item["metadata"]["name"], meta["namespace"])
    owner = {"kind": "StatefulSet", "name": meta["name"], "uid": meta["uid"], "controller": True}
    for ordinal in range(spec["replicas"]):
        name, namespace = f"{meta['name']}-{ordinal}", meta["namespace"]
        pod = server.get("Pod", name, namespace)
        if pod is not None and not pod["metadata"].get("ownerReferences"):
            server.merge(WHO, "Pod", name, namespace, {"metadata": {"ownerReferences": [owner]}})
        if pod is not None or not _has_claim(server, statefulset, name):
            continue
        template = spec["template"]
        made = bare("Pod", name, namespace, template["metadata"]["labels"], spec=template["spec"])
        made["metadata"] |= {"annotations": template["metadata"]["annotations"], "ownerReferences": [owner]}
        server.create(WHO, made)


def _has_claim(server: ApiServer, statefulset: Object, pod: str) -> bool:
    """One that is on its way out has to be gone before the member gets another one."""
    (template,) = statefulset["spec"]["volumeClaimTemplates"]
    name, namespace = f"{template['metadata']['name']}-{pod}", statefulset["metadata"]["namespace"]
    found = server.get("PersistentVolumeClaim", name, namespace)
    if found is not None:
        return not is_leaving(found)
    asked = {"storageClassName": STORAGE_CLASSES[0], **template["spec"]}
    made = bare("PersistentVolumeClaim", name, namespace, template["metadata"]["labels"], spec=asked)
    made["metadata"]["finalizers"] = [PROTECTION]
    server.create(WHO, made)
    return True


def _volume(server: ApiServer, claim: Object) -> None:
    name, namespace = claim["metadata"]["name"], claim["metadata"]["namespace"]
    if is_leaving(claim):
        if server.get("Pod", name.removeprefix("data-"), namespace) is None:
            server.merge(WHO, "PersistentVolumeClaim", name, namespace, {"metadata": {"finalizers": None}})
        return
    if (claim.get("status") or {}).get("phase") == "Lost":
        return  # for ever, as in Kubernetes
    if not claim["spec"].get("volumeName") and claim["spec"].get("storageClassName", STORAGE_CLASSES[0]) in STORAGE_CLASSES:
        bound = {"spec": {"volumeName": f"pv-{claim['metadata']['uid']}"}}
        claim = server.merge(WHO, "PersistentVolumeClaim", name, namespace, bound)
    if claim["spec"].get("volumeName"):
        has = {"phase": "Bound", "capacity": claim["spec"]["resources"]["requests"]}
        server.merge(WHO, "PersistentVolumeClaim", name, namespace, {"status": has}, status=True)


def _place(server: ApiServer, pod: Object) -> None:
    """A node of its own for every member, and not before its volume is there."""
    meta = pod["metadata"]
    claim = server.get("PersistentVolumeClaim", f"data-{meta['name']}", meta["namespace"])
    taken = {p["spec"].get("nodeName") for p in server.list("Pod") if _is_apart(pod, p)}
    ready = [n for n in server.list("Node") if is_ready(n) and not (n.get("spec") or {}).get("taints")]
    free = [n for n in ready if n["metadata"]["name"] not in taken]
    tied = tied_to(server, claim)
    if claim is None or not claim["spec"].get("volumeName"):
        _say_unplaced(server, pod, "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims.")
    elif not free:
        _say_unplaced(server, pod, "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules.")
    elif tied and tied not in {n["metadata"]["name"] for n in free}:
        _say_unplaced(server, pod, "0/3 nodes are available: 3 node(s) had volume node affinity conflict.")
    else:
        free = [n for n in free if tied in ("", n["metadata"]["name"])]
        _tie(server, claim, free[0]["metadata"]["name"])
        chosen = {"spec": {"nodeName": free[0]["metadata"]["name"]}}
        server.merge(WHO, "Pod", meta["name"], meta["namespace"], chosen)
        server.merge(WHO, "Pod", meta["name"], meta["namespace"], {"status": {"conditions": []}}, status=True)


def tied_to(server: ApiServer, claim: Object | None) -> str:
    """The only node that can mount its volume; empty: any can."""
    volume = server.get("PersistentVolume", claim["spec"].get("volumeName") or "") if claim is not None else None
    if volume is None:
        return ""
    (term,) = volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    return str(term["matchExpressions"][0]["values"][0])


def _tie(server: ApiServer, claim: Object, node: str) -> None:
    """A local disk is on the node where its Pod was placed first."""
    name = claim["spec"]["volumeName"]
    if not server.has_local_disks or server.get("PersistentVolume", name) is not None:
        return
    terms = [{"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}]
    affinity = {"required": {"nodeSelectorTerms": terms}}
    server.create(WHO, {"kind": "PersistentVolume", "metadata": {"name": name}, "spec": {"nodeAffinity": affinity}})


def _is_apart(pod: Object, other: Object) -> bool:
    """Whether the Pod is not to be on the other one's node: another member of its service and generation is there."""
    mine, theirs = pod["metadata"]["labels"], other["metadata"]["labels"]
    keys = (names.LABEL_INSTANCE, names.LABEL_COMPONENT, names.LABEL_GENERATION)
    return all(mine.get(key) == theirs.get(key) for key in keys)


def _say_unplaced(server: ApiServer, pod: Object, message: str) -> None:
    condition = {"type": "PodScheduled", "status": "False", "message": message}
    patch = {"status": {"conditions": [condition]}}
    server.merge(WHO, "Pod", pod["metadata"]["name"], pod["metadata"]["namespace"], patch, status=True)


def is_ready(item: Object) -> bool:
    """Whether a Pod or a node is ready."""
    conditions = (item.get("status") or {}).get("conditions") or []
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _load_balancer(server: ApiServer, service: Object) -> None:
    if service["spec"].get("type") == "LoadBalancer" and not service.get("status"):
        given = {"status": {"loadBalancer": {"ingress": [{"ip": "10.89.1.1"}]}}}
        server.merge(WHO, "Service", service["metadata"]["name"], service["metadata"]["namespace"], given, status=True)


OWNED = (
    "Pod",
    "Secret",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "Service",
    "StatefulSet",
    "EndpointSlice",
    "PodDisruptionBudget",
)


def _collect_orphans(server: ApiServer) -> None:
    """What has owners and none of them is there any more."""
    for kind in OWNED:
        for item in server.list(kind):
            owners = item["metadata"].get("ownerReferences") or []
            found = (server.get(o["kind"], o["name"], item["metadata"]["namespace"]) for o in owners)
            alive = [f for f, o in zip(found, owners, strict=True) if f is not None and f["metadata"]["uid"] == o["uid"]]
            if owners and not alive and not is_leaving(item):
                server.delete(WHO, kind, item["metadata"]["name"], item["metadata"]["namespace"])
