"""What the loop knows of a kind of resource: a controller looks at one of them, and can say why it does not."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from moorage.kube.reflector import Key

Work = tuple[str, str, str]
"""What the queue holds: kind, namespace and name of one of our own resources."""
OWN_KINDS = ("DataService", "BackupStore", "DataBackup", "DataRestore")


@dataclass(frozen=True)
class Pass:
    """What a pass found out; `again_seconds` None: only a change makes another pass worth it."""

    again_seconds: float | None = None


class Controller(Protocol):
    """Of one kind. A pass starts from what is there, whoever made it; it may be cut off anywhere and is then done again."""

    async def reconcile(self, at: Key) -> Pass:
        """One pass for one resource, which may be gone by now. Raises KubeError; the pass is then tried again."""

    async def explain(self, at: Key, why: str, *, needs_somebody: bool) -> None:
        """Says in the resource why it is not looked at."""


def utc_now() -> datetime:
    return datetime.now(UTC)
