"""One look at a service: the time it is taken at, what was told in answer to the last one, and what it would still like to know.

Pure: it gathers questions and moments, the loop asks and waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moorage.core.stand_in import LOST_NODE_SECONDS
from moorage.operator.told import Told

ASK_SECONDS_MIN, ASK_SECONDS_MAX = 10.0, 600.0
"""No change of an object announces an Event, so what is stuck is asked about again, the more seldom the longer it is stuck."""


@dataclass
class Look:
    """Handed through `observe`; what it gathers depends on nothing but what it was given."""

    now: datetime
    told: Mapping[str, tuple[Told, ...]] = field(default_factory=dict)
    """Uid of an object → its events."""
    missing: Mapping[str, datetime] = field(default_factory=dict)
    """Pod that its StatefulSet is to keep and that is not there → since when."""
    lost_node_seconds: float = LOST_NODE_SECONDS
    """How long a node may be silent before another member stands in for the one on it; 0: nobody ever does."""
    no_place: str = ""
    """Why no repair that copies data may begin now for the sake of other services; empty when one may."""
    volumes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """PersistentVolumes that were asked for, by name."""
    volumes_asked: set[str] = field(default_factory=set)
    """Names of those that would tell more."""
    asks: dict[str, float] = field(default_factory=dict)
    """Uids of the objects whose events would tell more → how old an answer may be, in seconds."""
    again_seconds: float | None = None
    """When time alone may change what is seen; None: never."""

    def lasted(self, since: datetime | None, seconds: float) -> bool:
        """Whether that long has passed; when it has not, the moment when it will have is kept. False when `since` is unknown."""
        if since is None:
            return False
        left = seconds - (self.now - since).total_seconds()
        if left > 0:
            self.again(left)
        return left <= 0

    def events(self, item: Mapping[str, Any], since: datetime | None) -> tuple[Told, ...]:
        """What was told of an object that is stuck since then; asks for it."""
        uid = str(item["metadata"].get("uid"))
        stuck_seconds = (self.now - since).total_seconds() if since is not None else 0.0
        self.asks[uid] = min(max(stuck_seconds / 4, ASK_SECONDS_MIN), ASK_SECONDS_MAX)
        self.again(self.asks[uid])
        return self.told.get(uid, ())

    def volume(self, name: str) -> Mapping[str, Any] | None:
        """A PersistentVolume as it was told; None: it does not exist, or was not told yet."""
        self.volumes_asked.add(name)
        return self.volumes.get(name)

    def again(self, seconds: float) -> None:
        self.again_seconds = seconds if self.again_seconds is None else min(self.again_seconds, seconds)


def moment(text: str | None) -> datetime | None:
    """A time as Kubernetes writes it."""
    return datetime.fromisoformat(text) if text else None


def text(now: datetime) -> str:
    """RFC 3339 in UTC, whole seconds, as Kubernetes writes it."""
    return now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def created(item: Mapping[str, Any]) -> datetime | None:
    return moment(item["metadata"].get("creationTimestamp"))
