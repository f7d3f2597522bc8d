"""What people do to the two users of a service in a real engine, and that its clients still get in."""

from pathlib import Path

import pytest

from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, Life, running


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


async def gets_in(group: Group, life: Life, user: str) -> bool:
    return await life.member._can_log_in(user, (group.places.internal / f"{user}-password").read_text().strip())


async def test_a_user_that_was_dropped_or_has_another_password_is_put_back_and_rights_stay(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        (life,) = group.lives
        await life.member.prepare_primary()
        group.ask(life, "CREATE USER 'report'@'%' IDENTIFIED BY 'mine'")
        group.ask(life, "GRANT SELECT ON sys.* TO 'app'@'%'")
        group.ask(life, "ALTER USER 'app'@'%' IDENTIFIED BY 'another-one'")
        assert not await gets_in(group, life, "app")
        await life.member._accounts.keep()
        assert await gets_in(group, life, "app")
        rights = [str(row) for row in group.ask(life, "SHOW GRANTS FOR 'app'@'%'")]
        assert any("`sys`" in right for right in rights)
        assert await life.member._can_log_in("report", "mine")
        group.ask(life, "DROP USER 'admin'@'%'")
        await life.member._accounts.keep()
        assert await gets_in(group, life, "admin")


async def test_the_database_that_the_uris_name_is_there_and_whoever_drops_it_is_obeyed(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        (life,) = group.lives
        await life.member.prepare_primary()
        group.ask(life, "CREATE TABLE app.things (n INT PRIMARY KEY)", "app")
        group.ask(life, "DROP DATABASE app", "app")
        await life.member._accounts.keep()
        assert not group.ask(life, "SHOW DATABASES LIKE 'app'")
