"""What becomes of mysqld's processes, and of the work beside them. A program of its name stands in: it lives or dies."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from moorage.engines.background import in_background
from moorage.engines.member import Home, OrderRefusedError
from moorage.engines.mysql.ledger import Ledger
from moorage.engines.mysql.member import MySqlMember
from moorage.engines.mysql.reporting import Known

LIVES = "#!/bin/sh\nexec sleep 60\n"
BEGINS_AND_VANISHES = """#!/bin/sh
cat /dev/fd/* > /dev/null 2>&1 &
for a in "$@"; do case "$a" in --datadir=*) mkdir -p "${a#--datadir=}";; esac; done
rm "$0"
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    data, secrets = tmp_path / "data", tmp_path / "secrets"
    data.mkdir()
    secrets.mkdir()
    (secrets / "keyfile").write_text("secret")
    return Home("orders-g1-0", (), data, secrets, secrets)


@pytest.fixture
async def member(home: Home, tmp_path: Path) -> AsyncIterator[MySqlMember]:
    found = MySqlMember(home, tmp_path)
    yield found
    found.signal(9)
    await found._process.wait()
    await found._end_tasks()


def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    """The only one of mysqld's name; None: there is none."""
    folder = tmp_path / "bin"
    folder.mkdir()
    if text is not None:
        (folder / "mysqld").write_text(text)
        (folder / "mysqld").chmod(0o755)
    others = [p for p in os.environ["PATH"].split(":") if not (Path(p) / "mysqld").exists()]
    monkeypatch.setenv("PATH", ":".join((str(folder), *others)))


def descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


@pytest.mark.parametrize("has_data", [False, True])
async def test_an_image_without_mysqld_is_named_as_such(
    member: MySqlMember, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_data: bool
) -> None:
    if has_data:
        (home.data_dir / "mysql").mkdir()
    program(tmp_path, monkeypatch, None)
    before = descriptors()
    with pytest.raises(FileNotFoundError) as found:
        await member.start()
    assert found.value.strerror == "there is no program mysqld in its image, and it needs one that has it"
    assert not member.is_running
    assert descriptors() == before, "the pipe that it was to be told by is closed"


async def test_one_that_cannot_be_run_once_its_folder_is_made_is_said_in_the_log(
    member: MySqlMember, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, BEGINS_AND_VANISHES)
    with capture_logs() as logs:
        await member.start()
        await member._process.wait()
        await asyncio.sleep(0)
    (failed,) = (line for line in logs if line["event"] == "task_failed")
    assert "there is no program mysqld" in failed["error"]
    assert (home.data_dir / "mysql").is_dir(), "the next start finds it made, and says why it cannot be run"


async def test_a_member_whose_order_was_refused_goes_on_to_look_for_its_group(
    member: MySqlMember, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home.data_dir / "mysql").mkdir()
    program(tmp_path, monkeypatch, LIVES)
    await member.start()
    monkeypatch.setattr(member._folder.quarantine, "why_no_room", lambda: "there is no room to keep what it holds")
    with pytest.raises(OrderRefusedError, match="no room"):
        await member.lose_data("drill-1")
    assert member.is_running
    assert [(t.get_name(), t.done()) for t in member._tasks] == [("joining", False), ("copy", False)]


async def test_an_engine_that_starts_again_before_its_end_was_seen_is_looked_after_by_one_search_alone(
    member: MySqlMember, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home.data_dir / "mysql").mkdir()
    program(tmp_path, monkeypatch, LIVES)
    await member.start()
    before = list(member._tasks)
    member.signal(9)
    await member._process.wait()
    await member.start()
    assert [t.done() for t in before] == [True, True]
    assert [t.done() for t in member._tasks] == [False, False]


async def test_work_in_the_background_that_fails_is_in_the_log_and_one_that_is_ended_is_not() -> None:
    async def fails() -> None:
        raise KeyError("uuid")

    with capture_logs() as logs:
        failing, ended = in_background(fails(), "failing"), in_background(asyncio.sleep(60), "ended")
        ended.cancel()
        await asyncio.wait({failing, ended})
        await asyncio.sleep(0)
    assert [(line["event"], line["task"], line["error"]) for line in logs] == [("task_failed", "failing", "KeyError('uuid')")]


async def dies_in_its_group(member: MySqlMember, home: Home, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whom the group is asked to remove from now on, which takes a moment."""
    asked = list[str]()

    async def ask(pod: str, group: str, counted: Sequence[str]) -> None:
        await asyncio.sleep(0.1)
        asked.append(f"{pod} of {group} by {', '.join(counted)}")

    monkeypatch.setattr(member._expulsion, "ask", ask)
    (home.data_dir / "mysql").mkdir()
    await member.start()
    member._is_in_group = True
    member._known = Known(ledger=Ledger("a-group", 1, "orders-g1-0", 1, ("orders-g1-0", "orders-g1-1")))
    member.signal(9)
    await member._process.wait()
    return asked


TOLD = ["orders-g1-0 of a-group by orders-g1-0, orders-g1-1"]


async def test_a_group_is_told_of_an_engine_that_died_although_its_agent_is_woken_meanwhile(
    member: MySqlMember, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, LIVES)
    asked = await dies_in_its_group(member, home, monkeypatch)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(member.observe(), 0.05)
    await member.start()
    assert asked == TOLD


async def test_a_group_is_told_of_a_death_that_only_the_next_start_sees(
    member: MySqlMember, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, monkeypatch, LIVES)
    asked = await dies_in_its_group(member, home, monkeypatch)
    await member.start()
    assert asked == TOLD
