"""What people and drills reach a real group with: the application's own user, its database, and the client of the image."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from moorage.engines.drill import WriteError
from moorage.engines.mysql.drilling import OWN, MySqlDrill
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, running
from tests.ports import HOST


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


def secret(group: Group, port: int, folder: Path) -> Path:
    """As the service's Secret for applications is mounted."""
    folder.mkdir()
    password = (group.places.internal / "app-password").read_text()
    authority = (group.places.tls / "ca.crt").read_text()
    entries = {"host": HOST, "port": str(port), "username": "app", "password": password, "ca.crt": authority}
    for name, value in entries.items():
        (folder / name).write_text(value)
    return folder


async def test_a_drill_reads_back_what_was_confirmed_and_leaves_nothing(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        await group.until("its users exist", lambda: _is_known(group))
        first = group.primary()

        def drilled() -> None:
            with MySqlDrill(secret(group, first.port, tmp_path / "app")) as client:
                client.begin()
                for number in range(1, 4):
                    client.write(number)
                client.begin()  # an earlier one may have left something
                client.write(7)
                assert client.read() == {7}
                client.end()

        await asyncio.to_thread(drilled)
        assert OWN not in {row["Database"] for row in group.ask(first, "SHOW DATABASES")}


async def test_a_drill_says_what_was_not_confirmed_and_goes_on_when_it_is_answered_again(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        await group.until("its users exist", lambda: _is_known(group))
        first = group.primary()
        with MySqlDrill(secret(group, first.port, tmp_path / "app")) as client:
            await asyncio.to_thread(client.begin)
            group.kill(first)
            await first.member._process.wait()
            with pytest.raises(WriteError, match=r"OperationalError"):
                await asyncio.to_thread(client.write, 1)
            forms = asyncio.create_task(group.form_again())
            await forms
            await group.until_well()
            await asyncio.to_thread(client.write, 2)
            assert await asyncio.to_thread(client.read) == {2}
            await asyncio.to_thread(client.end)


async def test_an_administrator_takes_nothing_from_the_agents_own_users(tmp_path: Path) -> None:
    """Their names are reserved by MySQL itself: they have a right that no person has."""
    async with running(tmp_path, 1) as group:
        await group.until("its users exist", lambda: _is_known(group))
        first = group.primary()
        for statement in (
            "DROP USER 'moorage'@'localhost'",
            "ALTER USER 'moorage_group'@'%' IDENTIFIED BY 'mine'",
            "RENAME USER 'moorage'@'localhost' TO 'mine'@'localhost'",
            "REVOKE CLONE_ADMIN ON *.* FROM 'moorage'@'localhost'",
        ):
            with pytest.raises(Exception, match=r"SYSTEM_USER|Access denied"):
                group.ask(first, statement)


async def test_the_client_of_the_image_logs_in_without_a_password_in_sight(tmp_path: Path) -> None:
    """Its command as `moorage connect` starts it; only where things are mounted is this machine's."""
    from moorage.engines.mysql.catalog import CARD  # noqa: PLC0415

    async with running(tmp_path, 1) as group:
        await group.until("its users exist", lambda: _is_known(group))
        first = group.primary()
        places = {"/run/moorage/internal": str(group.places.internal), "/run/moorage/tls": str(group.places.tls)}
        command = list(CARD.client("app", ("--batch", f"--port={first.port}", "-e", "SELECT CURRENT_USER()")))
        for mounted, here in places.items():
            command = [word.replace(mounted, here) for word in command]
        done = await asyncio.to_thread(
            subprocess.run, command, env=os.environ, capture_output=True, text=True, check=False, timeout=30
        )
        assert (done.returncode, done.stdout.splitlines()[1:]) == (0, ["app@%"]), done.stderr
        assert (group.places.internal / "app-password").read_text() not in " ".join(command)


def _is_known(group: Group) -> bool:
    try:
        group.ask(group.primary(), "SELECT 1", "app")
    except Exception:  # it is looked again
        return False
    return True
