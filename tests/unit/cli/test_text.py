"""Numbers and times as people read them, and what `status` says of backups."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.cli.backup_facts import backup_facts
from moorage.views.service import service_view
from moorage.views.text import left_seconds, moment, size, span
from tests.unit.cli.fake import service

NOW = datetime(2026, 11, 6, 20, tzinfo=UTC)
SHANGHAI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("count_bytes", "text"),
    [
        (None, "-"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1048575, "1.0 MiB"),
        (5 << 30, "5.0 GiB"),
        (3 << 50, "3072.0 TiB"),
    ],
)
def test_sizes(count_bytes: int | None, text: str) -> None:
    assert size(count_bytes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "-"), (0.44, "0.4 s"), (41.2, "41 s"), (59.7, "1 min 0 s"), (3599.6, "1 h 0 min"), (8000, "2 h 13 min")],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert span(seconds) == text


def test_a_time_is_shown_in_the_persons_zone_with_the_zone() -> None:
    assert moment("2026-11-06T18:30:05Z", SHANGHAI) == "2026-11-07 02:30:05 +08:00"
    assert moment(None) == "-"


def told(status: dict[str, Any], **spec: Any) -> dict[str, str]:
    return dict(backup_facts(service_view(service(status=status, **spec)), NOW, SHANGHAI))


def test_status_says_when_there_is_no_backup_and_why() -> None:
    assert told({}) == {"backup": "none: no store"}
    assert told({}, backup={"enabled": False}) == {"backup": "none: switched off"}


def test_status_says_the_last_backup_the_next_and_what_can_be_restored() -> None:
    status = {
        "backup": {
            "phase": "Failed",
            "msg": "the bucket is full",
            "name": "b2",
            "store": "s3",
            "lastSuccess": "2026-11-06T17:00:00Z",
            "nextRun": "2026-11-06T18:30:00Z",
            "reservedDays": 7,
        },
        "window": {
            "start": "2026-11-01T00:00:00Z",
            "end": "2026-11-06T19:59:30Z",
            "gaps": [{"start": f"2026-11-0{day}T00:00:00Z", "end": f"2026-11-0{day}T01:00:00Z"} for day in (1, 2, 3, 4)],
        },
        "conditions": [
            {"type": "BackupHealthy", "status": "False", "reason": "TooOld", "message": "no verified backup for 15 days"}
        ],
    }
    found = told(status)
    assert found["backup"] == "b2 Failed: the bucket is full; last good one 3h ago"
    assert found["backups"] == "next at 2026-11-07 02:30:00 +08:00, to s3, kept 7 days"
    assert found["backup health"] == "no verified backup for 15 days"
    assert found["can restore"].startswith(
        "any moment from 2026-11-01 08:00:00 +08:00 to 2026-11-07 03:59:30 +08:00, but not: 2026-11-02"
    )
    assert found["can restore"].endswith("2026-11-04 09:00:00 +08:00 and 1 earlier")


def test_status_says_until_when_a_restore_can_be_undone() -> None:
    found = told({"restore": {"phase": "Succeeded", "name": "restore-orders-1", "undoUntil": "2026-11-09T18:32:00Z"}})
    assert found["restore"] == "restore-orders-1 Succeeded"
    assert found["undo"] == "possible until 2026-11-10 02:32:00 +08:00: moorage restore undo orders"


@given(done=st.integers(0, 10**13), whole=st.integers(1, 10**13), pace=st.integers(1, 10**10))
def test_what_is_left_takes_as_long_as_it_took_to_come_here(done: int, whole: int, pace: int) -> None:
    left = left_seconds(done, whole, pace)
    if done >= whole:
        assert left is None, "what comes after the data has no figures"
    else:
        assert left is not None
        assert left * pace == pytest.approx(whole - done)


@pytest.mark.parametrize(("done", "whole", "pace"), [(None, 10, 1), (1, None, 1), (1, 0, 1), (1, 10, None), (1, 10, 0)])
def test_no_end_is_foretold_where_nobody_knows(done: int | None, whole: int | None, pace: int | None) -> None:
    assert left_seconds(done, whole, pace) is None
