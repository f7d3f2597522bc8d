"""The first deployment as named steps, so that a person sees what happens and what it waits for. Pure."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydantic import Field

from moorage.api.conditions import ConditionType, Resource
from moorage.api.dataservice import DataService, Health
from moorage.views.service import parse
from moorage.views.text import took

Object = dict[str, Any]


class StepName(StrEnum):
    """In this order."""

    ACCEPTED = "accepted"
    """The operator has seen the service."""
    PLACED = "placed"
    """Every member has a host and a volume."""
    PULLED = "pulled"
    """Every member's image is there and its container runs."""
    FORMED = "formed"
    """The members are one cluster with a primary."""
    ADDRESSED = "addressed"
    """The address leads to the primary."""
    GREEN = "green"
    """No member is abnormal."""


class StepState(StrEnum):
    DONE = "done"
    RUNNING = "running"
    WAITING = "waiting"
    """For the steps before it."""
    STUCK = "stuck"
    """It goes on when somebody puts right what the message says."""


class ProgressStep(Resource):
    name: StepName
    state: StepState
    message: str = ""
    ended: str | None = None
    """When it was done, as far as Kubernetes knows."""
    done: int | None = None
    wanted: int | None = None
    """Members that are so far, of those that are wanted."""


class Progress(Resource):
    """Where the first deployment stands."""

    phase: str
    """Pending, Running or Succeeded."""
    message: str = ""
    started: str | None = None
    ended: str | None = None
    took_seconds: float | None = None
    steps: list[ProgressStep] = Field(default=[])


_Fact = tuple[StepName, bool, int | None, str | None]
"""Step, whether it is done, members that are so far, and when it was done."""


def progress(obj: Object, pods: Sequence[Object]) -> Progress:
    service = parse(obj)
    init, wanted = service.status.init, service.status.expected_nodes or 1
    facts: list[_Fact] = [
        (StepName.ACCEPTED, service.status.observed_generation is not None, None, init.start_time),
        _counted(StepName.PLACED, [_holds_since(p, "PodScheduled") for p in pods], wanted),
        _counted(StepName.PULLED, [_runs_since(p) for p in pods], wanted),
        (StepName.FORMED, service.status.primary is not None, None, None),
        (StepName.ADDRESSED, _is_true(service, ConditionType.READY), None, _since(service, ConditionType.READY)),
        (StepName.GREEN, service.status.health_cluster is Health.GREEN, None, init.end_time),
    ]
    over = init.phase == "Succeeded"
    stuck = next((c.message for c in service.status.conditions if c.type == ConditionType.STALLED and c.status == "True"), "")
    now = service.status.health_msg or init.msg
    steps: list[ProgressStep] = []
    for name, is_done, count, ended in facts:
        before_done = all(step.state is StepState.DONE for step in steps)
        if is_done or over:
            state, message = StepState.DONE, ""
        elif not before_done:
            state, message = StepState.WAITING, ""
        else:
            state, message = (StepState.STUCK, stuck) if stuck else (StepState.RUNNING, now)
        steps.append(
            ProgressStep(
                name=name,
                state=state,
                message=message,
                ended=ended if state is StepState.DONE else None,
                done=count,
                wanted=wanted if count is not None else None,
            )
        )
    return Progress(
        phase=init.phase,
        message=init.msg,
        started=init.start_time or service.metadata.creation_timestamp,
        ended=init.end_time,
        took_seconds=took(init.start_time, init.end_time),
        steps=steps,
    )


def _counted(name: StepName, since: Sequence[str | None], wanted: int) -> tuple[StepName, bool, int, str | None]:
    """How many members are so far, and when the last of them was; `since`: by member, None for one that is not."""
    times = [time for time in since if time is not None]
    return name, len(times) >= wanted, min(len(times), wanted), max(times) if len(times) >= wanted else None


def _holds_since(pod: Object, condition: str) -> str | None:
    conditions = (pod.get("status") or {}).get("conditions") or []
    found = next((c for c in conditions if c.get("type") == condition and c.get("status") == "True"), None)
    return str(found.get("lastTransitionTime") or "") if found is not None else None


def _runs_since(pod: Object) -> str | None:
    """When its engine's container was started."""
    for container in (pod.get("status") or {}).get("containerStatuses") or []:
        running = (container.get("state") or {}).get("running")
        if running is not None:
            return str(running.get("startedAt") or "")
    return None


def _is_true(service: DataService, kind: ConditionType) -> bool:
    return any(c.type == kind and c.status == "True" for c in service.status.conditions)


def _since(service: DataService, kind: ConditionType) -> str | None:
    return next((c.last_transition_time for c in service.status.conditions if c.type == kind and c.status == "True"), None)
