"""What `deploy` sends."""

import pytest

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
