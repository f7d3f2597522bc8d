"""A moment between two backups: the slices of the log that lead to it, or the sentence why none do.

Asked before anything is written: a restore of hours must not find at its end that the moment cannot be reached.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from moorage.backup import layout
from moorage.backup.layout import Slice
from moorage.backup.manifest import Manifest
from moorage.backup.store import ObjectStore
from moorage.engines.backup import EngineBackup, Target
from moorage.worker.logfiles import read_slice
from moorage.worker.slices import Chain, chain
from moorage.worker.work import TaskError, Work


@dataclass(frozen=True)
class Plan:
    """How the moment is reached."""

    target: Target
    after: str
    """The position at which the backup stands."""
    slices: tuple[Slice, ...]


def plan(work: Work, engine: EngineBackup, store: ObjectStore, made: Manifest) -> Plan | None:
    """None when the backup itself is all that is wanted. Raises TaskError when the moment cannot be reached exactly."""
    until = work.task.body.get("until")
    if not until:
        return None
    target = Target(position=str(until.get("position") or ""), time=str(until.get("time") or ""))
    if bool(target.position) == bool(target.time):
        raise TaskError("the task's 'until' names exactly one of 'position' and 'time'", can_be_repeated=False)
    if made.position is None:
        raise TaskError(
            f"{made.backup_name} does not say where in the log it stands, so no moment can be reached from it;"
            " choose another backup",
            can_be_repeated=False,
        )
    if until.get("timeline") and until["timeline"] != made.position.timeline:
        raise TaskError(
            f"{made.backup_name} belongs to another history of the service than the moment that is asked for: between the two"
            " it was restored or made anew; choose a backup of after that",
            can_be_repeated=False,
        )
    _refuse_too_early(engine, made, target)
    return _path(work, engine, store, made, target)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 - has no zone: refused below
    if moment.tzinfo is None:
        raise TaskError(
            f"'{text}' is no moment with a zone; write it like 2026-11-06T12:34:56+08:00 or …Z", can_be_repeated=False
        )
    return moment


def _refuse_too_early(engine: EngineBackup, made: Manifest, target: Target) -> None:
    assert made.position is not None
    if target.position:
        is_too_early, wanted = target.position < made.position.end, engine.time_of(target.position)
    else:
        is_too_early, wanted = _moment(target.time) < _moment(made.consistent_time), target.time
    if is_too_early:
        raise TaskError(
            f"{made.backup_name} holds what was there at {made.consistent_time}, and {wanted} is before that; choose an earlier"
            f" backup, or a moment from {made.consistent_time} on",
            can_be_repeated=False,
        )


def _path(work: Work, engine: EngineBackup, store: ObjectStore, made: Manifest, target: Target) -> Plan:
    """The slices up to the one in which the target lies."""
    assert made.position is not None
    after = made.position.end
    if target.position == after:
        return Plan(target, after, ())
    prefix = layout.log_prefix(made.engine, made.namespace, made.service, made.position.timeline)
    path = chain([s for held in store.list(prefix) if (s := layout.parse_slice(held.key)) is not None], after)
    least = target.position or engine.position_at(target.time)
    reached = made.consistent_time
    for count, each in enumerate(path.slices, start=1):
        if each.end < least:
            continue
        if target.position:
            return Plan(target, after, path.slices[:count])
        reached = engine.time_of_last(read_slice(work, store, made, each))
        if _moment(reached) >= _moment(target.time):
            return Plan(target, after, path.slices[:count])
    if path.slices and path.end < least:
        reached = engine.time_of_last(read_slice(work, store, made, path.slices[-1]))
    raise TaskError(_why_not(engine, made, target, reached, path), can_be_repeated=path.next_start is None)


def _why_not(engine: EngineBackup, made: Manifest, target: Target, reached: str, path: Chain) -> str:
    wanted = target.time or engine.time_of(target.position)
    if path.next_start is None:
        return (
            f"{wanted} cannot be reached: the log in the store ends at {reached}; that is the latest moment that can be restored"
            f" from {made.backup_name}"
        )
    goes_on = engine.time_of(path.next_start)
    return (
        f"{wanted} cannot be reached from {made.backup_name}: the log has a gap from {reached} to {goes_on}; the nearest moments"
        f" are {reached}, and any that a backup taken after {goes_on} leads to"
    )


def pieces(work: Work, store: ObjectStore, made: Manifest, wanted: Plan) -> Iterator[bytes]:
    """The log, one slice after another."""
    for each in wanted.slices:
        work.raise_if_stopped()
        yield read_slice(work, store, made, each)
