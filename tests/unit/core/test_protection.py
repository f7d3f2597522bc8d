"""What a service's status says of its backups."""

from datetime import UTC, datetime, timedelta
from typing import Any

from moorage.api.databackup import DataBackup, parse_databackup
from moorage.core.backups import text
from moorage.core.protection import Archive, Protection, ProtectionFacts, summary
from moorage.core.schedule import Seen
from tests.unit.build import service

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LONG_AGO = Seen("30 2 * * *", "UTC", NOW - timedelta(days=100))


def backup(name: str, hours_old: float, phase: str = "Succeeded", **status: Any) -> DataBackup:
    ended = text(NOW - timedelta(hours=hours_old))
    found = {"phase": phase, "backupName": name, "endTime": ended, "consistentTime": ended, "startTime": ended} | status
    meta = {"name": name, "uid": name, "creationTimestamp": ended}
    return parse_databackup({"metadata": meta, "spec": {"service": "orders"}, "status": found})


def of(
    *backups: DataBackup, seen: Seen | None = LONG_AGO, archive: Archive | None = None, policy: Any = None, **facts: Any
) -> Protection:
    found = ProtectionFacts(service(backup=policy or {}), backups, "main", seen=seen, archive=archive)
    return summary(ProtectionFacts(**{**found.__dict__, **facts}), NOW)


VERIFIED: dict[str, Any] = {"verified": True, "verifiedTime": text(NOW)}


def test_a_service_with_a_fresh_verified_backup_is_well() -> None:
    found = of(backup("b1", 10, **VERIFIED))
    assert (found.healthy, found.reason) == ("True", "BackedUp")
    assert found.backup.name == "b1"
    assert found.backup.reserved_days == 7
    assert found.backup.next_run == text(found_next())


def found_next() -> datetime:
    from moorage.api.dataservice import BackupPolicy  # noqa: PLC0415
    from moorage.core.schedule import jitter  # noqa: PLC0415

    return datetime(2026, 11, 26, 2, 30, tzinfo=UTC) + jitter("shop", "orders", BackupPolicy().spread_minutes)


def test_no_store_is_no_alarm() -> None:
    found = of(store=None, store_trouble="there is no store")
    assert (found.healthy, found.reason) == ("Unknown", "NoStore")
    assert found.backup.next_run is None


def test_a_store_that_cannot_be_used_is_said() -> None:
    found = of(backup("b1", 1, **VERIFIED), store_trouble="store 'main' cannot be used: wrong key")
    assert (found.healthy, found.message) == ("False", "store 'main' cannot be used: wrong key")


def test_a_store_that_cannot_be_used_hides_no_missed_backup() -> None:
    """Somebody has to act now who could wait until the morning for the store alone."""
    found = of(backup("old", 80, **VERIFIED), store_trouble="store 'main' cannot be used: wrong key")
    assert (found.healthy, found.reason) == ("False", "TooOld")
    assert found.message.endswith("more than two periods of the schedule; store 'main' cannot be used: wrong key")


def test_a_service_that_has_just_begun_is_not_accused() -> None:
    found = of(seen=Seen("30 2 * * *", "UTC", NOW - timedelta(hours=1)))
    assert (found.healthy, found.reason) == ("Unknown", "NoBackupYet")
    assert found.backup.phase == "None"


def test_no_good_backup_in_two_periods_is_an_alarm_and_says_why_the_last_one_failed() -> None:
    found = of(backup("old", 80, **VERIFIED), backup("bad", 10, "Failed", message="the disk is full"))
    assert (found.healthy, found.reason) == ("False", "TooOld")
    assert "the disk is full" in found.message


def test_one_missed_run_is_no_alarm() -> None:
    assert of(backup("b1", 40, **VERIFIED)).healthy == "True"


def test_a_backup_that_could_not_be_restored_is_an_alarm_until_a_newer_one_can() -> None:
    refused = backup("b2", 10, verified=False, message="its rehearsal failed")
    assert of(backup("b1", 34, **VERIFIED), refused).reason == "NotVerified"
    assert of(refused, backup("b3", 1, **VERIFIED)).healthy == "True"


def test_no_verified_backup_in_two_periods_of_rehearsals_is_an_alarm() -> None:
    plain = [backup(f"b{day}", 24 * day + 10) for day in range(20)]
    assert of(*plain).reason == "NotVerified"
    assert of(*plain, policy={"rehearsal": "Never"}).healthy == "True"
    assert of(*plain, backup("v", 24 * 6, **VERIFIED)).healthy == "True"


def test_disabled_is_a_choice() -> None:
    assert of(policy={"enabled": False}).reason == "Disabled"


def test_what_runs_is_shown_before_what_ran() -> None:
    found = of(backup("b1", 10), backup("b2", 0, "Running", endTime=None, taskId="t-1"))
    assert (found.backup.phase, found.backup.name, found.backup.task_id) == ("Running", "b2", "t-1")
    assert found.backup.last_success == text(NOW - timedelta(hours=10))


def test_the_window_begins_with_the_oldest_backup_that_the_log_reaches_back_to() -> None:
    log_began = NOW - timedelta(hours=30)
    archive = Archive({"fromTime": text(log_began), "toTime": text(NOW), "gaps": []})
    found = of(backup("before", 40), backup("b1", 20), backup("b2", 10), archive=archive).window
    assert found is not None
    assert (found.start, found.end) == (text(NOW - timedelta(hours=20)), text(NOW))


def test_what_an_engines_positions_look_like_is_the_engines_business() -> None:
    """MySQL's begin with microseconds."""
    log_began = NOW - timedelta(hours=30)
    told = {"from": "1795823201564259.0000000000000000001", "fromTime": text(log_began), "toTime": text(NOW), "gaps": []}
    found = of(backup("b1", 20), archive=Archive(told)).window
    assert found is not None
    assert found.start == text(NOW - timedelta(hours=20))


def test_an_archive_that_tells_no_beginning_changes_no_window() -> None:
    """A worker of the version before, until it is replaced."""
    assert of(backup("b1", 20), archive=Archive({"from": "1.1", "toTime": text(NOW), "gaps": []})).window is None


def test_gaps_are_shown() -> None:
    gap = {"start": "1.1", "end": "2.1", "startTime": text(NOW - timedelta(hours=5)), "endTime": text(NOW - timedelta(hours=4))}
    archive = Archive({"fromTime": text(NOW - timedelta(days=9)), "toTime": text(NOW), "gaps": [gap]})
    found = of(backup("b1", 20), archive=archive).window
    assert found is not None
    assert (found.gaps[0].start, found.gaps[0].end) == (gap["startTime"], gap["endTime"])


def test_an_archive_in_trouble_is_a_sentence_and_no_alarm() -> None:
    found = of(backup("b1", 10, **VERIFIED), archive=Archive(trouble="the store does not answer"))
    assert found.healthy == "True"
    assert found.message.endswith("; the log is not archived: the store does not answer")


def test_a_zone_that_does_not_exist_is_an_alarm_that_says_what_is_allowed() -> None:
    found = of(zone="Mars/Base")
    assert (found.healthy, found.reason) == ("False", "ScheduleUnusable")
    assert "Europe/Berlin" in found.message
