"""Of all tests: what hypothesis tries is judged by what comes out, never by how long it takes; machines are shared and noisy."""

from collections.abc import Generator

import pytest
from hypothesis import settings

from devcluster.config import STATE
from tests.turns import turn

SHARES = ("api", "chaos", "e2e", "engine", "mysql", "store")
"""The parts of the tests whose modules share what is dear to start."""
ON_THE_CLUSTER = ("api", "chaos", "e2e")

settings.register_profile("moorage", deadline=None)
settings.load_profile("moorage")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares a service, an engine or a server stays in one process (`pytest -n 3 --dist loadgroup`)."""
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))


def _group(item: pytest.Item) -> str:
    if _part(item) not in SHARES:
        return ""
    return "orders" if "orders" in getattr(item, "fixturenames", ()) else item.nodeid.partition("::")[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Fixtures included: a service that a whole session shares is not deployed while somebody stops a node. Only here:
    pytest calls the one of every `conftest.py` for every test."""
    if _part(item) not in ON_THE_CLUSTER:
        return (yield)
    with turn(STATE, alone=item.get_closest_marker("alone") is not None):
        return (yield)


def _part(item: pytest.Item) -> str:
    return item.nodeid.split("/")[1]
