"""A group of real members: it forms from empty folders, and holds what it promises."""

import time
from pathlib import Path

import pytest

from moorage.core.report import Role
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import running


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


async def test_three_empty_members_become_one_group(tmp_path: Path) -> None:
    begun = time.monotonic()
    async with running(tmp_path) as group:
        print(f"a group of three from empty folders: {time.monotonic() - begun:.1f} s")
        first = group.lives[0]
        assert first.report.role is Role.PRIMARY
        assert [x.report.configured for x in group.lives] == [("orders-g1-0", "orders-g1-1", "orders-g1-2")] * 3
        await group.until("its application has a database", lambda: bool(group.ask(first, "SHOW DATABASES LIKE 'app'")))
        group.ask(first, "CREATE TABLE app.numbers (n INT PRIMARY KEY)", "app")
        group.ask(first, "INSERT INTO app.numbers VALUES (1), (2)", "app")
        await group.until("all have it", lambda: all(len(group.ask(x, "SELECT n FROM app.numbers")) == 2 for x in group.lives))
