"""One API server and one console for all of these tests; each test has people and spaces of its own."""

import itertools
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from moorage.core.names import certificate_secret
from moorage.monitoring.telling.channel import Kind
from moorage.server.relay_secrets import token_secret
from tests.server.console import Browser, Console
from tests.server.kubernetes import CONSOLE_NAMESPACE, RELAY_USER, Kubernetes
from tests.server.relay import RelayProcess
from tests.unit.server.receivers import Receiver

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


@pytest.fixture
def someone(console: Console, admin: Browser) -> Callable[..., Someone]:
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
def slack() -> Iterator[Receiver]:
    made = Receiver(Kind.SLACK)
    yield made
    made.stop()


@pytest.fixture
def relay(kubernetes: Kubernetes, console: Console, tmp_path: Path) -> Iterator[RelayProcess]:
    """With what the running console drew for it, and no channel; not started."""
    secrets = {"tls": certificate_secret(RELAY_USER), "token": token_secret(RELAY_USER)}
    for name in secrets.values():
        console.until(f"Secret {name}", lambda name=name: kubernetes.get("Secret", name, CONSOLE_NAMESPACE) is not None)  # type: ignore[misc]
    made = RelayProcess(kubernetes, tmp_path)
    for folder, name in secrets.items():
        made.mount(name, folder)
    yield made
    made.stop()
