"""Whether Kubernetes is fit for Moorage: versions, nodes, clocks, volumes, addresses. Pure.

Each function takes what was read (None: it could not be) and gives its findings, none of what it cannot judge.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from moorage.cli.finding import Finding, ok, problem, warning
from moorage.core import names

Object = dict[str, Any]
Objects = Sequence[Object]

OLDEST_KUBERNETES = (1, 30)
"""ValidatingAdmissionPolicy, which Moorage's promises rest on, is there since."""
MEMBERS_USUAL = 3
SKEW_SECONDS_MAX = 5.0
"""A node's own report of the time can be late by a slow request."""
PATIENCE_SECONDS = 60.0
"""So long an address or a volume may take."""
_ARCHITECTURE = "amd64"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_ZONE = "topology.kubernetes.io/zone"
_CLOSED = ("NoSchedule", "NoExecute")


def versions(nodes: Objects | None) -> list[Finding]:
    """A kubelet is never newer than its API server, so the oldest kubelet tells."""
    if not nodes:
        return []
    found = {str(_info(node).get("kubeletVersion") or "") for node in nodes} - {""}
    old = sorted(v for v in found if _numbers(v) < OLDEST_KUBERNETES)
    if old:
        return [problem("Kubernetes", f"{', '.join(old)} is too old", "upgrade the nodes to 1.30 or newer")]
    return [ok("Kubernetes", ", ".join(sorted(found)))]


def nodes(found: Objects | None, services: Objects | None) -> list[Finding]:
    """Members of a service are never on one node together, so there must be as many nodes as members."""
    if found is None:
        return []
    lost = sorted(_name(n) for n in found if not _is_ready(n))
    foreign = sorted(f"{_name(n)} ({_architecture(n)})" for n in found if _architecture(n) != _ARCHITECTURE)
    usable = [n for n in found if _is_ready(n) and not _is_closed(n)]
    wanted = max([MEMBERS_USUAL, *(_members(s) for s in services or ())])
    told = []
    if lost:
        do = f"bring it back, or when it is gone for good: kubectl delete node {lost[0]}"
        told.append(problem("nodes", f"{', '.join(lost)} not heard from: members there are not replaced", do))
    if len(usable) < wanted:
        says = f"{len(usable)} nodes take Pods, and a service of {wanted} members needs {wanted}: one for each"
        told.append(warning("nodes", says, "add nodes, or open them: kubectl uncordon NODE"))
    if foreign:
        do = "keep services away from them by a taint: Moorage's image is x86_64 only"
        told.append(warning("nodes", f"members cannot run on {', '.join(foreign)}", do))
    return told or [ok("nodes", f"{len(usable)} take Pods; the members of a service are each on their own")]


def clocks(server: datetime, own: datetime, leases: Objects | None) -> list[Finding]:
    """Each node writes its own time when it renews its Lease, and the API server notes beside it when that was."""
    skews = {_name(lease): skew for lease in leases or () if (skew := _skew_seconds(lease)) is not None}
    skews["this machine"] = (own - server).total_seconds()
    wrong = {who: skew for who, skew in sorted(skews.items()) if abs(skew) > SKEW_SECONDS_MAX}
    if wrong:
        says = ", ".join(f"{who} is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}" for who, skew in wrong.items())
        do = "have it set its clock (chrony, systemd-timesyncd): S3 and certificates refuse a wrong time"
        return [warning("clocks", f"{says} of the API server", do)]
    who = f"{len(skews) - 1} nodes and this machine agree" if len(skews) > 1 else "this machine agrees"
    return [ok("clocks", f"{who} with the API server within {SKEW_SECONDS_MAX:.0f} s")]


def storage(
    classes: Objects | None, claims: Objects | None, services: Objects | None, nodes: Objects | None, now: datetime
) -> list[Finding]:
    """The default class, those that services name, and whether volumes are really made."""
    if classes is None:
        return []
    by_name = {_name(c): c for c in classes}
    default = sorted(name for name, c in by_name.items() if _annotations(c).get(_DEFAULT_CLASS) == "true")
    named = {str(c) for s in services or () if (c := ((s.get("spec") or {}).get("storage") or {}).get("className"))}
    zones = {(n["metadata"].get("labels") or {}).get(_ZONE) for n in nodes or ()} - {None}
    told = _default(by_name, default)
    for name in sorted(named - by_name.keys()):
        says = f"a service asks for the StorageClass {name}, and there is none"
        told.append(problem("storage", says, "kubectl get storageclass"))
    for name in sorted({*default, *named} & by_name.keys()):
        told += _class(name, by_name[name], has_zones=len(zones) > 1)
    told += _unbound(claims or (), by_name, now)
    if told:
        return told
    bound = sum(_phase(c) == "Bound" for c in claims or ())
    tried = f"{bound} volumes of services are bound" if bound else "no service has asked for one yet"
    return [ok("storage", f"{', '.join(sorted({*default, *named} & by_name.keys()))}: volumes can grow; {tried}")]


