"""One API server and one console for a whole session; each test has people and spaces of its own.

A folder of tests takes them into its `conftest.py`, and says there with `pages` what the console serves besides the API."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from moorage.core.names import certificate_secret
from moorage.server.part_secrets import token_secret
from moorage.server.telling.records import LABEL, LABEL_VALUE
from tests.server.console import Browser, Console
from tests.server.kubernetes import CONSOLE_NAMESPACE, RELAY_USER, Kubernetes
from tests.server.people import PASSWORD, MakePerson, Someone, make_account
from tests.server.relay import RelayProcess
from tests.store.gateway import Gateway

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


@pytest.fixture
def relay(kubernetes: Kubernetes, console: Console, tmp_path: Path) -> Iterator[RelayProcess]:
    """With what the running console drew for it, and no channel mounted; not started.

    Nothing waits to be sent: a receiver that refused in another test would be asked again."""
    for kept in kubernetes.list("ConfigMap", CONSOLE_NAMESPACE):
        if (kept["metadata"].get("labels") or {}).get(LABEL) == LABEL_VALUE:
            kubernetes.delete("ConfigMap", kept["metadata"]["name"], CONSOLE_NAMESPACE)
    console.mount(RELAY_USER, "relay")
    made = RelayProcess(kubernetes, tmp_path, console.relay_port)
    for folder, name in (("tls", certificate_secret(RELAY_USER)), ("token", token_secret(RELAY_USER))):
        made.mount(name, folder)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """An S3 server of a module's own."""
    server = Gateway(tmp_path_factory.mktemp("gateway"))
    server.start()
    yield server
    server.stop()
