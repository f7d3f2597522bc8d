"""What the console tells people to run reaches a real MySQL as the application's user."""

import asyncio
from pathlib import Path

import pytest

from moorage.engines.mysql.engine import ENGINE
from tests import snippets
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import HOST, Group, Life, running
from tests.unit.build import service


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


def secret(group: Group, life: Life) -> dict[str, str]:
    """As the service's Secret for applications has it, but for the port, which is this machine's."""
    password = (group.places.internal / "app-password").read_text()
    bound = ENGINE.topology.binding(service(engine="mysql"), 1, "app", password, HOST)
    plain = {"host": HOST, "port": str(life.port), "username": "app", "password": password}
    here = f"{HOST}:{ENGINE.card.port}"
    return {key: value.replace(here, f"{HOST}:{life.port}") for key, value in bound.items()} | plain


async def test_each_snippet_reaches_the_engine(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        (life,) = group.lives
        await group.until("its application gets in", lambda: _gets_in(group))
        entries = secret(group, life)
        for language in filter(snippets.can_run, snippets.languages("mysql")):
            folder = tmp_path / language
            folder.mkdir()
            text = snippets.filled("mysql", language, entries)
            assert "app@%" in await asyncio.to_thread(snippets.output, language, text, folder), language


def _gets_in(group: Group) -> bool:
    try:
        group.ask(group.primary(), "SELECT 1", "app", database="app")
    except Exception:  # it is looked again
        return False
    return True
