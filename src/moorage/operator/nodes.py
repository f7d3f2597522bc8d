"""What the nodes say: since when one is silent, whether it is gone for good, and what was lost with it. Pure."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from moorage.core.stand_in import OUT_OF_SERVICE
from moorage.kube.reflector import Store
from moorage.operator.look import Look, moment, text

Object = Mapping[str, Any]

_TIES = (
    "kubernetes.io/hostname",
    "topology.topolvm.io/node",
    "topology.hostpath.csi/node",
    "openebs.io/nodename",
    "local.csi.openebs.io/node",
)
"""Labels by which provisioners of local disks tie a volume to one node; a zone ties to none."""


def condition(item: Object, kind: str) -> Object:
    conditions = (item.get("status") or {}).get("conditions") or []
    return next((c for c in conditions if c.get("type") == kind), {})


HEARD_SECONDS = 40.0
"""What the kubelet posted last is news for so long: as long as Kubernetes itself waits for it by default."""


def is_silent(node: str, nodes: Store, look: Look) -> bool:
    """Whether it exists and is not heard from."""
    found = nodes.get("", node)
    is_heard = found is None or _is_ready(found) or is_called_silent_wrongly(node, nodes, look)
    return bool(node) and not is_heard


def silence(node: str, nodes: Store, look: Look) -> tuple[str, str]:
    """Since when it is silent, and when it counts as lost, RFC 3339 in UTC; empty when it is heard from, or never does."""
    found = nodes.get("", node)
    if found is None or not is_silent(node, nodes, look):
        return "", ""
    since = moment(condition(found, "Ready").get("lastTransitionTime"))
    if since is None or not look.lost_node_seconds:
        return text(since) if since is not None else "", ""
    look.lasted(since, look.lost_node_seconds)
    return text(since), text(since + timedelta(seconds=look.lost_node_seconds))


def is_gone(node: str, nodes: Store) -> bool:
    """Nothing of it runs any more, by the word of somebody who knows.

    It was deleted, or somebody declared it out of service while it is silent. Kubernetes then frees its volumes by itself.
    """
    found = nodes.get("", node)
    return found is None or (not _is_ready(found) and _is_out_of_service(found))


def free_nodes(nodes: Store, members: Iterable[Object]) -> int:
    """How many take Pods and have none of these members. Whether there is room on them only the scheduler knows."""
    taken = {(pod.get("spec") or {}).get("nodeName") for pod in members}
    return sum(node["metadata"]["name"] not in taken and _takes_pods(node) for node in nodes.all())


def tied_to(volume: Object) -> tuple[str, ...] | None:
    """The only nodes that can mount a PersistentVolume; None: it is tied to none."""
    required = ((volume.get("spec") or {}).get("nodeAffinity") or {}).get("required") or {}
    each = [_node_of(term) for term in required.get("nodeSelectorTerms") or []]
    known = [names for names in each if names is not None]
    return tuple(dict.fromkeys(name for names in known for name in names)) if known and len(known) == len(each) else None


def _node_of(term: Object) -> list[str] | None:
    ties = (e for e in term.get("matchExpressions") or [] if e.get("key") in _TIES and e.get("operator") == "In")
    return next(([str(value) for value in e.get("values") or []] for e in ties), None)


def names_of(tied: Iterable[str], nodes: Store) -> set[str]:
    """Nodes that a volume which is tied to these is on: by their name, or by their host's where that is another one."""
    wanted = set(tied)
    return wanted | {node["metadata"]["name"] for node in nodes.all() if _host(node) in wanted}


def gone_with(volume: Object | None, nodes: Store) -> str | None:
    """The node that a volume was lost with: it can be mounted nowhere else. None: it is not lost, or nobody knows."""
    tied = tied_to(volume) if volume is not None else None
    if not tied or any(nodes.get("", name) is not None and not is_gone(name, nodes) for name in names_of(tied, nodes)):
        return None
    return ", ".join(tied)


def _host(node: Object) -> str:
    return str((node["metadata"].get("labels") or {}).get("kubernetes.io/hostname") or "")


def _is_ready(node: Object) -> bool:
    return bool(condition(node, "Ready").get("status") == "True")


def is_called_silent_wrongly(node: str, nodes: Store, look: Look) -> bool:
    """Its kubelet has posted since Kubernetes called it silent.

    After the API server was away that lasts for up to a minute and a half. (Seen: what a kubelet last knew of its node was
    the same as now, so it sent the time alone.) The times are of two clocks; a wrong one is believed for `HEARD_SECONDS` at most.
    """
    ready = condition(nodes.get("", node) or {}, "Ready")
    posted, called_silent = moment(ready.get("lastHeartbeatTime")), moment(ready.get("lastTransitionTime"))
    if ready.get("status") != "Unknown" or posted is None or called_silent is None:
        return False
    return posted > called_silent and not look.lasted(posted, HEARD_SECONDS)


def _is_out_of_service(node: Object) -> bool:
    return any(taint.get("key") == OUT_OF_SERVICE for taint in (node.get("spec") or {}).get("taints") or [])


def _takes_pods(node: Object) -> bool:
    spec = node.get("spec") or {}
    closed = any(taint.get("effect") in ("NoSchedule", "NoExecute") for taint in spec.get("taints") or [])
    return _is_ready(node) and not spec.get("unschedulable") and not closed
