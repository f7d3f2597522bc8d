"""How a member's data is looked after: what was put aside outlives the copy, and an order that is refused stays refused."""

import signal
import time
from pathlib import Path
from typing import Any, cast

import pytest

from moorage.core.report import Role
from moorage.engines.lastwords import LastWords
from moorage.engines.member import EngineError, OrderRefusedError
from moorage.engines.mongodb.care import Care
from moorage.engines.mongodb.connections import Connections
from moorage.engines.mongodb.folder import ENGINE_FILE, DataFolder
from moorage.engines.mongodb.membership import why_needed
from moorage.engines.mongodb.process import Mongod
from moorage.engines.quarantine import ASIDE, Quarantine


class Stopped:
    """A mongod that does not run, and counts how often it was stopped."""

    is_running, code, stops = False, 14, 0

    async def stop(self) -> None:
        self.stops += 1

    def signal(self, number: int) -> None:
        self.stops += number == signal.SIGKILL

    async def wait(self) -> None:
        return


class NoPeers:
    peers: dict[str, Any]

    def __init__(self) -> None:
        self.peers = {}

    async def to_local(self) -> Any:
        raise AssertionError("nothing is asked of the engine")

    async def leads(self, host: str) -> bool:
        raise AssertionError(f"nothing is asked of {host}")


def looked_after(path: Path) -> tuple[Care, Stopped]:
    process = Stopped()
    (path / ENGINE_FILE).write_text("old")
    found = Care(
        DataFolder(path), cast("Mongod", process), cast("Connections", NoPeers()), LastWords(path.parent / f"{path.name}.log")
    )
    return found, process


def test_the_start_after_any_crash_is_listened_to_and_the_one_after_an_orderly_end_is_not(tmp_path: Path) -> None:
    found, process = looked_after(tmp_path)
    long_ago, just_now = time.monotonic() - 3600, time.monotonic()
    process.code = -9
    assert found.look_at_last_run(long_ago)
    assert found.look_at_last_run(just_now)
    process.code = 0
    assert not found.look_at_last_run(just_now)


class Words:
    """What mongod said last; `begin` is not told."""

    def __init__(self, *said: str) -> None:
        self.said = said

    def lines(self) -> list[str]:
        return list(self.said)


DAMAGED = (
    '{"s":"E","id":22435,"attr":{"message":{"msg":"__desc_read:394:collection-28.wt does not appear to be a WiredTiger file"}}}',
    '{"s":"F","c":"ASSERT","id":23091,"attr":{"msgid":50944}}',
)


def test_damage_that_is_met_only_when_somebody_reads_is_seen_as_well_however_long_the_engine_ran(tmp_path: Path) -> None:
    found, process = looked_after(tmp_path)
    long_ago = time.monotonic() - 3600
    process.code, found._last_words = -6, cast("LastWords", Words(*DAMAGED))
    assert found.look_at_last_run(long_ago), "nobody listened: it may have died of anything"
    assert found.look_at_last_run(long_ago)
    assert found._folder.damage == ""
    assert found.look_at_last_run(long_ago)
    assert found._folder.damage == "its data is damaged: collection-28.wt does not appear to be a WiredTiger file"


def test_a_long_run_that_ends_otherwise_takes_the_suspicion_away(tmp_path: Path) -> None:
    found, process = looked_after(tmp_path)
    long_ago = time.monotonic() - 3600
    process.code, found._last_words = -6, cast("LastWords", Words(*DAMAGED))
    found.look_at_last_run(long_ago)
    found.look_at_last_run(long_ago)
    found._last_words = cast("LastWords", Words())
    found.look_at_last_run(long_ago)
    found._last_words = cast("LastWords", Words(*DAMAGED))
    found.look_at_last_run(long_ago)
    assert found._folder.damage == ""


