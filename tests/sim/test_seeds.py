"""A thousand lives of a service. Each is driven by its seed alone: `pytest tests/sim --seed 17` lives that one again."""

import asyncio
import re
from collections.abc import Callable

from moorage.core import names
from moorage.kube.client import Object
from moorage.operator.main import Settings
from tests.sim import faults, losses
from tests.sim.clock import simulate, spawn
from tests.sim.controllers import is_ready, tied_to
from tests.sim.world import NAMESPACE, World

FAULTS: tuple[faults.Happening, ...] = (
    faults.operator_killed,
    faults.operator_killed,
    faults.api_server_gone,
    faults.operator_cut_off,
    faults.calls_fail,
    faults.calls_are_slow,
    faults.answers_come_late,
    faults.watches_tell_late,
    faults.watches_have_a_gap,
    faults.pod_deleted,
    faults.pod_deleted_by_force,
    faults.node_lost,
    faults.node_gone,
    faults.node_cut_off,
    faults.engine_crashes,
    faults.agent_dies,
    faults.object_deleted_by_hand,
    faults.object_edited_by_hand,
    losses.volume_lost,
    losses.claim_lost,
    losses.data_damaged,
    losses.data_damaged,
    losses.member_left_behind,
    losses.volume_fills,
    faults.status_wiped,
)
PEOPLE: tuple[faults.Happening, ...] = (
    faults.another_image,
    faults.an_image_that_is_not_there,
    faults.another_parameter,
    faults.a_parameter_that_is_refused,
    faults.larger_volumes,
    faults.restart,
    faults.promote,
    faults.rebuild,
    faults.recover,
    faults.maintenance,
    faults.drill,
    faults.other_size,
    faults.next_version,
)
DELETED_SHARE = 0.2
PLACELESS_SECONDS = 60.0


async def _live(seed: int) -> None:
    settings = Settings(lost_node_seconds=(600.0, 20.0)[seed // 2 % 2])
    world = World(seed, replicas=1 + (seed % 4 == 0), nodes=3 + 2 * (seed % 2), settings=settings, has_local_disks=seed % 5 == 0)
    random = world.random
    members = random.choice(({}, {}, {}, {"arbiter": True}, {"members": 1}))
    world.deploy(**members)
    for _ in range(random.randint(1, 4)):
        await asyncio.sleep(random.uniform(0.0, random.choice((1.0, 4.0, 20.0))))
        happening = random.choice(FAULTS + PEOPLE)
        world.trace.add("happening", happening.__name__)
        end = happening(world)
        if end is not None:
            world.loop.call_later(random.uniform(1.0, 45.0), end)
        world.stop_when_broken()
    if random.random() < DELETED_SHARE:
        await _delete_and_bring_back(world, members)
    await asyncio.sleep(45.0)
    world.trace.add("happening", "nothing any more")
    reading = spawn(_read_and_recover(world))
    await world.until(_why_not_done(world))
    reading.cancel()
    await world.rest()


def _why_not_done(world: World) -> Callable[[], str | None]:
    """The reason why it is not done. A volume on a local disk of a node that another member has can be mounted nowhere.

    That is said, and left to a person: it counts as done once it has been so for a minute, by the cluster's own word.
    """
    since: float | None = None

    def look() -> str | None:
        nonlocal since
        now = world.loop.time()
        since = (now if since is None else since) if _has_no_place(world) else None
        return None if since is not None and now - since >= PLACELESS_SECONDS else world.why_not_done()

    return look


def _has_no_place(world: World) -> bool:
    """Whether a member waits for a node that is there, and another member runs on."""
    service = world.service()
    pods = [] if service is None else world.pods(names.generation_of(service["metadata"].get("annotations") or {}))
    taken = {p["spec"].get("nodeName") for p in pods}
    ready = {n["metadata"]["name"] for n in world.server.list("Node") if is_ready(n)}
    waiting = (f"data-{p['metadata']['name']}" for p in pods if not p["spec"].get("nodeName"))
    return any(tied_to(world.server, world.server.get("PersistentVolumeClaim", c, NAMESPACE)) in taken & ready for c in waiting)


async def _read_and_recover(world: World) -> None:
    """Most members may be gone for good by now. A person who reads so does what the sentence says, and nobody else does it."""
    while True:
        await asyncio.sleep(30.0)
        said = ((world.service() or {}).get("status") or {}).get("healthMsg", "")
        if (found := re.search(r"moorage recover orders --keep datanode(\d) -n shop", said)) is not None:
            world.trace.add("happening", f"a person keeps datanode{found[1]}")
            faults.keep(world, int(found[1]))


async def _delete_and_bring_back(world: World, members: Object) -> None:
    """Faults may still go on. What was kept is used again by the same name, and by the version that it was kept for."""
    version = faults.version_of(world)
    on_delete = world.random.choice(("Retain", "Delete"))
    await world.until(lambda: _why_unlocked(world))  # somebody may just have deleted them by hand
    held, passwords = world.kept()
    world.delete(on_delete)
    await world.until(world.why_not_gone)
    volumes, secret = world.kept()
    if on_delete == "Delete":
        assert (volumes, secret) == (0, None)
    else:
        assert volumes >= held
        assert secret == (passwords if volumes else None)
    world.deploy(**members, **({"version": version} if volumes else {}))


def _why_unlocked(world: World) -> str | None:
    volumes, passwords = world.kept()
    return "volumes without passwords" if volumes and passwords is None else None


def test_the_promises_hold_under_faults_and_the_service_comes_to_rest(seed: int) -> None:
    simulate(_live(seed))
