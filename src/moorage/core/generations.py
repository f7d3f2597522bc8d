"""Generations of a service: each has volumes and members of its own, one of them serves (decision 10 of the design).

The truth is an annotation on the DataService. Here it is read, and here a service is looked at as if another one served.
"""

from dataclasses import dataclass

from moorage.api.dataservice import DataService, Init
from moorage.core import names

UNDO_DAYS = 3
"""How long a generation is kept of which nobody says how long."""


@dataclass(frozen=True)
class Generation:
    """One that does not serve: being filled, being started, or kept for an undo."""

    number: int
    replicas: int | None = None
    """Pods that its StatefulSet is to keep; None: it has no StatefulSet."""
    pods: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    """By ordinal."""
    is_unfinished: bool = False
    """A restore made it and it never served: nobody misses it."""
    is_in_use: bool = False
    """A restore that is not over works with it."""
    retired: str | None = None
    kept_until: str | None = None
    is_expired: bool = False


def serving(service: DataService) -> int:
    """The generation that serves."""
    return names.generation_of(service.metadata.annotations)


_ASKED = (
    names.ANNOTATION_PROMOTE,
    names.ANNOTATION_RESTART,
    names.ANNOTATION_REBUILD,
    names.ANNOTATION_RESTORE,
    names.ANNOTATION_MAINTENANCE,
)
"""What a person asks of the members that serve."""


def seen_as(service: DataService, generation: int, *, has_run: bool) -> DataService:
    """The service as if this generation were the one that serves. `has_run`: its members made a cluster once."""
    marks = {**service.metadata.annotations, names.ANNOTATION_GENERATION: str(generation)}
    for asked in _ASKED:
        marks.pop(asked, None)
    status = service.status.model_copy(update={"init": Init(phase="Succeeded" if has_run else "Running")})
    metadata = service.metadata.model_copy(update={"annotations": marks})
    return service.model_copy(update={"metadata": metadata, "status": status})
