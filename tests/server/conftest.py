"""The console as its API alone, and the relay of messages beside it: tests/web has the console's pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from moorage.core.names import certificate_secret
from moorage.monitoring.telling.channel import Kind
from moorage.server.relay_secrets import token_secret
from tests.server.console import Console
from tests.server.fixtures import admin, console, editor, kubernetes, someone, space
from tests.server.kubernetes import CONSOLE_NAMESPACE, RELAY_USER, Kubernetes
from tests.server.relay import RelayProcess
from tests.unit.server.receivers import Receiver

__all__ = ["admin", "console", "editor", "kubernetes", "someone", "space"]


@pytest.fixture(scope="session")
def pages() -> None:
    return None


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
