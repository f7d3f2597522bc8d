"""Events that a person can follow in `kubectl describe`. Reasons are API: never renamed."""

from datetime import datetime

from moorage.api.dataservice import API_VERSION, KIND, DataService, Health
from moorage.core.health import Verdict
from moorage.core.plan import Apply, ClearRequest, GrowClaim, Order, ReplacePod, StartAnew, Step
from moorage.kube.client import Kube, Object

_REASONS: dict[type, str] = {
    Apply: "ObjectApplied",
    Order: "OrderGiven",
    ReplacePod: "MemberReplaced",
    GrowClaim: "VolumeGrown",
    StartAnew: "StartedAnew",
    ClearRequest: "RequestDone",
}


def of_step(step: Step) -> tuple[str, str, str] | None:
    """Type, reason and message of a step that was done; None for those that change nothing."""
    reason = _REASONS.get(type(step))
    return ("Normal", reason, step.why) if reason is not None else None


def of_change(service: DataService, verdict: Verdict) -> tuple[str, str, str] | None:
    """The event of a change of colour, None when it stayed."""
    old = service.status
    if old.health_cluster == verdict.colour:
        return None
    if old.init.phase != "Succeeded" and verdict.colour is not Health.GREEN:
        # a service that is being built is not broken
        return (
            ("Normal", "Deploying", f"{len(verdict.members)} members are made") if old.health_cluster is Health.UNKNOWN else None
        )
    kind = "Normal" if verdict.colour is Health.GREEN else "Warning"
    return kind, f"Turned{str(verdict.colour).capitalize()}", verdict.message


async def emit(kube: Kube, service: DataService, event: tuple[str, str, str], now: datetime) -> None:
    kind, reason, message = event
    meta = service.metadata
    body: Object = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{meta.name}.{int(now.timestamp() * 1e6):x}", "namespace": meta.namespace},
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "name": meta.name,
            "namespace": meta.namespace,
            "uid": meta.uid,
        },
        "type": kind,
        "reason": reason,
        "message": message[:1000],
        "source": {"component": "moorage"},
        "firstTimestamp": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "lastTimestamp": now.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "count": 1,
    }
    await kube.create(body)
