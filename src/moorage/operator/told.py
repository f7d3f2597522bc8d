"""What Kubernetes tells in Events and nowhere else: why a Pod is not made, or a volume not made, attached or mounted. Pure.

An Event is a note about the past. It is believed only while the object itself still shows that something is stuck.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from moorage.kube.refusal import is_soon_over
from moorage.operator.wording import in_words

Object = dict[str, Any]

SAME_TROUBLE = timedelta(minutes=3)
"""Kubernetes tries a mount every two minutes at least: what was told this long before the newest news is over."""
TRIED_AGAIN = timedelta(seconds=20)
ONE_SECOND = timedelta(seconds=1)
"""Events tell whole seconds."""
CAUSES_MAX = 3
_MANY = "(combined from similar events): "

_UNSTARTED = {
    "FailedAttachVolume",
    "FailedMount",
    "FailedMapVolume",
    "FailedCreatePodSandBox",
    "FailedCreatePodContainer",
    "NetworkNotReady",
}
_UNDER_WAY = {"Pulling", "Pulled", "Created", "Started"}
_VOLUME = re.compile(r"^(?P<what>\w+)\.\S+ failed for volume '(?P<volume>[^']+)' ?:? ?(?P<why>.*)$")
_REFUSED_POD = re.compile(r"^create (?:Claim \S+ for )?Pod (?P<pod>\S+) in StatefulSet \S+ failed error: (?P<why>.*)$", re.DOTALL)
_STILL_ATTACHED = "its volume is still attached to another node; Kubernetes frees it within minutes once that node is stopped"
_REFUSAL = ("is forbidden", "is invalid", "denied the request", "denied request")


@dataclass(frozen=True)
class Told:
    """One Event: when it was seen last, its reason and its message."""

    at: datetime
    reason: str
    message: str


@dataclass(frozen=True)
class Finding:
    """Why something is stuck, and whether it stays so until somebody acts; else it may yet come by itself."""

    says: str
    needs_somebody: bool = True


def read(events: Iterable[Object]) -> tuple[Told, ...]:
    """The events, oldest first; in one second what goes on comes after what failed."""
    found = (Told(_when(e), str(e.get("reason") or ""), str(e.get("message") or "").removeprefix(_MANY)) for e in events)
    return tuple(sorted(found, key=lambda t: (t.at, t.reason in _UNDER_WAY)))


def _when(event: Object) -> datetime:
    series = event.get("series") or {}
    stamps = (series.get("lastObservedTime"), event.get("lastTimestamp"), event.get("eventTime"))
    return datetime.fromisoformat(next((s for s in stamps if s), event["metadata"]["creationTimestamp"]))


def why_no_pods(told: Iterable[Told], missing: Mapping[str, datetime], now: datetime) -> dict[str, Finding]:
    """Pod → why its StatefulSet could not make it. One refusal ends a round, so it speaks for those that come after it, too.

    `missing`: Pod → since when. What was told before that is an old story, unless the Pod is missing for so long that
    Kubernetes must have tried again: it soon stops to write the same event anew.
    """
    newest: dict[str, Finding] = {}
    last: Finding | None = None
    for one in told:
        found = _REFUSED_POD.match(one.message) if one.reason == "FailedCreate" else None
        since = missing.get(found["pod"]) if found is not None else None
        if found is not None and since is not None and (one.at >= since - ONE_SECOND or now - since >= TRIED_AGAIN):
            last = newest[found["pod"]] = Finding(in_words(found["why"]), _is_refusal(found["why"]))
    return {} if last is None else {pod: newest.get(pod, last) for pod in missing}


def _is_refusal(message: str) -> bool:
    return any(words in message for words in _REFUSAL) and not is_soon_over(message)


def why_no_volume(told: Iterable[Told]) -> str:
    """Why a claim's volume is not made; empty when nobody said that it failed."""
    return _newest(told, "ProvisioningFailed")


def why_not_grown(told: Iterable[Told], since: datetime | None) -> str:
    """Why a volume that is asked to grow since then does not, from resizers that do not write it into the claim's conditions."""
    return _newest((one for one in told if since is None or one.at >= since), "VolumeResizeFailed")


def why_no_address(told: Iterable[Told]) -> str:
    """Why a Service has no load-balancer address."""
    return _newest(told, "SyncLoadBalancerFailed", "AllocationFailed")


def _newest(told: Iterable[Told], *reasons: str) -> str:
    said = [one.message for one in told if one.reason in reasons]
    return in_words(said[-1]) if said else ""


def is_pulling(told: Iterable[Told]) -> str | None:
    """The image that a Pod's node pulls now; empty when it pulls none, None when nothing was told."""
    last = next((one for one in reversed(tuple(told)) if one.reason in _UNDER_WAY), None)
    if last is None:
        return None
    return last.message.partition('"')[2].partition('"')[0] if last.reason == "Pulling" else ""


def why_not_pulled(told: Iterable[Told], image: str) -> str | None:
    """What the registry or the way to it said when a Pod's node tried it last; None when none failed, or it has it now."""
    begins, why = f'Failed to pull image "{image}": ', None
    for one in told:
        if one.reason == "Failed" and one.message.startswith(begins):
            why = one.message.removeprefix(begins)
        elif one.reason == "Pulled" and f'"{image}"' in one.message:
            why = None
    return why


def why_not_started(told: Iterable[Told]) -> Finding | None:
    """Why a Pod's volumes or its sandbox are not there; None when its node got further than that, or nothing failed."""
    known = [one for one in told if one.reason in _UNSTARTED | _UNDER_WAY]
    if not known or known[-1].reason in _UNDER_WAY:
        return None
    newest = known[-1].at
    failed = {_unstarted(one) for one in known if one.reason in _UNSTARTED and newest - one.at <= SAME_TROUBLE}
    exact = sorted(failed - {""}) or ["its volumes are not there yet"]
    return Finding("; ".join(exact[:CAUSES_MAX]), needs_somebody=exact != [_STILL_ATTACHED])


def _unstarted(one: Told) -> str:
    """Empty for the summary that Kubernetes adds to the exact causes."""
    said = in_words(one.message)
    if said.startswith("Multi-Attach error"):
        return _STILL_ATTACHED
    found = _VOLUME.match(said)
    if found is not None:
        done = "attached" if found["what"] == "AttachVolume" else "mounted"
        return f"its volume '{found['volume']}' cannot be {done}: {found['why']}"
    if "unmounted volumes=" in said or "timed out waiting for the condition" in said:
        return ""
    if one.reason in ("FailedCreatePodSandBox", "NetworkNotReady"):
        return f"its node cannot give it a network or a sandbox: {said.removeprefix('Failed to create pod sandbox: ')}"
    return said
