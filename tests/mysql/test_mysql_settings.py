"""What Moorage gives mysqld, and what people may set, is taken by a real mysqld as it is: nothing unknown, nothing adjusted."""

import os
import re
import subprocess

import pytest

from moorage.engines.contract import Parameter
from moorage.engines.mysql.engine import ENGINE
from moorage.engines.mysql.naming import Naming, split
from moorage.engines.mysql.process import ALWAYS, FIRST, identity_arguments
from tests.mysql import mysql_programs
from tests.unit.build import service

SAMPLES = {
    "long_query_time": ("0", "0.5", "99999"),
    "transaction_isolation": ("READ-COMMITTED", "REPEATABLE-READ"),
    "sql_mode": ("", "STRICT_TRANS_TABLES,NO_ZERO_DATE"),
    "time_zone": ("SYSTEM", "+08:00", "-03:30"),
    "character_set_server": ("utf8mb4", "latin1", "ascii", "binary", "gbk", "gb18030"),
    "collation_server": ("utf8mb4_0900_ai_ci",),
}
"""Of those that are no number and no switch."""


def samples(parameter: Parameter) -> tuple[str, ...]:
    if parameter.between is not None:
        return tuple(map(str, parameter.between))
    return SAMPLES.get(parameter.name, ("ON", "OFF"))


def what_mysqld_says(*arguments: str) -> str:
    """Its warnings and errors when it only reads them."""
    command = ["mysqld", FIRST, "--validate-config", "--tmpdir=/tmp", *ALWAYS, *arguments]
    done = subprocess.run(
        command, env={**os.environ, "PATH": mysql_programs.path()}, capture_output=True, text=True, check=False, timeout=60
    )
    return "\n".join(line for line in (done.stdout + done.stderr).splitlines() if re.search(r"\[(Warning|ERROR)\]", line))


def given(parameters: dict[str, str]) -> tuple[str, ...]:
    of_spec = tuple(ENGINE.topology.engine_arguments(service(engine="mysql", parameters=parameters), 3))
    return split("orders-g1-0", of_spec)[1]


NORMAL = what_mysqld_says(*given({}), *identity_arguments(Naming("orders-g1-0", "127.0.0.1")))


def test_every_setting_of_moorage_s_own_is_known_to_this_mysqld() -> None:
    assert "unknown" not in NORMAL
    assert "[ERROR]" not in NORMAL, NORMAL
    assert "adjusted" not in NORMAL, NORMAL


def test_a_value_beyond_the_limits_is_what_mysqld_would_change_by_itself() -> None:
    assert "adjusted" in what_mysqld_says("--sort-buffer-size=1")


@pytest.mark.parametrize("parameter", ENGINE.card.parameters, ids=lambda p: p.name)
def test_every_value_that_people_may_set_is_taken_as_it_is(parameter: Parameter) -> None:
    for value in samples(parameter):
        assert parameter.takes(value)
        said = what_mysqld_says(*given({parameter.name: value}))
        assert "[ERROR]" not in said, said
        assert "adjusted" not in said, said
