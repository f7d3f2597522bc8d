"""Who runs beside whom."""

import pytest

from tests.sharing import group_of


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("tests/e2e/test_cli.py::test_a", "tests/e2e/test_tls.py::test_b", True),
        ("tests/e2e/test_cli.py::test_a", "tests/e2e/test_backup.py::test_b", False),
        ("tests/e2e/test_backup.py::test_a[1]", "tests/e2e/test_backup.py::test_b", True),
        ("tests/engine/test_recovery.py::test_a", "tests/engine/test_accounts.py::test_a", False),
        ("tests/web/test_backups.py::test_a", "tests/web/test_spaces.py::test_b", True),
        ("tests/web/test_backups.py::test_a", "tests/server/test_oidc.py::test_b", False),
        ("tests/unit/core/test_plan.py::test_a[x]", "tests/unit/core/test_plan.py::test_a[y]", False),
    ],
)
def test_what_shares_something_dear_stays_together(one: str, other: str, together: bool) -> None:
    assert (group_of(one) == group_of(other)) is together
