"""The console as its API alone, and the relay of messages beside it: tests/web has the console's pages."""

from collections.abc import Iterator

import pytest

from moorage.monitoring.telling.channel import Kind
from tests.server.fixtures import admin, console, editor, gateway, kubernetes, relay, someone, space
from tests.server.kubernetes import CONSOLE_NAMESPACE, Kubernetes
from tests.server.relay import CHANNELS
from tests.unit.server.receivers import Receiver

__all__ = ["admin", "console", "editor", "gateway", "kubernetes", "relay", "someone", "space"]


@pytest.fixture(scope="session")
def pages() -> None:
    return None


@pytest.fixture
def dingtalk() -> Iterator[Receiver]:
    made = Receiver(Kind.DINGTALK)
    yield made
    made.stop()


@pytest.fixture
def slack() -> Iterator[Receiver]:
    made = Receiver(Kind.SLACK)
    yield made
    made.stop()


@pytest.fixture
def no_channels(kubernetes: Kubernetes) -> None:
    """None is kept when a test begins."""
    kubernetes.delete("Secret", CHANNELS, CONSOLE_NAMESPACE)
