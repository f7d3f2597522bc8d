"""What the console tells people to run reaches a real MongoDB as the application's user."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorage.engines.mongodb.engine import ENGINE
from moorage.engines.mongodb.users import USERS, create_command
from tests import snippets
from tests.engine.replica import HOST, ReplicaSet, running
from tests.unit.build import service

PASSWORD = 'it\'s "50%" $HOME\\n'


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    with running(tmp_path_factory.mktemp("one"), 1) as found:
        roles = next(roles for name, _, roles in USERS if name == "app")
        with found.client() as client:
            client["admin"].command(create_command("app", PASSWORD, roles))
        yield found


@pytest.mark.parametrize("language", snippets.languages("mongodb"))
def test_a_snippet_reaches_the_engine(language: str, one: ReplicaSet, tmp_path: Path) -> None:
    if not snippets.can_run(language) or (language == "shell" and not snippets.can_run("node")):
        pytest.skip("this machine has no program for it (mongosh is one of Node's)")
    bound = ENGINE.topology.binding(service(), 1, "app", PASSWORD, HOST)
    uri = bound["direct-uri"].replace(f":{ENGINE.card.port}/", f":{one.members[0].port}/")
    told = snippets.output(language, snippets.filled("mongodb", language, {"uri": uri}), tmp_path)
    assert re.search(r"\bok\W+(numberDouble\W+)?1\b", told), "each driver prints the answer in its own way"
