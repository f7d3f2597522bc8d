"""A member that has lost its data does not start as long as its vote could cost what was confirmed."""

import pytest

from moorage.agent import main
from moorage.core import names
from moorage.core.report import Role
from tests.unit.agent.test_detour import PEER, slice_of
from tests.unit.agent.test_down import Life, until

WHY = "its folder is empty although its service holds data"


@pytest.fixture
async def life(monkeypatch: pytest.MonkeyPatch) -> Life:
    monkeypatch.setattr(main, "EMPTY_LOOK_SECONDS", 0.02)
    life = Life()
    life.engine.has_data, life.engine.dies, life.engine.why_not_empty = False, False, WHY
    return life


def told(life: Life, *, claimed: bool, marks: dict[str, str] | None = None) -> None:
    item = slice_of(PEER, 7)
    if not claimed:
        item["metadata"]["annotations"], item["endpoints"] = marks or {}, []
    life.agent._holding._slice.listed([item], "7")
    life.agent._holding._changed(set())


async def test_where_the_service_holds_data_it_waits_until_the_engine_says_that_it_may_and_says_so(life: Life) -> None:
    told(life, claimed=True)
    async with life.supervised():
        await until(lambda: life.agent._report.message == WHY)
        assert (life.engine.starts, life.agent._report.role, life.agent._report.has_data) == (0, Role.DOWN, False)
        life.engine.why_not_empty = ""
        await until(lambda: life.engine.starts == 1)


async def test_the_first_members_of_a_service_are_all_empty_and_start(life: Life) -> None:
    told(life, claimed=False)
    async with life.supervised():
        await until(lambda: life.engine.starts == 1)


async def test_an_address_that_was_deleted_by_hand_and_made_anew_still_tells_that_the_service_holds_data(life: Life) -> None:
    told(life, claimed=False, marks={names.ANNOTATION_HOLDS_DATA: "true"})
    async with life.supervised():
        await until(lambda: life.agent._report.message == WHY)
        assert life.engine.starts == 0


async def test_what_the_serving_generation_holds_keeps_no_member_of_another_one_from_starting(life: Life) -> None:
    told(life, claimed=False, marks={names.ANNOTATION_HOLDS_DATA: "true", names.ANNOTATION_GENERATION: "2"})
    life.agent._holding._look_who_serves(None)
    assert life.agent._holding.is_in_use is False


UNTOLD = "its folder is empty, and nobody tells whether its service holds data: "


async def test_while_the_api_server_does_not_answer_it_waits(life: Life) -> None:
    async with life.supervised():
        await until(lambda: life.agent._report.message == f"{UNTOLD}the API server does not answer")
        assert life.engine.starts == 0


async def test_while_there_is_no_address_it_waits_and_says_that_it_is_missing(life: Life) -> None:
    life.agent._holding._slice.listed([], "7")
    life.agent._holding._changed(set())
    async with life.supervised():
        await until(
            lambda: (
                life.agent._report.message
                == f"{UNTOLD}EndpointSlice orders, which tells it, does not exist; the operator makes it anew"
            )
        )
        assert life.engine.starts == 0


async def test_a_member_with_data_asks_nobody(life: Life) -> None:
    life.engine.has_data = True
    async with life.supervised():
        await until(lambda: life.engine.starts == 1)
