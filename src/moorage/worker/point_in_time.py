"""A moment between two backups: the slices of the log that lead to it, or the sentence why none do."""

from collections.abc import Iterator
from dataclasses import dataclass

from moorage.backup.manifest import Manifest
from moorage.backup.store import ObjectStore
from moorage.engines.backup import EngineBackup, Target
from moorage.worker.work import TaskError, Work


@dataclass(frozen=True)
class Plan:
    """How the moment is reached."""

    target: Target
    after: str


def plan(work: Work, engine: EngineBackup, store: ObjectStore, made: Manifest) -> Plan | None:
    if not work.task.body.get("until"):
        return None
    raise TaskError("not yet")


def pieces(work: Work, store: ObjectStore, wanted: Plan) -> Iterator[bytes]:
    raise NotImplementedError
