"""Events only mark; a key is worked on once at a time, and one delay of it waits."""

import asyncio

from moorage.kube.queue import DirtyQueue
from tests.sim.clock import simulate


def _taken(seconds: float, *marked_later: float, workers: int = 3) -> list[float]:
    """When the key `a` was worked on, for half a second each time, after these delays were asked for."""
    times: list[float] = []

    async def live() -> None:
        queue: DirtyQueue[str] = DirtyQueue()
        clock = asyncio.get_running_loop().time

        async def work() -> None:
            while True:
                key = await queue.take()
                times.append(round(clock(), 3))
                await asyncio.sleep(0.5)
                queue.done(key)

        tasks = [asyncio.create_task(work()) for _ in range(workers)]
        queue.mark("a")
        for delay in marked_later:
            queue.mark_later("a", delay)
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()

    simulate(live())
    return times


def test_a_key_that_is_marked_while_it_is_worked_on_comes_again_afterwards() -> None:
    assert _taken(5.0, 0.2) == [0.0, 0.5]


def test_of_several_delays_the_soonest_counts_and_there_is_one() -> None:
    assert _taken(10.0, 3.0, 1.0, 2.0) == [0.0, 1.0]


def test_after_a_delay_is_over_another_may_be_asked_for() -> None:
    async def live() -> None:
        queue: DirtyQueue[str] = DirtyQueue()
        for _ in range(2):
            queue.mark_later("a", 1.0)
            queue.done(await queue.take())
        assert asyncio.get_running_loop().time() == 2.0

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
