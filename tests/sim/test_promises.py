"""Every promise can be seen to be broken: an operator that does what it must not is caught."""

import asyncio
from collections.abc import Callable
from inspect import getmembers, isfunction

import pytest

from moorage.core import names
from moorage.kube.client import Kube
from tests.sim.clock import simulate
from tests.sim.kube import SimKube
from tests.sim.world import NAME, NAMESPACE, BrokenPromiseError, World

OPERATOR = "operator-0"
Wrong = Callable[[World], None]


def _delete(kind: str, *found: str) -> Wrong:
    def wrong(world: World) -> None:
        for name in found:
            world.server.delete(OPERATOR, kind, name, NAMESPACE)

    return wrong


def _say_green(world: World) -> None:
    colours = {"status": {"healthInstances": {"datanode1": "green"}, "healthMsg": "all is well"}}
    world.server.merge(OPERATOR, "DataService", NAME, NAMESPACE, colours, status=True)


def _say_nothing_new(world: World) -> None:
    same = (world.service() or {})["status"]
    world.server.merge(OPERATOR, "DataService", NAME, NAMESPACE, {"status": same}, status=True)


def _overwrite(kind: str, name: str) -> Wrong:
    return lambda world: _ignore(world.server.merge(OPERATOR, kind, name, NAMESPACE, {"metadata": {"labels": {"x": "y"}}}))


def _turn_the_address_back(world: World) -> None:
    back = {"metadata": {"annotations": {names.ANNOTATION_TERM: "0"}}}
    world.server.merge("agent orders-g1-1", "EndpointSlice", NAME, NAMESPACE, back)


def _write_as_another(world: World) -> None:
    world.operators[0].name = "operator-9"
    world.server.merge("operator-9", "Service", NAME, NAMESPACE, {"metadata": {"labels": {"x": "y"}}})


def _take_a_member_away(world: World) -> None:
    found = world.server.get("StatefulSet", f"{NAME}-g1", NAMESPACE) or {}
    world.server.apply(OPERATOR, {**found, "spec": {**found["spec"], "replicas": 2}})


def _stop_what_serves(world: World) -> None:
    """Although a restore runs and nothing has taken its place yet."""
    spec = {"source": {"backup": "nosuch"}, "inPlace": NAME}
    world.server.create("person", {"kind": "DataRestore", "metadata": {"name": "back", "namespace": NAMESPACE}, "spec": spec})
    world.server.merge(OPERATOR, "StatefulSet", f"{NAME}-g1", NAMESPACE, {"spec": {"replicas": 0}})


def _lead_to_nothing_verified(world: World) -> None:
    generation = {names.ANNOTATION_GENERATION: "2"}
    world.server.merge("person", "DataService", NAME, NAMESPACE, {"metadata": {"annotations": generation}})
    found = world.server.get("EndpointSlice", NAME, NAMESPACE) or {}
    meta = found["metadata"]
    moved = {**found, "metadata": {**meta, "annotations": {**meta["annotations"], **generation}}}
    world.server.replace(OPERATOR, moved)


def _ignore(_: object) -> None: ...


WRONGS: dict[str, tuple[Wrong, str]] = {
    "a volume is deleted": (_delete("PersistentVolumeClaim", "data-orders-g1-0"), "although it has a volume"),
    "a service that ran is started anew": (_delete("StatefulSet", "orders-g1"), "although its members hold data"),
    "two are replaced at once": (_delete("Pod", "orders-g1-1", "orders-g1-2"), "is replaced while"),
    "the primary is not the last": (_delete("Pod", "orders-g1-0"), "although it is the primary"),
    "the passwords are overwritten": (_overwrite("Secret", names.internal_secret(NAME)), "it may only be created"),
    "the address is overwritten": (_overwrite("EndpointSlice", NAME), "it may only be created"),
    "the address goes back": (_turn_the_address_back, "went from term"),
    "somebody who does not lead writes": (_write_as_another, "writes while"),
    "a status says nothing new": (_say_nothing_new, "says nothing new"),
    "what serves is stopped during a restore": (_stop_what_serves, "serves and a restore runs"),
    "the address leads to what nobody verified": (_lead_to_nothing_verified, "nothing verified its data"),
    "a member that counts is taken away": (_take_a_member_away, "still counts it"),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_an_operator_that_does_what_it_must_not_is_caught(wrong: str) -> None:
    act, said = WRONGS[wrong]

    async def live() -> None:
        world = World()
        world.deploy()
        await world.until(world.why_not_done)
        await asyncio.sleep(10.0)
        act(world)
        world.stop_when_broken()

    with pytest.raises(BrokenPromiseError, match=said):
        simulate(live())


def test_a_silent_member_that_is_called_green_is_caught() -> None:
    async def live() -> None:
        world = World()
        world.deploy()
        await world.until(world.why_not_done)
        (member,) = [m for m in world.cluster.members() if m.name == f"{NAME}-g1-1"]
        member.crash(down_seconds=60.0)
        await asyncio.sleep(10.0)
        _say_green(world)
        world.stop_when_broken()

    with pytest.raises(BrokenPromiseError, match="called green although"):
        simulate(live())


def test_a_write_of_an_idle_service_is_caught() -> None:
    async def live() -> None:
        world = World()
        world.deploy()
        await world.until(world.why_not_done)
        world.loop.call_later(30.0, _overwrite("Service", NAME), world)
        await world.rest()

    with pytest.raises(BrokenPromiseError, match="an idle service caused"):
        simulate(live())


def test_the_fake_client_has_every_method_of_the_real_one() -> None:
    """mypy holds that they are called in the same way."""
    public = {name for name, _ in getmembers(Kube, isfunction) if not name.startswith("_")}
    assert public <= vars(SimKube).keys()


def test_a_life_is_the_same_each_time_it_is_lived() -> None:
    async def live(told: list[str]) -> None:
        world = World(7)
        world.deploy()
        await world.until(world.why_not_done)
        told += str(world.trace).split("\n")

    first: list[str] = []
    second: list[str] = []
    simulate(live(first))
    simulate(live(second))
    assert first == second
