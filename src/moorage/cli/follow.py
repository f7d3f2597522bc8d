"""Waiting: looks at an object until something is so. Polls: one small GET twice a second outlives any broken watch."""

import time
from collections.abc import Callable, Iterator

from moorage.api.dataservice import DataService, Health
from moorage.cli.cluster import Cluster, Object
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.output import say
from moorage.views.event import EventView, of_service
from moorage.views.service import parse

LOOK_SECONDS = 0.5
ANSWER_SECONDS_MAX = 5.0
"""A request is taken away a moment before its Event is there."""


def changes(read: Callable[[], Object], timeout_seconds: float | None) -> Iterator[Object]:
    """What `read` finds, now and after each change. Ends at the timeout; raises when it is gone.

    An API server that does not answer for a while is waited for, and that is said once.
    """
    deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
    version, is_silent = None, False
    while True:
        try:
            found = read()
            is_silent = False
            if found["metadata"].get("resourceVersion") != version:
                version = found["metadata"].get("resourceVersion")
                yield found
        except CliError as error:
            if error.code is not ExitCode.ERROR:
                raise
            if not is_silent:
                say(f"{error}; trying on")
            is_silent = True
        if deadline is not None and time.monotonic() >= deadline:
            return
        time.sleep(LOOK_SECONDS)


def until(cluster: Cluster, name: str, is_done: Callable[[DataService], bool], timeout_seconds: float) -> Object:
    """The service once it is so; says each new sentence on the way. Raises a TIMEOUT CliError with the last one."""
    said = ""
    for found in changes(lambda: cluster.service(name), timeout_seconds):
        service = parse(found)
        if is_done(service):
            return found
        sentence = _progress(service)
        if sentence != said:
            say(sentence)
            said = sentence
    message = f"not done after {timeout_seconds:.0f} s" + (f"; last seen: {said}" if said else "") + "; it goes on by itself"
    raise CliError(message, ExitCode.TIMEOUT, f"moorage why {name} -n {cluster.namespace}")


def is_green(service: DataService) -> bool:
    """Whether the newest spec runs and nothing is abnormal."""
    seen = (service.status.observed_generation or 0) >= service.metadata.generation
    return seen and service.status.health_cluster is Health.GREEN


def _progress(service: DataService) -> str:
    status = service.status
    if status.observed_generation is None:
        return "waiting: the operator has not looked at it yet"
    step = f" ({status.repair.reason})" if status.repair is not None and status.repair.reason != status.health_msg else ""
    return f"{status.health_cluster}, {status.members_ready or '0'} members: {status.health_msg}{step}"


def answers(cluster: Cluster, name: str) -> list[EventView]:
    """What the operator said so far of requests to this service; nothing when this person may not read Events."""
    try:
        return [e for e in of_service(cluster.events(), name) if e.reason == "RequestDone"]
    except CliError as error:
        if error.code is not ExitCode.FORBIDDEN:
            raise
        return []


def answer(cluster: Cluster, name: str, before: list[EventView]) -> str:
    """Its word on a request that it just took away: what it had not said `before`, by nobody's clock. Empty: none came."""
    deadline = time.monotonic() + ANSWER_SECONDS_MAX
    while not (fresh := [e.message for e in answers(cluster, name) if e not in before]):
        if time.monotonic() >= deadline:
            return ""
        time.sleep(LOOK_SECONDS)
    return fresh[-1]


def carried_out(cluster: Cluster, name: str, annotation: str, word: str, before: list[EventView], limit_seconds: float) -> Object:
    """The service once the request in `annotation` is taken away. Raises a CONFLICT CliError unless the answer holds `word`."""
    found = until(cluster, name, lambda s: annotation not in s.metadata.annotations, limit_seconds)
    said = answer(cluster, name, before)
    if word not in said:
        why = said or "the operator took the request away, and what it said cannot be read"
        raise CliError(why, ExitCode.CONFLICT, f"moorage why {name} -n {cluster.namespace}")
    return found
