"""Retention never takes the last way back, whatever else happened."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from moorage.api.databackup import BackupPhase, DataBackup, Trigger, parse_databackup
from moorage.core.backups import text
from moorage.core.retention import deletable, expires, protected

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def backup(name: str, days_old: float, phase: str = "Succeeded", **status: Any) -> DataBackup:
    ended = text(NOW - timedelta(days=days_old))
    found = {"phase": phase, "endTime": ended, "consistentTime": ended} | status
    return parse_databackup({"metadata": {"name": name, "uid": name}, "spec": {"service": "orders"}, "status": found})


def gone(*backups: DataBackup, keep_days: int = 7, keep_last: int = 1, needed: frozenset[str] = frozenset()) -> list[str]:
    moments = {b.metadata.name: expires(b, keep_days) for b in backups}
    return deletable(backups, moments, keep_last, NOW, needed)


def test_what_is_older_than_it_is_kept_goes() -> None:
    assert gone(backup("old", 8), backup("new", 1)) == ["old"]


def test_the_newest_good_backup_stays_however_old_it_is() -> None:
    assert gone(backup("older", 400), backup("old", 300), backup("bad", 1, "Failed")) == ["older"]


def test_failed_ones_do_not_count_and_go_when_their_time_is_over() -> None:
    assert gone(backup("good", 300), backup("bad", 8, "Failed")) == ["bad"]


def test_the_newest_verified_backup_stays_besides_the_newest() -> None:
    backups = (backup("verified", 30, verified=True), backup("between", 20), backup("newest", 10))
    assert gone(*backups) == ["between"]


def test_a_backup_that_cannot_be_restored_protects_nothing() -> None:
    assert gone(backup("good", 300), backup("refused", 1, verified=False)) == []


def test_so_many_are_kept_however_old_they_are() -> None:
    backups = [backup(f"b{n}", 10 + n) for n in range(5)]
    assert gone(*backups, keep_last=3) == ["b3", "b4"]


def test_what_a_restore_reads_from_stays_until_it_is_done() -> None:
    assert gone(backup("old", 9), backup("new", 8), needed=frozenset({"old"})) == []


def test_a_safety_backup_is_kept_until_nothing_can_be_undone_with_it() -> None:
    safety = backup("safety", 8)
    until = NOW + timedelta(days=2)
    assert expires(safety, 7, until) == until
    assert expires(safety, 30, until) == NOW + timedelta(days=22)


def test_one_that_is_being_deleted_protects_nothing() -> None:
    leaving = backup("new", 1)
    leaving = leaving.model_copy(update={"metadata": leaving.metadata.model_copy(update={"deletion_timestamp": text(NOW)})})
    assert gone(backup("old", 300), leaving) == []


BACKUPS = st.lists(
    st.tuples(
        st.floats(0, 400), st.sampled_from(["Succeeded", "Failed", "Running", "Verifying"]), st.sampled_from([None, True, False])
    ),
    max_size=12,
)


@given(BACKUPS, st.integers(1, 30), st.integers(1, 4))
def test_the_newest_good_and_the_newest_verified_one_always_stay(
    found: list[tuple[float, str, bool | None]], keep_days: int, keep_last: int
) -> None:
    backups = [backup(f"b{n}", age, phase, verified=verified) for n, (age, phase, verified) in enumerate(found)]
    removed = gone(*backups, keep_days=keep_days, keep_last=keep_last)
    left = [b for b in backups if b.metadata.name not in removed]
    assert all(b.status.phase in (BackupPhase.SUCCEEDED, BackupPhase.FAILED) for b in backups if b.metadata.name in removed)
    good = [b for b in backups if b.is_good]
    if good:
        assert max(b.status.consistent_time or "" for b in good) == max(b.status.consistent_time or "" for b in left if b.is_good)
    assert len([b for b in left if b.is_good]) >= min(keep_last, len(good))
    verified = [b.status.consistent_time or "" for b in good if b.status.verified]
    if verified:
        assert max(verified) in [b.status.consistent_time for b in left if b.status.verified]
    assert protected(left, keep_last) == protected(backups, keep_last), "what is removed changes nothing for the next time"


def test_a_backup_that_is_found_in_a_store_stays_for_a_week_however_old_it_is() -> None:
    def found(days_ago: float) -> DataBackup:
        old = backup("found", 100)
        made = old.metadata.model_copy(update={"creation_timestamp": text(NOW - timedelta(days=days_ago))})
        spec = old.spec.model_copy(update={"trigger": Trigger.FOUND})
        return old.model_copy(update={"metadata": made, "spec": spec})

    assert gone(found(6), backup("newest", 0)) == []
    assert gone(found(8), backup("newest", 0)) == ["found"]