def _default(by_name: Mapping[str, Object], default: list[str]) -> list[Finding]:
    if not by_name:
        return [problem("storage", "there is no StorageClass, so no volume is made", "install a CSI driver")]
    if not default:
        says = f"no StorageClass is the default (there are: {', '.join(sorted(by_name))})"
        do = f"moorage deploy … --class NAME, or kubectl annotate storageclass NAME {_DEFAULT_CLASS}=true"
        return [warning("storage", says, do)]
    if len(default) > 1:
        says = f"{' and '.join(default)} are all the default, and the newest one is taken"
        return [warning("storage", says, f"kubectl annotate --overwrite storageclass NAME {_DEFAULT_CLASS}=false")]
    return []


def _class(name: str, found: Object, *, has_zones: bool) -> list[Finding]:
    told = []
    if not found.get("allowVolumeExpansion"):
        do = f"""kubectl patch storageclass {name} -p '{{"allowVolumeExpansion": true}}', where its driver can"""
        told.append(warning("storage", f"volumes of {name} cannot grow: one that is full stays full", do))
    if str(found.get("provisioner") or "").endswith("/no-provisioner"):
        says = f"{name} makes no volumes by itself: somebody must make one for each member"
        told.append(warning("storage", says, "use a class with a driver that does"))
    elif has_zones and found.get("volumeBindingMode") != "WaitForFirstConsumer":
        says = f"{name} makes a volume before it is known in which zone its member runs"
        told.append(warning("storage", says, "use a class with volumeBindingMode: WaitForFirstConsumer"))
    return told


def _unbound(claims: Objects, by_name: Mapping[str, Object], now: datetime) -> list[Finding]:
    stuck = sorted(f"{c['metadata']['namespace']}/{_name(c)}" for c in claims if _is_stuck(c, by_name, now))
    if not stuck:
        return []
    namespace, _, name = stuck[0].partition("/")
    return [problem("storage", f"no volume for {', '.join(stuck)}", f"kubectl describe pvc {name} -n {namespace}")]


def _is_stuck(claim: Object, by_name: Mapping[str, Object], now: datetime) -> bool:
    if _phase(claim) == "Lost":
        return True
    if _phase(claim) != "Pending" or _age_seconds(claim, now) < PATIENCE_SECONDS:
        return False
    its_class = by_name.get(str((claim.get("spec") or {}).get("storageClassName") or ""), {})
    waits = its_class.get("volumeBindingMode") == "WaitForFirstConsumer"
    return not waits or "volume.kubernetes.io/selected-node" in _annotations(claim)


def addresses(services: Objects | None, now: datetime) -> list[Finding]:
    """Services get a load-balancer address unless they ask for none."""
    if services is None:
        return []
    asking = [s for s in services if (s.get("spec") or {}).get("type") == "LoadBalancer"]
    given = [s for s in asking if ((s.get("status") or {}).get("loadBalancer") or {}).get("ingress")]
    ours = [s for s in asking if (s["metadata"].get("labels") or {}).get(names.LABEL_PART_OF) == names.PART_OF]
    without = [s for s in ours if s not in given and _age_seconds(s, now) > PATIENCE_SECONDS]
    if without:
        says = f"no load-balancer address for {', '.join(sorted(_at(s) for s in without))}"
        do = "give the load balancer addresses, or install one (MetalLB); else: moorage deploy … --expose ClusterIP --update"
        return [problem("addresses", says, do)]
    if not given:
        says = "no Service here has a load-balancer address, so whether there is a load balancer is not known"
        return [warning("addresses", says, "if there is none: moorage deploy … --expose ClusterIP")]
    return [ok("addresses", f"the load balancer gave {len(given)} of {len(asking)} Services their address")]


def _at(found: Object) -> str:
    return f"{found['metadata']['namespace']}/{_name(found)}"


def _name(found: Object) -> str:
    return str(found["metadata"]["name"])


def _phase(found: Object) -> str:
    return str((found.get("status") or {}).get("phase") or "")


def _age_seconds(found: Object, now: datetime) -> float:
    made = found["metadata"].get("creationTimestamp")
    return (now - datetime.fromisoformat(made)).total_seconds() if made else 0.0


def _info(node: Object) -> Object:
    return (node.get("status") or {}).get("nodeInfo") or {}


def _architecture(node: Object) -> str:
    return str(_info(node).get("architecture") or _ARCHITECTURE)


def _annotations(found: Object) -> Mapping[str, str]:
    return found["metadata"].get("annotations") or {}


def _members(service: Object) -> int:
    spec = service.get("spec") or {}
    return int(spec.get("members") or 0) + bool(spec.get("arbiter"))


def _is_ready(node: Object) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or []
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _is_closed(node: Object) -> bool:
    spec = node.get("spec") or {}
    return bool(spec.get("unschedulable")) or any(t.get("effect") in _CLOSED for t in spec.get("taints") or [])


def _numbers(version: str) -> tuple[int, int]:
    major, _, rest = version.removeprefix("v").partition(".")
    minor = "".join(digit for digit in rest.partition(".")[0] if digit.isdigit())
    return int(major or 0), int(minor or 0)


def _skew_seconds(lease: Object) -> float | None:
    """How far the node's clock is ahead. The API server notes whole seconds, so half of one is added."""
    renewed = (lease.get("spec") or {}).get("renewTime")
    noted = [m.get("time") for m in lease["metadata"].get("managedFields") or [] if "f:renewTime" in str(m.get("fieldsV1"))]
    if not renewed or not noted or not noted[0]:
        return None
    return (datetime.fromisoformat(renewed) - datetime.fromisoformat(noted[0])).total_seconds() - 0.5
