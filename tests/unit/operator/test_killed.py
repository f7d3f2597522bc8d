"""The operator is killed at each call that it makes in the life of a backup, before or after it is done, and comes back."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from moorage.core.task import TaskKind
from moorage.kube.client import Object
from tests.unit.operator.backup_world import Stamping, World, manifest

T = TypeVar("T")


class KilledError(BaseException):
    """Nothing in the process outlives it."""


class Mortal(Stamping):
    """Kills who asks: at its call number `at_call`, before or after it is done."""

    at_call, is_after = -1, False
    calls = 0

    async def create(self, manifest: Object) -> Object:
        return await self._call(super().create(manifest))

    async def apply(self, manifest: Object) -> Object:
        return await self._call(super().apply(manifest))

    async def merge(self, kind: str, name: str, namespace: str, patch: Object, *, status: bool = False) -> Object:
        return await self._call(super().merge(kind, name, namespace, patch, status=status))

    async def delete(self, kind: str, name: str, namespace: str) -> None:
        await self._call(super().delete(kind, name, namespace))

    async def _call(self, call: Coroutine[Any, Any, T]) -> T:
        self.calls += 1
        if self.calls != self.at_call:
            return await call
        if self.is_after:
            await call
        else:
            call.close()
        raise KilledError


def a_world(at_call: int, *, is_after: bool) -> tuple[World, Mortal]:
    world = World(rehearsal="Always", keepDays=1)
    server = Mortal(world.stamp)
    server.objects, server.version = world.server.objects, world.server.version
    server.at_call, server.is_after = at_call, is_after
    world.server = server
    world.store_answers = True
    world.restart()
    world.store(ready=False)
    return world, server


def work(world: World) -> None:
    """Every worker that runs succeeds."""
    for pod in world.workers(TaskKind.BACKUP):
        if "status" not in pod:
            world.succeeds(TaskKind.BACKUP, **manifest(world.task(TaskKind.BACKUP).body["backupName"], world.seconds))
    for kind in (TaskKind.SEED, TaskKind.DELETE):
        for pod in world.workers(kind):
            if "status" not in pod:
                world.succeeds(kind, restoreSeconds=1)


async def goes_on(world: World, seconds: float) -> None:
    """Until nobody has anything to do; who is killed comes back and knows nothing."""
    for step in range(12):
        try:
            await world.settle(seconds + step * 6)
        except KilledError:
            world.restart()
        work(world)


async def lives(world: World) -> None:
    """A store is checked, a backup taken by schedule and rehearsed; the next day another one, and the first one expires."""
    await goes_on(world, 0)
    await goes_on(world, 6 * 60)
    await goes_on(world, 86400 + 6 * 60)
    await goes_on(world, 86400 + 10 * 60)
    deleted = [n for n in world.backups() if world.of("DataBackup", n)["metadata"].get("deletionTimestamp")]
    assert deleted == []


async def calls_of_a_life() -> int:
    world, server = a_world(-1, is_after=False)
    await lives(world)
    return server.calls


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
async def test_an_operator_that_is_killed_at_any_call_comes_to_the_same_rest(is_after: bool) -> None:
    for at_call in range(1, await calls_of_a_life() + 1):
        world, server = a_world(at_call, is_after=is_after)
        await lives(world)
        assert world.backups() == ["orders-202611260230"], f"killed at call {at_call}"
        status = world.status("orders-202611260230")
        assert (status["phase"], status["verified"]) == ("Succeeded", True), f"killed at call {at_call}"
        assert status["taskId"], f"killed at call {at_call}"
        left = [pod["metadata"]["name"] for kind in TaskKind for pod in world.workers(kind)]
        assert left == [], f"killed at call {at_call}"
        taken = [n for verb, kind, n in server.asked if (verb, kind) == ("create", "Pod") and n.startswith("moorage-backup-")]
        assert len(set(taken)) == 2, f"killed at call {at_call}: one worker for each backup"