STATUS = {"myState": 2, "members": [{"self": True, "name": "m0", "state": 2, "optime": {"ts": 5}}]}


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.PRIMARY, Role.SECONDARY)])
async def test_old_data_outlives_the_copy_however_old_it_is_and_however_little_room_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    found, _ = looked_after(tmp_path)
    await found.empty("order-1", "5:3")
    monkeypatch.setattr("moorage.engines.quarantine.ASIDE_SECONDS_MAX", -1.0)
    monkeypatch.setattr(Quarantine, "_is_room_needed", lambda _: True)
    await found.look(STATUS, role)
    assert (tmp_path / ASIDE / "order-1" / ENGINE_FILE).read_text() == "old"


@pytest.mark.parametrize("role", [Role.PRIMARY, Role.SECONDARY])
async def test_old_data_goes_once_the_member_has_caught_up_and_its_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    found, _ = looked_after(tmp_path)
    await found.empty("order-1", "5:3")
    monkeypatch.setattr("moorage.engines.quarantine.ASIDE_SECONDS_MAX", -1.0)
    await found.look(STATUS, role)
    assert list((tmp_path / ASIDE).iterdir()) == []


async def test_an_order_is_carried_out_once(tmp_path: Path) -> None:
    found, process = looked_after(tmp_path)
    await found.empty("order-1", "5:3")
    (tmp_path / ENGINE_FILE).write_text("new")
    await found.empty("order-1", "5:3")
    assert (process.stops, (tmp_path / ENGINE_FILE).read_text()) == (1, "new")


async def test_an_order_that_was_refused_stays_refused_when_there_is_room_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, process = looked_after(tmp_path)
    with monkeypatch.context() as full:
        full.setattr(Quarantine, "why_no_room", lambda _: "its volume has 3 MiB left")
        with pytest.raises(OrderRefusedError, match="its volume has 3 MiB left"):
            await found.empty("order-1", "5:3")
    again, _ = looked_after(tmp_path)
    with pytest.raises(OrderRefusedError, match="its volume has 3 MiB left"):
        await again.empty("order-1", "5:3")
    assert (process.stops, (tmp_path / ENGINE_FILE).read_text()) == (0, "old")
    await again.empty("order-2", "5:3")
    assert (tmp_path / ASIDE / "order-2" / ENGINE_FILE).exists()


async def test_what_was_begun_is_finished_and_not_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, _ = looked_after(tmp_path)

    def fails(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(Quarantine, "move", fails)
        with pytest.raises(EngineError, match="its data cannot be put aside: Input/output error") as caught:
            await found.empty("order-1", "5:3")
        assert not isinstance(caught.value, OrderRefusedError), "the agent tries again"
    monkeypatch.setattr(Quarantine, "why_no_room", lambda _: "there is no room")
    await found.empty("order-1", "5:3")
    assert (tmp_path / ASIDE / "order-1" / ENGINE_FILE).exists()


def test_the_last_look_is_the_members_own() -> None:
    config = {"term": 5, "version": 3}
    well = {"myState": 3, "members": [{"self": True, "state": 3, "health": 1}, {"state": 1, "health": 1}]}
    alone = {"myState": 2, "members": [{"self": True, "state": 2, "health": 1}, {"state": 1, "health": 0}]}
    assert why_needed(config, well, "5:3") == ""
    assert why_needed(config, well, "5:2") == "the cluster was changed since, and counts it"
    assert why_needed(config, well | {"myState": 1}, "5:3") == "it is the primary by now"
    assert why_needed(config, alone, "5:3") == "it sees no primary"


async def test_in_a_drill_data_is_lost_once_and_only_when_all_others_hold_it(tmp_path: Path) -> None:
    found, process = looked_after(tmp_path)

    async def held() -> str:
        assert process.stops, "it is dead before anybody asks what the others hold"
        return ""

    async def not_held() -> str:
        return "not all of the others held everything within 15 s"

    with pytest.raises(OrderRefusedError, match="its engine was killed and keeps its data"):
        await found.lose("drill-1", not_held)
    assert (tmp_path / ENGINE_FILE).read_text() == "old"
    await found.lose("drill-2", held)
    await found.lose("drill-2", held)
    assert process.stops == 2, "one for each order"
    assert (tmp_path / ASIDE / "drill-2" / ENGINE_FILE).read_text() == "old"
    assert not (tmp_path / ENGINE_FILE).exists()
