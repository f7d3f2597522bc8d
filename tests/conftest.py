"""Of all tests: what hypothesis tries is judged by what comes out, never by how long it takes; machines are shared and noisy."""

import pytest
from hypothesis import settings

SHARES = ("api", "chaos", "e2e", "engine", "mysql", "store")
"""The parts of the tests whose modules share what is dear to start."""

settings.register_profile("moorage", deadline=None)
settings.load_profile("moorage")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares a service, an engine or a server stays in one process (`pytest -n 3 --dist loadgroup`)."""
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))


def _group(item: pytest.Item) -> str:
    part = item.nodeid.split("/")[1]
    if part not in SHARES:
        return ""
    return "orders" if "orders" in getattr(item, "fixturenames", ()) else item.nodeid.partition("::")[0]
