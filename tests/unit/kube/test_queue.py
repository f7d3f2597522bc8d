"""A key waits for one moment at most."""

import asyncio

from moorage.kube.queue import DirtyQueue


async def test_the_earliest_of_several_moments_counts_and_the_later_ones_are_forgotten() -> None:
    queue: DirtyQueue[str] = DirtyQueue()
    for seconds in (30.0, 0.01, 20.0):
        queue.mark_later("orders", seconds)
    assert await asyncio.wait_for(queue.take(), 2) == "orders"
    queue.done("orders")
    assert queue.moments == {}


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


async def test_a_moment_that_comes_while_the_key_is_worked_on_is_not_lost() -> None:
    queue: DirtyQueue[str] = DirtyQueue()
    queue.mark("orders")
    await queue.take()
    queue.mark_later("orders", 0.0)
    await asyncio.sleep(0.01)
    queue.done("orders")
    assert await asyncio.wait_for(queue.take(), 2) == "orders"
