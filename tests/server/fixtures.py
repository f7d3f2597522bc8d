"""One API server and one console for a whole session; each test has people and spaces of its own.

A folder of tests takes them into its `conftest.py`, and says there with `pages` what the console serves besides the API."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.console import Browser, Console
from tests.server.kubernetes import Kubernetes
from tests.server.people import PASSWORD, MakePerson, Someone, make_account

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def kubernetes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubernetes]:
    private = Kubernetes(tmp_path_factory.mktemp("kubernetes"))
    try:
        private.start()
        yield private
    finally:
        private.stop()


@pytest.fixture(scope="session")
def console(kubernetes: Kubernetes, pages: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    more = {"MOORAGE_WEB": str(pages)} if pages else {}
    server = Console(kubernetes, tmp_path_factory.mktemp("console"), more)
    try:
        server.start(sys.executable)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def admin(console: Console) -> Browser:
    """The first account, whose password was changed."""
    browser = console.browser()
    first = console.first_password()
    assert browser.sign_in("admin", first).status_code == 201
    assert browser.put("/session/password", {"old": first, "new": PASSWORD}).status_code == 204
    return browser


@pytest.fixture
def someone(console: Console, admin: Browser) -> MakePerson:
    """Makes a person."""

    def make(*groups: str) -> Someone:
        name = f"li{next(_NUMBERS)}"
        return Someone(name, make_account(console, admin, name, *groups))

    return make


@pytest.fixture
def space(kubernetes: Kubernetes) -> str:
    name = f"space{next(_NUMBERS)}"
    kubernetes.space(name)
    return name


@pytest.fixture
def editor(kubernetes: Kubernetes, someone: MakePerson, space: str) -> Someone:
    """May edit in `space`, and nowhere else."""
    person = someone()
    kubernetes.let(person.user, "edit", space)
    return person
