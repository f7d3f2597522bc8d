"""What Moorage gives mysqld, and what people may set, is taken by a real mysqld as it is: nothing unknown, nothing adjusted.

What it is told while it runs is used by it, is put back when it is left out, and is said where it is refused.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from moorage.core.report import Role
from moorage.engines.contract import Parameter
from moorage.engines.mysql.engine import ENGINE
from moorage.engines.mysql.globals import is_same
from moorage.engines.mysql.naming import Address, Naming, split
from moorage.engines.mysql.process import ALWAYS, FIRST, identity_arguments
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, Life, running
from tests.ports import HOST
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


CUTS_QUESTIONS = "max_execution_time"
"""It also ends what this test itself asks; below."""
LIVE = [p for p in ENGINE.card.parameters if p.is_live]
AT_START = [p for p in ENGINE.card.parameters if not p.is_live]


def samples(parameter: Parameter) -> tuple[str, ...]:
    if parameter.between is not None:
        first, last = parameter.between
        return str(first), str(first + parameter.multiple_of), str(last)
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


@pytest.fixture(autouse=True)
def _mysqld(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


NORMAL = what_mysqld_says(*given({}), *identity_arguments(Naming("orders-g1-0", "127.0.0.1")))


def test_every_setting_of_moorage_s_own_is_known_to_this_mysqld() -> None:
    assert "unknown" not in NORMAL
    assert "[ERROR]" not in NORMAL, NORMAL
    assert "adjusted" not in NORMAL, NORMAL


def test_a_value_beyond_the_limits_is_what_mysqld_would_change_by_itself() -> None:
    assert "adjusted" in what_mysqld_says("--sort-buffer-size=1")


@pytest.mark.parametrize("parameter", AT_START, ids=lambda p: p.name)
def test_every_value_that_people_may_set_at_a_start_is_taken_as_it_is(parameter: Parameter) -> None:
    for value in samples(parameter):
        assert parameter.takes(value)
        said = what_mysqld_says(*given({parameter.name: value}))
        assert "[ERROR]" not in said, said
        assert "adjusted" not in said, said


async def until_used(group: Group, wanted: dict[str, str], besides: Mapping[str, str] | None = None) -> None:
    """Told to all members; `besides`: what a member is to have of others."""
    for life in group.lives:
        life.member.use_settings(wanted)
        await group.until(f"{life.pod} uses {wanted}", partial(uses, group, life, {**(besides or {}), **wanted}))


def uses(group: Group, life: Life, wanted: Mapping[str, str]) -> bool:
    found = values(group, life)
    return all(is_same(value, found[name]) for name, value in wanted.items())


def values(group: Group, life: Life) -> dict[str, str]:
    rows = group.ask(life, "SELECT variable_name AS name, variable_value AS value FROM performance_schema.global_variables")
    return {row["name"]: row["value"] for row in rows}


@pytest.mark.long
async def test_every_setting_that_a_running_mysqld_is_told_is_used_as_it_is_and_put_back(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        (life,) = group.lives
        pid, begun_with = life.member._process._process, values(group, life)
        for parameter in (p for p in LIVE if p.name != CUTS_QUESTIONS):
            for value in samples(parameter):
                assert parameter.takes(value)
                await until_used(group, {parameter.name: value})
                assert life.report.settings == ""
        await until_used(group, {}, {p.name: begun_with[p.name] for p in LIVE})
        assert life.member._process._process is pid, "it was not restarted"


async def test_what_mysqld_does_not_take_is_said_and_its_member_serves_with_the_rest(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        (life,) = group.lives
        life.member.use_settings({"collation_server": "no_such_ci", "sort_buffer_size": "1", "long_query_time": "3"})
        said = await group.until("it says so", lambda: life.report.settings)
        assert said.startswith("does not use the new settings: collation_server=no_such_ci: SET GLOBAL: the engine says: Unknown")
        assert "sort_buffer_size=1" in said
        assert uses(group, life, {"long_query_time": "3"})
        assert life.report.role is Role.PRIMARY
        life.member.use_settings({"long_query_time": "3"})
        await group.until("nothing is refused any more", lambda: not life.report.settings)


async def test_two_that_cannot_be_had_together_are_said(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        (life,) = group.lives
        life.member.use_settings({"character_set_server": "gbk", "collation_server": "utf8mb4_bin"})
        said = await group.until("it says so", lambda: life.report.settings)
        assert said == "does not use the new settings: character_set_server=gbk: it has utf8mb4"


async def test_a_mysqld_that_comes_back_has_its_settings_before_anybody_hears_of_it(tmp_path: Path) -> None:
    wanted = {"max_connections": "77", "sql_mode": "ANSI_QUOTES,NO_BACKSLASH_ESCAPES"}
    async with running(tmp_path, 1) as group:
        (life,) = group.lives
        await until_used(group, wanted)
        group.kill(life)
        await group.until("its end is seen", lambda: life.report.role is Role.DOWN)
        await group.until("it is heard again", lambda: life.report.role is Role.APART)
        assert uses(group, life, wanted)
        await group.form_again()
        await group.until_well()
        assert uses(group, life, wanted)


async def test_what_people_set_for_their_sessions_does_not_end_the_agents_questions(tmp_path: Path) -> None:
    async with running(tmp_path, 1) as group:
        (life,) = group.lives
        await until_used(group, {CUTS_QUESTIONS: "300", "wait_timeout": "10", "sql_mode": "ANSI_QUOTES"})
        assert group.ask(life, "SELECT SLEEP(1) AS was_cut") == [{"was_cut": 1}]
        ours = life.member._connections
        for session in (ours.to_local(), ours.to_local(waits=True), ours.to_peer(Address(HOST, life.port), 5.0)):
            row = await session.row("SELECT SLEEP(1) AS was_cut, @@wait_timeout AS seconds, @@sql_mode AS mode")
            assert row == {"was_cut": 0, "seconds": 28800, "mode": "STRICT_ALL_TABLES"}
            session.close()
