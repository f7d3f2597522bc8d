"""What `deploy` sends."""

import pytest

from moorage.cli.errors import ExitCode
from tests.unit.cli.conftest import Moorage


@pytest.mark.parametrize(
    ("options", "policy"),
    [
        ((), None),
        (("--no-backup",), {"enabled": False}),
        (("--backup", "--no-point-in-time"), {"enabled": True, "pointInTime": False}),
        (
            ("--backup-store", "s3", "--backup-schedule", "0 3 * * 0", "--keep-days", "30"),
            {"store": "s3", "schedule": "0 3 * * 0", "keepDays": 30},
        ),
    ],
)
def test_only_what_was_said_about_backups_is_sent(
    moorage: Moorage, options: tuple[str, ...], policy: dict[str, object] | None
) -> None:
    ran = moorage("deploy", "mongodb", "orders", *options)
    assert ran.client.specs("DataService")["orders"].get("backup") == policy


def test_a_schedule_that_never_comes_is_refused_before_anything_is_sent(moorage: Moorage) -> None:
    ran = moorage("deploy", "mongodb", "orders", "--backup-schedule", "0 0 31 2/9 *")
    assert ran.code == ExitCode.USAGE
    assert "never comes: none of its months has that day" in ran.err
    assert ran.client.specs("DataService") == {}
