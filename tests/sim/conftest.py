"""Which seeds are lived, and where the operator's log lines go."""

import pytest

SEEDS = 1000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=None, help="simulate this seed alone")
    parser.addoption("--seeds", type=int, default=SEEDS, help=f"simulate the seeds from 0 on, this many ({SEEDS})")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        one = metafunc.config.getoption("--seed", None)
        metafunc.parametrize("seed", [one] if one is not None else range(metafunc.config.getoption("--seeds", SEEDS)))
