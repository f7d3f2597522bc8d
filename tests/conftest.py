"""Of all tests: what hypothesis tries is judged by what comes out, never by how long it takes; machines are shared and noisy."""

import shutil
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import settings

from devcluster.config import STATE
from tests.sharing import OF_ORDERS, SharingScheduling, part_of
from tests.traces import cluster_now
from tests.turns import turn

ON_THE_CLUSTER = ("alerts", "api", "chaos", "e2e", "story")

settings.register_profile("moorage", deadline=None)
settings.load_profile("moorage")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SharingScheduling:
    return SharingScheduling(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process of xdist is given its temporary folder, and pytest removes none that was given: engines leave gigabytes."""
    if hasattr(session.config, "workerinput") and not session.testsfailed:
        shutil.rmtree(session.config.option.basetemp, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    strays = {item.nodeid.partition("::")[0] for item in items if "orders" in getattr(item, "fixturenames", ())} - OF_ORDERS
    if strays:
        raise pytest.UsageError(f"modules that share the service orders stand in tests/sharing.py; these do not: {strays}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Fixtures included: a service that a whole session shares is not deployed while somebody stops a node. Only here: pytest
    calls the one of every `conftest.py` for every test."""
    if part_of(item.nodeid) not in ON_THE_CLUSTER:
        return (yield)
    with turn(STATE, alone=item.get_closest_marker("alone") is not None):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and part_of(item.nodeid) in ON_THE_CLUSTER:
        report.sections.append(("the cluster", cluster_now()))
    return report
