"""Game days: whether a service may be drilled, and what its drills showed."""

from enum import StrEnum

from pydantic import Field

from moorage.api.conditions import Resource
from moorage.api.drill_kinds import DrillKind

__all__ = ["DRILLS_MAX", "OVER", "Drill", "DrillKind", "DrillPhase", "Drills"]

DRILLS_MAX = 20
"""So many of the last drills are kept."""
MESSAGE_LENGTH_MAX = 1024


class DrillPhase(StrEnum):
    """How far a drill is."""

    PREPARING = "Preparing"
    """A worker begins to write."""
    RUNNING = "Running"
    """The fault was made; waits for green."""
    CHECKING = "Checking"
    """The worker reads back what was acknowledged."""
    SUCCEEDED = "Succeeded"
    """Green again in time, and no acknowledged write was lost."""
    FAILED = "Failed"
    """A write was lost, it was not green in time, or it was broken off; the message says which."""


OVER = frozenset({DrillPhase.SUCCEEDED, DrillPhase.FAILED})


class Drills(Resource):
    """Whether `moorage drill` may break the service on purpose."""

    allowed: bool = Field(
        default=False,
        description="True: a person who may change the service may have members killed, frozen or emptied on purpose, one at a "
        "time, while a worker measures what clients notice.",
    )


class Drill(Resource):
    """One drill. Times are RFC 3339 in UTC with milliseconds."""

    kind: DrillKind
    requested: str = Field(max_length=40)
    """When it was asked for: tells one drill from the next."""
    phase: DrillPhase = DrillPhase.PREPARING
    member: str = Field(default="", max_length=128)
    """Whom the fault hit; empty until it was made."""
    term: int = 0
    """The engine's term before the fault."""
    start_time: str | None = None
    """When the fault was made."""
    green_time: str | None = None
    check_time: str | None = None
    """When the writer was told to read back what it wrote."""
    end_time: str | None = None
    seconds_to_green: float | None = None
    """From the fault until no member was abnormal."""
    gap_seconds: float | None = None
    """The longest time in which no write was acknowledged, as one client saw it that went through the address."""
    acknowledged: int | None = None
    """Writes that were acknowledged by a majority."""
    lost: int | None = None
    """Those of them that were not there afterwards; null when nobody could look."""
    errors: int | None = None
    """Writes that ended with an error: the client has to try them again."""
    message: str = Field(default="", max_length=MESSAGE_LENGTH_MAX)

    @property
    def is_over(self) -> bool:
        return self.phase in OVER
