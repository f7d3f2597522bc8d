"""Why a Pod cannot run, as a short sentence that stays the same while the cause does. Pure.

Kubernetes' own words come and go with every try; the CLI shows them beside ours.
"""

import re
from typing import Any

Object = dict[str, Any]

NO_VOLUME = "unbound immediate PersistentVolumeClaims"
_PULL = {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "RegistryUnavailable"}
_PULL_CAUSES = (
    (("not found", "manifest unknown", "does not exist"), "the registry does not have it"),
    (("unauthorized", "denied", "no basic auth", "forbidden", "authentication required"), "the registry refuses the login"),
    (
        ("no such host", "dial tcp", "i/o timeout", "connection refused", "unreachable", "deadline"),
        "the registry cannot be reached",
    ),
)
_OTHER = {"CrashLoopBackOff", "CreateContainerConfigError", "CreateContainerError", "RunContainerError"}


def pod_trouble(item: Object) -> str:
    """The sentence, or nothing when the Pod runs or may yet run by itself."""
    return _unplaced(item) or _not_running(item)


def waits_for_volume(item: Object) -> bool:
    """Whether it cannot be placed only because its volume is not there yet."""
    return NO_VOLUME in _scheduler_says(item)


def _scheduler_says(item: Object) -> str:
    conditions = (item.get("status") or {}).get("conditions") or []
    found = next((c for c in conditions if c.get("type") == "PodScheduled" and c.get("status") == "False"), None)
    return "" if found is None else str(found.get("message") or found.get("reason") or "it does not say why")


def _unplaced(item: Object) -> str:
    said = _scheduler_says(item)
    if not said or waits_for_volume(item):
        return ""
    reasons = re.sub(r"^\d+/\d+ nodes are available: ", "", said).partition(". ")[0].rstrip(".")
    hint = "every member needs a node of its own; " if "anti-affinity" in reasons else ""
    return f"no node can take it: {hint}{reasons.replace('node(s)', 'nodes')}"


def _not_running(item: Object) -> str:
    status = item.get("status") or {}
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        waiting = (container.get("state") or {}).get("waiting") or {}
        reason, image = waiting.get("reason"), container.get("image")
        if reason in _PULL:
            return f"image '{image}' cannot be pulled{_pull_cause(str(waiting.get('message') or ''))}"
        if reason == "InvalidImageName":
            return f"'{image}' is not the name of an image"
        if reason in _OTHER:
            return f"container '{container.get('name')}' does not run: {_end(container) or waiting.get('message') or reason}"
    return ""


def _pull_cause(message: str) -> str:
    said = message.lower()
    return next((f": {cause}" for words, cause in _PULL_CAUSES if any(w in said for w in words)), "")


def _end(container: Object) -> str:
    ended = (container.get("lastState") or {}).get("terminated") or {}
    if not ended:
        return ""
    return f"it ended with exit code {ended.get('exitCode')}" + (" (out of memory)" if ended.get("reason") == "OOMKilled" else "")
