"""The console as its API alone: tests/web has its pages."""

import pytest

from tests.server.fixtures import admin, console, editor, kubernetes, someone, space

__all__ = ["admin", "console", "editor", "kubernetes", "someone", "space"]


@pytest.fixture(scope="session")
def pages() -> None:
    return None
