"""Writers are held back for a member that cannot catch up with them, and for nobody else."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from moorage.engines.member import EngineError
from moorage.engines.mysql.connections import Connections
from moorage.engines.mysql.pacing import FREELY, HELD_BACK, IN_VAIN_SECONDS, PATIENCE_SECONDS, REST_SECONDS, Pacing
from moorage.engines.mysql.view import ONLINE, RECOVERING, Seen, View

PREFIX = "SET GLOBAL group_replication_flow_control_"


@dataclass
class Engine:
    """Takes what it is told, unless it does not answer."""

    told: dict[str, int] = field(default_factory=dict)
    answers: bool = True
    takes: int = 1_000
    """So many statements more; then it does not answer."""

    @property
    def local(self) -> "Engine":
        return self

    async def rows(self, statement: str) -> list[dict[str, Any]]:
        self.takes -= 1
        if not self.answers or self.takes < 0:
            raise EngineError(f"{statement}: the engine does not answer")
        name, _, value = statement.removeprefix(PREFIX).partition(" = ")
        self.told[name] = int(value)
        return []


def view(state: str = RECOVERING, *, applies: int = 0, leads: bool = True) -> View:
    """As the first of three sees it; the third is the one that joins."""
    third = Seen("u2", "orders-g1-2", state, queue=applies + 7, applies=applies)
    return View("u0", (Seen("u0", "orders-g1-0", ONLINE, leads), Seen("u1", "orders-g1-1", ONLINE, not leads), third))


class Life:
    """A primary that looks once a second."""

    def __init__(self) -> None:
        self.engine, self.seconds = Engine(), 0.0
        self.pacing = Pacing(cast("Connections", self.engine), lambda: self.seconds)

    async def sees(self, what: View, seconds: float = 1.0) -> dict[str, int]:
        for _ in range(int(seconds)):
            self.seconds += 1
            await self.pacing.settle(what)
        return self.engine.told


async def test_nobody_waits_for_a_member_that_arrives_by_itself() -> None:
    life = Life()
    await life.sees(view(applies=500), PATIENCE_SECONDS - 1)
    assert await life.sees(view(ONLINE), 60) == {}


async def test_writers_are_held_back_until_a_member_has_caught_up_that_did_not_in_time() -> None:
    life = Life()
    assert await life.sees(view(applies=2500), PATIENCE_SECONDS + 1) == HELD_BACK
    assert await life.sees(view(applies=0), 3) == HELD_BACK, "it is not there yet"
    assert await life.sees(view(ONLINE)) == FREELY


async def test_nobody_waits_for_a_member_that_still_receives_what_it_lacks() -> None:
    assert await Life().sees(view(applies=0), 10 * PATIENCE_SECONDS) == {}


async def test_nobody_waits_on_for_a_backlog_that_does_not_become_smaller_and_after_a_rest_it_is_tried_again() -> None:
    life = Life()
    assert await life.sees(view(applies=2500), PATIENCE_SECONDS + IN_VAIN_SECONDS) == HELD_BACK
    assert await life.sees(view(applies=2500), REST_SECONDS) == FREELY
    assert await life.sees(view(applies=2500)) == HELD_BACK


async def test_writers_wait_for_as_long_as_a_backlog_becomes_smaller() -> None:
    life = Life()
    for left in range(5000, 0, -50):
        await life.sees(view(applies=left), IN_VAIN_SECONDS - 1)
    assert life.engine.told == HELD_BACK


async def test_the_next_member_is_waited_for_whatever_became_of_the_one_before() -> None:
    life = Life()
    assert await life.sees(view(applies=10), PATIENCE_SECONDS + IN_VAIN_SECONDS + 2) == FREELY
    await life.sees(view(ONLINE))
    assert await life.sees(view(applies=2500), PATIENCE_SECONDS + IN_VAIN_SECONDS) == HELD_BACK


async def test_only_the_primary_holds_anybody_back_and_one_that_was_it_does_not_any_more() -> None:
    life = Life()
    assert await life.sees(view(applies=2500, leads=False), 2 * PATIENCE_SECONDS) == {}
    await life.sees(view(applies=2500), PATIENCE_SECONDS + 1)
    assert await life.sees(view(applies=2500, leads=False)) == FREELY


async def test_an_engine_that_starts_anew_has_its_own_settings_and_is_told_again() -> None:
    life = Life()
    await life.sees(view(applies=2500), PATIENCE_SECONDS + 1)
    life.engine.told = {}
    life.pacing.engine_starts()
    assert await life.sees(view(ONLINE)) == {}
    assert await life.sees(view(applies=2500), PATIENCE_SECONDS + 1) == HELD_BACK


@pytest.mark.parametrize("after", [HELD_BACK, FREELY])
async def test_what_the_engine_did_not_take_is_told_again(after: dict[str, int]) -> None:
    life = Life()
    if after == FREELY:
        await life.sees(view(applies=2500), PATIENCE_SECONDS + 1)
    next_view = view(ONLINE) if after == FREELY else view(applies=2500)
    life.engine.answers = False
    await life.sees(next_view, PATIENCE_SECONDS + 1)
    assert life.engine.told != after
    life.engine.answers = True
    assert await life.sees(next_view) == after


async def test_what_was_told_by_half_is_taken_back_also_when_nobody_needs_it_any_more() -> None:
    """The member arrives at the very moment: writers would be held back from then on, and nobody would know."""
    life = Life()
    await life.sees(view(applies=2500), PATIENCE_SECONDS)
    life.engine.takes = 1
    await life.sees(view(applies=2500))
    assert life.engine.told == {"applier_threshold": HELD_BACK["applier_threshold"]}
    life.engine.takes = 1_000
    assert await life.sees(view(ONLINE)) == FREELY
