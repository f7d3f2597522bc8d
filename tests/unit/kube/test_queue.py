"""Events only mark; a key is worked on once at a time, and waits for one moment at most."""

import asyncio

from moorage.kube.queue import DirtyQueue
from tests.sim.clock import simulate


def test_the_earliest_of_several_moments_counts_and_the_later_ones_are_forgotten() -> None:
    async def live() -> None:
        queue: DirtyQueue[str] = DirtyQueue()
        for seconds in (30.0, 1.0, 20.0):
            queue.mark_later("orders", seconds)
        assert await queue.take() == "orders"
        assert asyncio.get_running_loop().time() == 1.0
        queue.done("orders")
        assert queue.moments == {}

    simulate(live())


async def test_who_takes_a_key_says_anew_when_to_look_again() -> None:
    """Else each look that a change brings would leave its own moment behind, and looks would multiply."""
    queue: DirtyQueue[str] = DirtyQueue()
    queue.mark_later("orders", 30.0)
    queue.mark("orders")
    await queue.take()
    assert queue.moments == {}
    queue.mark_later("orders", 10.0)
    queue.done("orders")
    assert list(queue.moments) == ["orders"]


def test_a_moment_that_comes_while_the_key_is_worked_on_is_not_lost() -> None:
    async def live() -> None:
        queue: DirtyQueue[str] = DirtyQueue()
        queue.mark("orders")
        await queue.take()
        queue.mark_later("orders", 1.0)
        await asyncio.sleep(2.0)
        queue.done("orders")
        assert await queue.take() == "orders"
        assert asyncio.get_running_loop().time() == 2.0

    simulate(live())


def test_a_key_that_is_marked_while_it_is_worked_on_waits_until_that_is_done() -> None:
    async def live() -> None:
        queue: DirtyQueue[str] = DirtyQueue()
        queue.mark("orders")
        await queue.take()
        queue.mark("orders")
        taking = asyncio.create_task(queue.take())
        await asyncio.sleep(1.0)
        assert not taking.done()
        queue.done("orders")
        assert await taking == "orders"

    simulate(live())


def test_every_key_is_taken_once_by_whichever_worker_is_free() -> None:
    async def live() -> None:
        queue: DirtyQueue[int] = DirtyQueue()
        taking = [asyncio.create_task(queue.take()) for _ in range(4)]
        for key in (1, 2, 1, 3):
            queue.mark(key)
        await asyncio.sleep(1.0)
        assert [task.result() for task in taking if task.done()] == [1, 2, 3]
        taking[-1].cancel()

    simulate(live())
