"""When the log's slice is written."""

import pytest

from moorage.worker.archive import IDLE_SECONDS_MAX, SLICE_BYTES_MAX, SLICE_SECONDS_MAX, is_due


@pytest.mark.parametrize(
    ("raw_bytes", "age_seconds", "changed_seconds", "due"),
    [
        (100, SLICE_SECONDS_MAX, SLICE_SECONDS_MAX, True),
        (100, IDLE_SECONDS_MAX - 1, SLICE_SECONDS_MAX, True),
        (100, IDLE_SECONDS_MAX - 1, 1.0, False),
        (100, IDLE_SECONDS_MAX - 1, None, False),
        (100, IDLE_SECONDS_MAX, None, True),
        (SLICE_BYTES_MAX, 1.0, 1.0, True),
    ],
    ids=["a minute after a change", "a change after a quiet time", "a fresh change", "nothing", "nothing for long", "much"],
)
def test_a_change_is_in_the_store_within_a_minute_and_a_quiet_service_costs_little(
    raw_bytes: int, age_seconds: float, changed_seconds: float | None, due: bool
) -> None:
    assert is_due(raw_bytes, age_seconds, changed_seconds) is due
