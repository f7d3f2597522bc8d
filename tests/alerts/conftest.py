"""What all tests of alerts share: everybody listens, the cluster's relay knows them, and figures are written down."""

from collections.abc import Iterator

import pytest

from moorage.monitoring.telling.channel import Kind
from tests.alerts import figures
from tests.alerts.centre import NoMonitoringError, telling
from tests.alerts.figures import Figure
from tests.alerts.people import People, listening


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write", action="store_true", help=f"write what was measured into {figures.DOCUMENT}")


@pytest.fixture(scope="session")
def people() -> Iterator[People]:
    """One channel of each kind."""
    with listening(*Kind) as found:
        try:
            with telling(found.secret()):
                yield found
        except NoMonitoringError as error:
            pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def measured(request: pytest.FixtureRequest) -> Iterator[list[Figure]]:
    """Tests add to it what they measured."""
    found: list[Figure] = []
    yield found
    if request.config.getoption("--write", default=False) and found:
        figures.write(found)
