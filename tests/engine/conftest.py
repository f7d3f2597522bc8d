"""One replica set for all tests of a module; the tests that break one have their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine import programs
from tests.engine.replica import ReplicaSet, running
from tests.engine.tasks import Worker


@pytest.fixture(scope="session", autouse=True)
def _on_path() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", programs.path())
        yield


@pytest.fixture(scope="module")
def replica_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    with running(tmp_path_factory.mktemp("set")) as found:
        yield found


@pytest.fixture
def worker(replica_set: ReplicaSet, tmp_path: Path) -> Worker:
    return Worker(tmp_path / "worker", replica_set.places)
