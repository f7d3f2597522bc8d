"""A member that looks for its group never stops to, and is never silent about why it is not in one."""

import asyncio
from pathlib import Path

import pytest

from moorage.engines.member import EngineError
from moorage.engines.mysql import joining
from moorage.engines.mysql.connections import Connections
from moorage.engines.mysql.folder import DataFolder
from moorage.engines.mysql.joining import Joining
from moorage.engines.mysql.naming import Naming

NAMING = Naming("orders-g1-0", "127.0.0.1", 1)  # nobody answers at ports that low


@pytest.fixture
def connections(tmp_path: Path) -> Connections:
    return Connections(tmp_path / "nobody.sock", lambda: "secret", tmp_path)


@pytest.fixture
def looking(tmp_path: Path, connections: Connections) -> Joining:
    return Joining(NAMING, connections, DataFolder(tmp_path), lambda: "secret")


async def test_a_peer_that_is_given_up_while_it_is_asked_is_one_that_does_not_answer(
    looking: Joining, connections: Connections
) -> None:
    """As when a member has just learnt who is counted, and asks fewer from now on. It ended the search once and for all."""
    connections.keep_peers({pod: NAMING.of(pod) for pod in NAMING.siblings()})
    asking = asyncio.create_task(looking.group())
    await asyncio.sleep(0)  # whom it asks is known now
    connections.keep_peers({})
    assert await asking == []


async def test_a_session_that_was_closed_says_so_as_any_other_that_does_not_answer(connections: Connections) -> None:
    session = connections.to_local()
    session.close()
    with pytest.raises(EngineError, match="SELECT 1: its connection was closed"):
        await session.rows("SELECT 1")
    with pytest.raises(EngineError, match="START TRANSACTION: its connection was closed"):
        await session.transaction([("SELECT 1", ())])


async def test_whatever_goes_wrong_is_said_and_the_search_goes_on(looking: Joining, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "PACE_SECONDS", 0.001)
    steps, is_done = list[str](), asyncio.Event()

    async def step() -> str:
        steps.append(looking.why_not)
        match len(steps):
            case 1:
                raise EngineError("SELECT 1: the engine does not answer")
            case 2:
                raise KeyError("uuid")
            case 3:
                return "it waits"
            case 4:
                return ""
            case _:
                is_done.set()
                return ""

    monkeypatch.setattr(looking, "_step", step)
    running = asyncio.create_task(looking.run())
    await asyncio.wait({running, asyncio.create_task(is_done.wait())}, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert not running.done()
    running.cancel()
    fault = "its search for its group failed, by a fault of Moorage: KeyError('uuid')"
    assert steps == ["", "SELECT 1: the engine does not answer", fault, "it waits", ""]


async def test_a_new_life_of_the_engine_has_no_doubts_of_the_last_one(looking: Joining, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that was rebuilt holds other data: what was doubted was of the old."""
    looking._doubts, looking.why_not = joining.SURE_LOOKS, "it waits"
    running = asyncio.create_task(looking.run())
    await asyncio.sleep(0)
    running.cancel()
    assert (looking._doubts, looking.why_not) == (0, "")
