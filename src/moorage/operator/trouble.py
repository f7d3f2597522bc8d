"""Why a Pod cannot run, or does not run yet, as a short sentence that stays the same while the cause does. Pure.

Kubernetes' own words come and go with every try; the CLI shows them beside ours.
"""

import re
from datetime import datetime
from typing import Any

from moorage.core import names
from moorage.operator import told
from moorage.operator.look import Look, created, moment
from moorage.operator.scheduling import waits_for_scheduler, why_unplaced
from moorage.operator.told import Finding
from moorage.operator.wording import in_words

Object = dict[str, Any]

SLOW_SECONDS = 15
"""A container whose image is there starts within two or three seconds, also on a busy node."""
UNPULLED_SECONDS = 4
"""A node writes into the Pod that a pull failed only when it tries again, 10 s and more after it told so in an Event."""
STUCK_SECONDS = 60
"""What Kubernetes has failed at for this long, it will hardly do alone."""
OVERDUE_SECONDS = 30.0
JUST_STARTED_SECONDS = 60.0
RESTARTS_OF_A_LOOP = 2

_PULL = {"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "RegistryUnavailable"}
_PULL_CAUSES = (
    (("not found", "manifest unknown", "does not exist"), "the registry does not have it"),
    (("unauthorized", "denied", "no basic auth", "forbidden", "authentication required"), "the registry refuses the login"),
    (
        ("no such host", "dial tcp", "i/o timeout", "connection refused", "unreachable", "deadline", "handshake timeout"),
        "the registry cannot be reached",
    ),
    (("no space left",), "its node has no room left for it"),
)
_REFUSED_BY_NODE = {"CreateContainerConfigError", "CreateContainerError", "RunContainerError"}
_SHORT_OF = {"ephemeral-storage": "disk space", "inodes": "room for files", "pids": "room for processes"}


def pod_trouble(item: Object, look: Look, nodes: list[Object]) -> Finding | None:
    """The finding, or None when the Pod runs or is on its way. `nodes`: those of the cluster."""
    return _failed(item) or _unplaced(item, look, nodes) or _not_running(item, look) or _slow(item, look) or _overdue(item, look)


def _status(item: Object) -> Object:
    return item.get("status") or {}


def _node(item: Object) -> str:
    return str((item.get("spec") or {}).get("nodeName") or "")


def _containers(item: Object) -> list[Object]:
    """In the order they start in."""
    return [*(_status(item).get("initContainerStatuses") or []), *(_status(item).get("containerStatuses") or [])]


def _failed(item: Object) -> Finding | None:
    """Its StatefulSet removes it and makes another one; what its node lacks stands in the way of that one, too."""
    status = _status(item)
    if status.get("phase") != "Failed":
        return None
    message = str(status.get("message") or "")
    low = re.search(r"low on resource: ([\w-]+)", message)
    if low is not None:
        lacking = _SHORT_OF.get(low[1], low[1])
        return Finding(f"node {_node(item)} evicted it because it is short of {lacking}: make room on that node")
    why = ": ".join(filter(None, (str(status.get("reason") or ""), in_words(message)))) or "it does not say why"
    return Finding(f"node {_node(item)} gave it up: {why}", needs_somebody=False)


def _unplaced(item: Object, look: Look, nodes: list[Object]) -> Finding | None:
    if says := why_unplaced(item, nodes):
        return Finding(says)
    if waits_for_scheduler(item) and look.lasted(created(item), SLOW_SECONDS):
        return Finding(f"its Pod has no node after {SLOW_SECONDS} s, and no scheduler says why", needs_somebody=False)
    return None


def _not_running(item: Object, look: Look) -> Finding | None:
    """What the containers' own states say."""
    for container in _containers(item):
        waiting = (container.get("state") or {}).get("waiting") or {}
        reason, image, message = waiting.get("reason"), container.get("image"), str(waiting.get("message") or "")
        if reason in _PULL:
            return Finding(f"image '{image}' cannot be pulled{_pull_cause(message)}")
        if reason == "InvalidImageName":
            return Finding(f"'{image}' is not the name of an image")
        if reason in _REFUSED_BY_NODE:
            return Finding(f"container '{container.get('name')}' cannot be started: {in_words(message) or reason}")
        if reason == "CrashLoopBackOff" or _fell_just_now(container, look):
            return _end(container, is_loop=reason == "CrashLoopBackOff")
    return None


def _pull_cause(message: str) -> str:
    said = message.lower()
    return next((f": {cause}" for words, cause in _PULL_CAUSES if any(w in said for w in words)), "")


def _fell_just_now(container: Object, look: Look) -> bool:
    """Between two falls of a loop, so that the sentence stays while the container is tried again."""
    state, fallen = container.get("state") or {}, _fallen(container)
    running = state.get("running")
    if fallen is None or container.get("ready"):
        return False
    if running is not None and look.lasted(moment(running.get("startedAt")), JUST_STARTED_SECONDS):
        return False
    loops = int(container.get("restartCount") or 0) >= RESTARTS_OF_A_LOOP
    return loops or fallen.get("reason") == "OOMKilled"


def _fallen(container: Object) -> Object | None:
    """How it ended last, when that was no orderly end."""
    for state in (container.get("state") or {}, container.get("lastState") or {}):
        ended: Object | None = state.get("terminated")
        if ended is not None:
            return ended if ended.get("exitCode") else None
    return None


def _end(container: Object, *, is_loop: bool) -> Finding:
    name = container.get("name")
    ended = _fallen(container) or {}
    loops = is_loop or int(container.get("restartCount") or 0) >= RESTARTS_OF_A_LOOP
    if ended.get("reason") == "OOMKilled":
        advice = "raise resources.memory" if name == names.CONTAINER_MEMBER else "the platform's image needs more memory"
        return Finding(f"container '{name}' ran out of memory and was killed: {advice}", needs_somebody=loops)
    if ended.get("reason") in ("StartError", "ContainerCannotRun"):
        return Finding(
            f"container '{name}' cannot be started: {in_words(str(ended.get('message') or '')) or 'it does not say why'}"
        )
    code = ended.get("exitCode")
    how = f"it ended with exit code {code}" if code is not None else "it ends as soon as it is started"
    where = " (moorage logs)" if name == names.CONTAINER_MEMBER else ""
    return Finding(f"container '{name}' does not run: {how}; its log says why{where}", needs_somebody=loops)


def _slow(item: Object, look: Look) -> Finding | None:
    """Its node has it and its containers do not come.

    Kubernetes says in the Pod whether the sandbox stands only after the first image is there, so the rest is asked for.
    """
    current = next((c for c in _containers(item) if not _is_done(c)), {})
    running = "running" in (current.get("state") or {})
    if not _node(item) or item["metadata"].get("deletionTimestamp") or (running and not _is_init(item, current)):
        return None
    since = _last_progress(item)
    if not running and (unpulled := _unpulled(item, current, since, look)) is not None:
        return unpulled
    if not look.lasted(since, SLOW_SECONDS):
        return None
    if running:
        return Finding(f"container '{current['name']}' has not finished after {SLOW_SECONDS} s", needs_somebody=False)
    news = look.events(item, since)
    failed = told.why_not_started(news)
    if failed is not None:
        return Finding(failed.says, failed.needs_somebody and look.lasted(since, STUCK_SECONDS))
    image = told.is_pulling(news)
    if image is None and _has_sandbox(item):
        image = str(current.get("image") or "")
    if image:
        return Finding(
            f"image '{image}' is still being pulled after {SLOW_SECONDS} s: does its registry answer?", needs_somebody=False
        )
    return Finding(f"node {_node(item)} has not started its containers after {SLOW_SECONDS} s", needs_somebody=False)


def _unpulled(item: Object, container: Object, since: datetime | None, look: Look) -> Finding | None:
    image = str(container.get("image") or "")
    if not image or not look.lasted(since, UNPULLED_SECONDS):
        return None
    why = told.why_not_pulled(look.events(item, since), image)
    return Finding(f"image '{image}' cannot be pulled{_pull_cause(why)}") if why is not None else None


def _is_done(container: Object) -> bool:
    ended = (container.get("state") or {}).get("terminated")
    return ended is not None and not ended.get("exitCode")


def _is_init(item: Object, container: Object) -> bool:
    return any(c.get("name") == container.get("name") for c in _status(item).get("initContainerStatuses") or [])


def _has_sandbox(item: Object) -> bool:
    conditions = _status(item).get("conditions") or []
    return any(c.get("type") == "PodReadyToStartContainers" and c.get("status") == "True" for c in conditions)


def _last_progress(item: Object) -> datetime | None:
    """When anything of the Pod changed last: it was placed, its sandbox came, a container of it started or ended."""
    stamps = [c.get("lastTransitionTime") for c in _status(item).get("conditions") or []]
    states = [state for container in _containers(item) for state in _states(container)]
    stamps += [(state.get("terminated") or {}).get("finishedAt") for state in states]
    stamps += [(state.get("running") or {}).get("startedAt") for state in states]
    return max((at for at in map(moment, stamps) if at is not None), default=moment(_status(item).get("startTime")))


def _states(container: Object) -> tuple[Object, Object]:
    return container.get("state") or {}, container.get("lastState") or {}


def _overdue(item: Object, look: Look) -> Finding | None:
    """`deletionTimestamp` is the time by which a Pod should have ended."""
    if not look.lasted(moment(item["metadata"].get("deletionTimestamp")), OVERDUE_SECONDS):
        return None
    return Finding(
        f"its old Pod does not end: node {_node(item)} does not stop it, or a finalizer holds it", needs_somebody=False
    )
