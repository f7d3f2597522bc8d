"""Why no node takes a Pod: the scheduler's words, with what it leaves out and what to do. Pure."""

import re
from typing import Any

Object = dict[str, Any]

NO_VOLUME = "unbound immediate PersistentVolumeClaims"
NODES_MAX = 3
_HINTS = (
    ("anti-affinity", "every member needs a node of its own"),
    ("Insufficient cpu", "no node has as much cpu left as it asks for"),
    ("Insufficient memory", "no node has as much memory left as it asks for"),
    ("Insufficient ephemeral-storage", "no node has enough disk space left"),
    ("volume node affinity conflict", "its volume is tied to a node that cannot take it"),
    ("PersistentVolume's node affinity", "its volume is tied to a node that cannot take it"),
    ("non-existent pv", "its volume no longer exists"),
)
_TAINTS = {
    "node.kubernetes.io/disk-pressure": "is short of disk space",
    "node.kubernetes.io/memory-pressure": "is short of memory",
    "node.kubernetes.io/pid-pressure": "runs too many processes",
    "node.kubernetes.io/not-ready": "is not ready",
    "node.kubernetes.io/unreachable": "is not heard from",
    "node.kubernetes.io/unschedulable": "is cordoned (kubectl uncordon lets it take Pods again)",
    "node.kubernetes.io/network-unavailable": "has no network",
}
_NAMES_TAINTS = ("untolerated taint", "had taints", "were unschedulable")


def scheduler_says(item: Object) -> str:
    """The scheduler's message while it finds no node for the Pod."""
    found = _condition(item)
    if found is None or found.get("status") != "False":
        return ""
    return str(found.get("message") or found.get("reason") or "it does not say why")


def waits_for_scheduler(item: Object) -> bool:
    """Whether no scheduler has said anything about the Pod."""
    return _condition(item) is None and not (item.get("spec") or {}).get("nodeName")


def waits_for_volume(item: Object) -> bool:
    """Whether it cannot be placed only because its volume is not there yet."""
    return NO_VOLUME in scheduler_says(item)


def why_unplaced(item: Object, nodes: list[Object]) -> str:
    """The sentence; empty when the Pod has a node or waits for its volume only."""
    said = scheduler_says(item)
    if not said or waits_for_volume(item):
        return ""
    reasons = re.sub(r"^\d+/\d+ nodes are available: ", "", said).partition(". ")[0].rstrip(".")
    reasons = re.sub(r" ?\{([^:}]*): ?[^}]*\}", r" \1", reasons).replace("node(s)", "nodes").replace("taint(s)", "taints")
    hints = [*dict.fromkeys(hint for words, hint in _HINTS if words in reasons)]
    if any(words in reasons for words in _NAMES_TAINTS):
        hints += _closed(nodes)
    return f"no node can take it: {'; '.join([*hints, reasons])}"


def _closed(nodes: list[Object]) -> list[str]:
    """Nodes that take no Pods, and why: the scheduler counts them and names neither."""
    each = sorted(f"node {node['metadata']['name']} {why}" for node in nodes if (why := _why_closed(node)))
    return each if len(each) <= NODES_MAX else [*each[:NODES_MAX], f"and {len(each) - NODES_MAX} more nodes"]


def _why_closed(node: Object) -> str:
    spec = node.get("spec") or {}
    cordon = [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}] if spec.get("unschedulable") else []
    taints = [t for t in [*cordon, *(spec.get("taints") or [])] if t.get("effect") in ("NoSchedule", "NoExecute")]
    each = (
        _TAINTS.get(t["key"]) or f"has the taint '{t['key']}{'=' if t.get('value') else ''}{t.get('value') or ''}'"
        for t in taints
    )
    return " and ".join(dict.fromkeys(each))


def _condition(item: Object) -> Object | None:
    conditions = (item.get("status") or {}).get("conditions") or []
    return next((c for c in conditions if c.get("type") == "PodScheduled"), None)
