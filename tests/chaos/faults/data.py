"""A member's data is deleted or damaged while its engine runs, which is then killed; or its volume has no room left."""

import shutil
import time

from pymongo.errors import PyMongoError

from devcluster import members
from tests.chaos import bench, processes
from tests.chaos.faults import storage
from tests.chaos.faults.fault import ALL, PRIMARY, SECONDARY, Fault, Named, Scene
from tests.chaos.mysqluri import TROUBLE

DAMAGE_BYTES = 4096
READ_SECONDS = 90.0


def _empty(scene: Scene) -> None:
    pid = bench.engine_pid(scene.victim)
    for found in bench.volume_of(scene.victim).iterdir():
        shutil.rmtree(found, ignore_errors=True) if found.is_dir() else found.unlink(missing_ok=True)
    processes.kill(pid)


def damage(scene: Scene) -> None:
    """4 KiB of noise over the beginning of a file."""
    folder, pid = bench.volume_of(scene.victim), bench.engine_pid(scene.victim)
    file = scene.random.choice(storage.chosen().files(folder))
    processes.freeze(pid)  # so that no checkpoint writes over it again
    with file.open("r+b") as opened:
        opened.write(scene.random.randbytes(DAMAGE_BYTES))
    processes.kill(pid)
    scene.notes["damaged"] = file.name


def read_all(scene: Scene) -> None:
    """As a client of the secondaries, or a backup, would: damage in a file that no start opens is met only then."""
    uri, deadline = bench.admin_uri(scene.victim), time.monotonic() + READ_SECONDS
    while time.monotonic() < deadline and not bench.was_rebuilt(scene.victim):
        try:
            storage.chosen().read_all(uri)
        except (PyMongoError, *TROUBLE):
            time.sleep(0.5)  # the pace of a bounded wait for a condition


def was_seen(scene: Scene) -> list[str]:
    if bench.was_rebuilt(scene.victim):
        return []
    return [f"{scene.notes['damaged']} of {scene.victim.name} was damaged, and it was not copied anew: nobody saw it"]


def _fill(scene: Scene) -> None:
    for one in scene.victims:
        members.fill(f"{bench.NAMESPACE}/{bench.claim_of(one)}")


def _make_room(scene: Scene) -> None:
    for one in scene.victims:
        members.empty(f"{bench.NAMESPACE}/{bench.claim_of(one)}")


FULL = Named(r"volumes? of .*{victim}.* full|{victim}'s volume .*full|{victim} .*(is full|no room|room left|[Nn]o space)")
FAULTS = (
    Fault(
        name="data-emptied",
        targets=(SECONDARY, PRIMARY),
        does="`rm -rf` of all that is in the data folder, then `kill -9` of the engine",
        happens="it starts with an empty folder and copies everything from the others; it is elected by nobody before",
        start=_empty,
        gap_seconds={SECONDARY: 1.0, PRIMARY: 2.0},
        named=Named(r"{victim} (is down|is catching up|is still empty|is not part|cannot)"),
        rebuilds=True,
        empties=True,
    ),
    Fault(
        name="data-corrupted",
        targets=(SECONDARY, PRIMARY),
        does="4 KiB of noise over the beginning of a file of its storage, `kill -9` of the engine, and then somebody reads",
        happens="two crashes say so: it leaves the others, its data is put aside, it copies everything anew and joins",
        start=damage,
        heal=read_all,
        afterwards=was_seen,
        gap_seconds={SECONDARY: 1.0, PRIMARY: 2.0},
        named=Named(r"{victim} is down|{victim} .*(damaged|corrupted)"),
        rebuilds=True,
    ),
    Fault(
        name="disk-full",
        targets=(PRIMARY, SECONDARY),
        does="its volume has no room left for 20 to 30 s",
        happens="a full primary hands over, or its engine ends and a peer takes over; with room again it is back by itself",
        start=_fill,
        heal=_make_room,
        lasts_seconds=(20.0, 30.0),
        gap_seconds={PRIMARY: 2.0, SECONDARY: 1.0},
        named=FULL,
    ),
    Fault(
        name="disks-full",
        targets=(ALL,),
        does="no member's volume has room left, for 20 to 30 s",
        happens="applications are refused, or nothing can be written, until there is room; then all are back by themselves",
        start=_fill,
        heal=_make_room,
        lasts_seconds=(20.0, 30.0),
        gap_seconds={ALL: 30.0},
        gap_since_heal=True,
        named=FULL,
        pairs=False,
    ),
)
