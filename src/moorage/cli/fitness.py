"""Whether this Kubernetes is fit for Moorage, and Moorage well: findings from what the API server has. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from moorage.api.conditions import Resource

Object = dict[str, Any]

OLDEST_KUBERNETES = (1, 30)
NODES_WANTED = 3
SKEW_SECONDS_MAX = 5.0
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    """It works; something is less safe or less comfortable than it could be."""
    BAD = "bad"
    """Something does not work."""


class Finding(Resource):
    """One thing that was looked at."""

    what: str
    grade: Grade
    says: str


@dataclass(frozen=True)
class Seen:
    """None: it could not be read."""

    server_time: datetime
    own_time: datetime
    nodes: Sequence[Object] | None = None
    classes: Sequence[Object] | None = None
    operators: Sequence[Object] | None = None
    services: Sequence[Object] | None = None
    stores: Sequence[Object] | None = None
    unread: dict[str, str] = field(default_factory=dict)
    """What could not be read, and why."""


def findings(seen: Seen) -> list[Finding]:
    """In the order in which somebody would put them right."""
    found = [_clock(seen.server_time, seen.own_time)]
    if seen.operators is not None:
        found.append(_operator(seen.operators))
    if seen.nodes is not None:
        found += [_nodes(seen.nodes), _versions(seen.nodes)]
    if seen.classes is not None:
        found += _storage(seen.classes)
    if seen.stores is not None and seen.services is not None:
        found += _stores(seen.stores, seen.services)
    if seen.services is not None:
        found.append(_services(seen.services))
    return found + [Finding(what=what, grade=Grade.WARNING, says=f"not looked at: {why}") for what, why in seen.unread.items()]


def _clock(server: datetime, own: datetime) -> Finding:
    skew = abs((server - own).total_seconds())
    if skew > SKEW_SECONDS_MAX:
        says = f"this machine and the API server differ by {skew:.0f} s: set their clocks; S3 refuses requests by a wrong clock"
        return Finding(what="clock", grade=Grade.WARNING, says=says)
    return Finding(what="clock", grade=Grade.OK, says="this machine and the API server agree")


def _operator(found: Sequence[Object]) -> Finding:
    ready = sum(int((o.get("status") or {}).get("readyReplicas") or 0) for o in found)
    if not found:
        return Finding(what="operator", grade=Grade.BAD, says="Moorage is not installed: helm install moorage charts/moorage")
    if ready == 0:
        says = "no replica of the operator is ready: services run and fail over, and nothing is repaired or backed up"
        return Finding(what="operator", grade=Grade.BAD, says=says)
    if ready == 1:
        return Finding(
            what="operator", grade=Grade.WARNING, says="one replica is ready: nobody stands by should its node be lost"
        )
    return Finding(what="operator", grade=Grade.OK, says=f"{ready} replicas are ready")


def _is_ready(node: Object) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or []
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _nodes(nodes: Sequence[Object]) -> Finding:
    lost = sorted(n["metadata"]["name"] for n in nodes if not _is_ready(n))
    usable = [n for n in nodes if _is_ready(n) and not (n.get("spec") or {}).get("unschedulable")]
    if lost:
        return Finding(what="nodes", grade=Grade.BAD, says=f"{', '.join(lost)} not heard from")
    if len(usable) < NODES_WANTED:
        says = f"{len(usable)} nodes take Pods: a service of three members needs three, one for each"
        return Finding(what="nodes", grade=Grade.WARNING, says=says)
    return Finding(what="nodes", grade=Grade.OK, says=f"{len(usable)} nodes take Pods")


def _versions(nodes: Sequence[Object]) -> Finding:
    found = {str(((n.get("status") or {}).get("nodeInfo") or {}).get("kubeletVersion") or "") for n in nodes}
    old = sorted(v for v in found if v and _numbers(v) < OLDEST_KUBERNETES)
    if old:
        return Finding(what="versions", grade=Grade.BAD, says=f"Kubernetes {', '.join(old)} is too old: 1.30 or newer is needed")
    return Finding(what="versions", grade=Grade.OK, says=f"Kubernetes {', '.join(sorted(found - {''}))}")


def _numbers(version: str) -> tuple[int, int]:
    major, _, rest = version.removeprefix("v").partition(".")
    minor = "".join(digit for digit in rest.partition(".")[0] if digit.isdigit())
    return int(major or 0), int(minor or 0)


def _storage(classes: Sequence[Object]) -> list[Finding]:
    default = [c for c in classes if (c["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true"]
    names = ", ".join(sorted(c["metadata"]["name"] for c in classes)) or "none"
    if not default:
        says = f"no StorageClass is the default ({names}): services must name one in storage.className"
        return [Finding(what="storage", grade=Grade.WARNING if classes else Grade.BAD, says=says)]
    if len(default) > 1:
        twice = ", ".join(sorted(c["metadata"]["name"] for c in default))
        return [Finding(what="storage", grade=Grade.WARNING, says=f"{twice} are all default: the newest one is taken")]
    name = default[0]["metadata"]["name"]
    if not default[0].get("allowVolumeExpansion"):
        says = f"volumes of {name} cannot grow: allow it (allowVolumeExpansion: true), or a full volume stays full"
        return [Finding(what="storage", grade=Grade.WARNING, says=says)]
    return [Finding(what="storage", grade=Grade.OK, says=f"{name} is the default, and its volumes can grow")]


def _stores(stores: Sequence[Object], services: Sequence[Object]) -> list[Finding]:
    """By namespace, where there are services."""
    found = []
    for namespace in sorted({s["metadata"]["namespace"] for s in services}):
        mine = [s for s in stores if s["metadata"]["namespace"] == namespace]
        away = [s for s in mine if (s.get("status") or {}).get("phase") == "NotReady"]
        what = f"backups in {namespace}"
        if away:
            says = "; ".join(f"{s['metadata']['name']}: {s['status'].get('message')}" for s in away)
            found.append(Finding(what=what, grade=Grade.BAD, says=says))
        elif not any((s.get("spec") or {}).get("default") for s in mine):
            says = "there is no default store, so nothing is backed up by schedule: moorage store add"
            found.append(Finding(what=what, grade=Grade.WARNING, says=says))
        else:
            found.append(Finding(what=what, grade=Grade.OK, says=", ".join(s["metadata"]["name"] for s in mine)))
    return found


def _services(services: Sequence[Object]) -> Finding:
    def colour(item: Object) -> str:
        return str((item.get("status") or {}).get("healthCluster") or "unknown")

    bad = sorted(f"{s['metadata']['namespace']}/{s['metadata']['name']} {colour(s)}" for s in services if colour(s) != "green")
    is_red = any(colour(s) == "red" for s in services)
    if bad:
        return Finding(what="services", grade=Grade.BAD if is_red else Grade.WARNING, says=", ".join(bad))
    return Finding(what="services", grade=Grade.OK, says=f"all {len(services)} are green" if services else "there are none")
