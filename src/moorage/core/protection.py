"""What a service can be restored from, and whether that is as it should be: the backup part of its status. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from moorage.api.databackup import BackupPhase, DataBackup
from moorage.api.dataservice import BackupState, DataService, Gap, Rehearsal, Window
from moorage.core.backups import keep_days, moment, text
from moorage.core.retention import is_good
from moorage.core.schedule import ScheduleError, Seen, jitter, next_start, period, zone_of

State = Literal["True", "False", "Unknown"]
Judgement = tuple[State, str, str]
"""State, reason and message of BackupHealthy."""
PERIODS = 2
TOO_OLD = "TooOld"
GAPS_MAX = 50
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Archive:
    """What the worker that archives the service's log tells."""

    result: Mapping[str, Any] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True)
class Protection:
    """The part of the status that backups fill."""

    backup: BackupState = field(default_factory=BackupState)
    window: Window | None = None
    healthy: State = "Unknown"
    reason: str = "NoStore"
    message: str = "there is no store"
    again_seconds: float | None = None
    """When time alone changes it."""


@dataclass(frozen=True)
class ProtectionFacts:
    """What it is made from."""

    service: DataService
    backups: Sequence[DataBackup] = ()
    store: str | None = None
    store_trouble: str = ""
    """Why there is no store, or why it cannot be used now."""
    seen: Seen | None = None
    archive: Archive | None = None
    zone: str = "UTC"


def summary(facts: ProtectionFacts, now: datetime) -> Protection:
    """The backup, the window and the condition BackupHealthy of a service's status."""
    own = sorted(facts.backups, key=lambda b: (b.metadata.creation_timestamp or "", b.metadata.name))
    state = _state(facts, own, now)
    healthy, reason, message = _judge(facts, own, now)
    window = _window(facts, own)
    if facts.archive is not None and facts.archive.trouble:
        message = f"{message}; the log is not archived: {facts.archive.trouble}"
    return Protection(state, window, healthy, reason, message, _again_seconds(state, now))


def _state(facts: ProtectionFacts, own: Sequence[DataBackup], now: datetime) -> BackupState:
    good = [b for b in own if is_good(b)]
    verified = [b for b in good if b.status.verified]
    shared = {
        "store": facts.store,
        "last_success": max((b.status.end_time for b in good if b.status.end_time), default=None),
        "last_verified": max((b.status.verified_time for b in verified if b.status.verified_time), default=None),
        "next_run": _next_run(facts, now),
    }
    current = next((b for b in reversed(own) if b.status.phase not in (BackupPhase.SUCCEEDED, BackupPhase.FAILED)), None)
    last = current or max(own, key=_ended, default=None)
    if last is None:
        return BackupState.model_validate(shared)
    status = last.status
    return BackupState(
        phase=str(status.phase),
        msg=status.message,
        name=status.backup_name or last.metadata.name,
        start_time=status.start_time,
        end_time=status.end_time,
        reserved_days=keep_days(last, facts.service),
        task_id=status.task_id,
        **shared,
    )


def _ended(backup: DataBackup) -> tuple[str, str]:
    return backup.status.end_time or "", backup.metadata.name


def _next_run(facts: ProtectionFacts, now: datetime) -> str | None:
    policy, meta = facts.service.spec.backup, facts.service.metadata
    if not policy.enabled or facts.store is None or facts.seen is None:
        return None
    try:
        coming = next_start(policy, facts.seen, jitter(meta.namespace, meta.name, policy.spread_minutes), now)
    except ScheduleError:
        return None
    return text(coming) if coming is not None else None


