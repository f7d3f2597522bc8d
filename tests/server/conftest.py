"""One API server and one console for all of these tests; each test has people and spaces of its own."""

import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.server.console import Browser, Console
from tests.server.kubernetes import Kubernetes

PASSWORD = "correct horse battery 9"
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
def console(kubernetes: Kubernetes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    server = Console(kubernetes, tmp_path_factory.mktemp("console"))
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


def make_account(console: Console, admin: Browser, name: str, *groups: str) -> Browser:
    """A local account that has changed its first password, signed in."""
    made = admin.post("/accounts", {"name": name, "groups": list(groups)})
    assert made.status_code == 201, made.text
    first = made.json()["password"]
    browser = console.browser()
    assert browser.sign_in(name, first).status_code == 201
    assert browser.put("/session/password", {"old": first, "new": PASSWORD}).status_code == 204
    return browser


@dataclass(frozen=True)
class Someone:
    """A person of a test, signed in."""

    name: str
    browser: Browser

    @property
    def user(self) -> str:
        return f"moorage:{self.name}"


MakePerson = Callable[..., Someone]


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