def _judge(facts: ProtectionFacts, own: Sequence[DataBackup], now: datetime) -> Judgement:
    """No store and no schedule are choices, not alarms."""
    policy = facts.service.spec.backup
    if facts.store is None:
        return "Unknown", "NoStore", facts.store_trouble or "there is no store"
    if not policy.enabled:
        return "Unknown", "Disabled", "spec.backup.enabled is false: no backup is taken by schedule"
    try:
        zone_of(facts.zone)
        every = period(policy.schedule, facts.zone, now)
    except ScheduleError as error:
        return "False", "ScheduleUnusable", str(error)
    by_age = _judge_age(facts, own, every, now)
    if not facts.store_trouble:
        return by_age
    _, reason, message = by_age
    if reason == TOO_OLD:  # graver than what causes it
        return "False", TOO_OLD, f"{message}; {facts.store_trouble}"
    return "False", "StoreNotReady", facts.store_trouble


def _judge_age(facts: ProtectionFacts, own: Sequence[DataBackup], every: timedelta, now: datetime) -> Judgement:
    policy, started = facts.service.spec.backup, facts.seen.since if facts.seen is not None else now
    slack = timedelta(minutes=policy.spread_minutes + policy.start_within_minutes)
    refused = max((b for b in own if b.status.verified is False), key=_ended, default=None)
    good = [b for b in own if is_good(b)]
    newest = max((at for b in good if (at := moment(b.status.end_time)) is not None), default=None)
    verified = max((at for b in good if b.status.verified and (at := moment(b.status.end_time)) is not None), default=None)
    if refused is not None and (verified is None or (moment(refused.status.end_time) or now) > verified):
        return "False", "NotVerified", f"{refused.status.backup_name}: {refused.status.message}"
    if newest is None and now - started < PERIODS * every + slack:
        return "Unknown", "NoBackupYet", "no backup has been taken yet"
    if newest is None or now - newest > PERIODS * every + slack:
        when = f"since {text(newest)}" if newest is not None else "yet"
        return "False", TOO_OLD, f"no good backup {when}, which is more than two periods of the schedule{_last_failure(own)}"
    rehearsed_every = {Rehearsal.ALWAYS: every, Rehearsal.FIRST_OF_WEEK: max(every, WEEK)}.get(policy.rehearsal)
    if rehearsed_every is not None and now - (verified or max(started, _first(good, now))) > PERIODS * rehearsed_every + slack:
        return "False", "NotVerified", f"no backup was verified by a rehearsal for more than {PERIODS} periods{_last_note(good)}"
    return "True", "BackedUp", "the newest good backup is younger than two periods of the schedule"


def _first(good: Sequence[DataBackup], now: datetime) -> datetime:
    return min((at for b in good if (at := moment(b.status.end_time)) is not None), default=now)


def _last_failure(own: Sequence[DataBackup]) -> str:
    failed = max((b for b in own if b.status.phase is BackupPhase.FAILED), key=_ended, default=None)
    return f"; the last one failed: {failed.status.message}" if failed is not None else ""


def _last_note(good: Sequence[DataBackup]) -> str:
    noted = max((b for b in good if b.status.verify_message), key=_ended, default=None)
    return f"; the last rehearsal: {noted.status.verify_message}" if noted is not None else ""


def _window(facts: ProtectionFacts, own: Sequence[DataBackup]) -> Window | None:
    """From the oldest good backup that the archive reaches back to, up to its end. What a gap cuts off is said to be a gap."""
    archive = facts.archive.result if facts.archive is not None else {}
    begin, end = (moment(str(archive.get(name) or "")) for name in ("fromTime", "toTime"))
    if begin is None or end is None:
        return facts.service.status.window if facts.archive is not None else None
    starts = [at for b in own if is_good(b) and (at := moment(b.status.consistent_time)) is not None and begin <= at <= end]
    if not starts:
        return None
    gaps = [Gap(start=str(g["startTime"]), end=str(g["endTime"])) for g in archive.get("gaps", []) if "startTime" in g]
    return Window(start=text(min(starts)), end=text(end), gaps=gaps[-GAPS_MAX:])


def _again_seconds(state: BackupState, now: datetime) -> float | None:
    coming = moment(state.next_run)
    return max((coming - now).total_seconds() + 1.0, 1.0) if coming is not None else None
