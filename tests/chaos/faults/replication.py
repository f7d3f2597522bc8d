"""A member was away for too long, or went a way of its own."""

import threading
import time
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from devcluster import links
from devcluster.config import NODES
from tests.chaos import bench, processes
from tests.chaos.faults.fault import PRIMARY, SECONDARY, Fault, Named, Scene
from tests.e2e.cluster import until

BLOB_BYTES, SENT_BLOBS = 2**20, 48
"""As many were on their way to it when it stood still: an answer of 16 MB, one that waits behind it, and what sockets hold."""
FILL_SECONDS, PACE_SECONDS = 600.0, 0.05
ALONE_SECONDS = 6.0
REPORTED_SECONDS = 20.0
"""The agent looks at what needs no haste every ten seconds."""


def _leave_behind(scene: Scene) -> None:
    """A secondary stands still while the others write more than their oplogs hold."""
    primary = bench.primary()
    scene.notes["pid"] = bench.engine_pid(scene.victim)
    with MongoClient[dict[str, Any]](bench.admin_uri(primary), serverSelectionTimeoutMS=5_000) as client:
        processes.freeze(scene.notes["pid"])
        for number in range(SENT_BLOBS):
            _write(client, number)
        behind = client["local"]["oplog.rs"].find_one(sort=[("$natural", -1)])
        assert behind is not None
        for other in (m for m in bench.MEMBERS if m != scene.victim):
            with MongoClient[dict[str, Any]](bench.admin_uri(other), serverSelectionTimeoutMS=5_000) as held:
                _write_until_forgotten(client, held, behind["ts"])


def _write_until_forgotten(client: MongoClient[dict[str, Any]], held: MongoClient[dict[str, Any]], moment: Any) -> None:
    """Until the oldest entry of a member's oplog is later than this moment: from whoever goes further back it could go on."""
    deadline, number = time.monotonic() + FILL_SECONDS, 0
    while held["local"]["oplog.rs"].find_one(sort=[("$natural", 1)])["ts"] <= moment:  # type: ignore[index]
        assert time.monotonic() < deadline, f"the oplog still reaches back after {number} writes of {BLOB_BYTES} bytes"
        number += 1
        _write(client, number)


def _write(client: MongoClient[dict[str, Any]], number: int) -> None:
    client["chaos"]["blobs"].replace_one({"_id": 0}, {"number": number, "blob": bytes(BLOB_BYTES)}, upsert=True)
    time.sleep(PACE_SECONDS)  # nobody else has to wait for this


def _go_on(scene: Scene) -> None:
    processes.thaw(scene.notes["pid"])


def _was_rebuilt(scene: Scene) -> list[str]:
    return [] if bench.was_rebuilt(scene.victim) else [f"{scene.victim.name} was not copied anew: it was not too far behind"]


def _write_alone(scene: Scene) -> None:
    """Its peers do not hear it any more, and it takes writes that nobody else knows of, until it steps down."""
    node = scene.notes["node"] = scene.node()
    uri, taken = bench.admin_uri(scene.victim), scene.notes.setdefault("alone", [])
    client = MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=2_000, socketTimeoutMS=2_000, w=1, retryWrites=False)
    client["chaos"]["alone"].insert_one({"before": True})  # the connection stands and the collection is there
    begun = threading.Event()

    def write() -> None:
        deadline = time.monotonic() + ALONE_SECONDS
        while time.monotonic() < deadline:
            try:
                number = len(taken)
                client["chaos"]["alone"].insert_one({"_id": f"{scene.victim.name}-{time.monotonic_ns()}", "number": number})
                taken.append(number)
            except PyMongoError:
                break
            begun.set()
            time.sleep(0.02)  # so fast that some are taken, so slowly that the others are not kept from electing
        client.close()

    for other in [n.name for n in NODES if n.name != node]:
        links.cut(node, other)
    scene.notes["thread"] = threading.Thread(target=write, daemon=True)
    scene.notes["thread"].start()


def _hear_again(scene: Scene) -> None:
    scene.notes["thread"].join(ALONE_SECONDS + 5)
    links.heal(scene.notes["node"])


def _was_kept(scene: Scene) -> list[str]:
    """What it took alone is in files beside its data: MongoDB's own form, for a person to look at."""
    if not scene.notes["alone"]:
        return [f"{scene.victim.name} took no write alone: there was nothing to go back from"]
    kept = [file for file in (bench.volume_of(scene.victim) / "rollback").rglob("*.bson") if file.stat().st_size]
    if not kept:
        return [f"{scene.victim.name} took {len(scene.notes['alone'])} writes alone, and no rollback file holds them"]
    try:
        says = f"{scene.victim.name} took back writes"
        until("it is said", lambda: says in bench.status().get("healthMsg", ""), seconds=REPORTED_SECONDS, every_seconds=0.5)
    except AssertionError:
        return [f"{scene.victim.name} took writes back and keeps them, and nobody says so"]
    return []


FAULTS = (
    Fault(
        name="stale",
        targets=(SECONDARY,),
        does="it stands still while the others write more than their oplogs hold, and goes on",
        happens="it says so, leaves the replica set, its data is put aside, and it copies everything anew",
        start=_leave_behind,
        heal=_go_on,
        afterwards=_was_rebuilt,
        gap_seconds={SECONDARY: 1.0},
        named=Named(r"{victim} (is down|is not heard by|does not answer)"),
        rebuilds=True,
        green_seconds=300.0,
        pairs=False,
    ),
    Fault(
        name="diverged",
        targets=(PRIMARY,),
        does="cut off from its peers, it takes writes with `w: 1` until it steps down; 10 to 20 s later it is heard again",
        happens="it takes them back, keeps them in rollback files, and follows; no `w: majority` write is among them",
        start=_write_alone,
        heal=_hear_again,
        afterwards=_was_kept,
        lasts_seconds=(10.0, 20.0),
        gap_seconds={PRIMARY: 7.0},
        named=Named(r"{victim} (is not heard|is down)|does not hear {victim}|no primary|does not lead to the primary"),
        via="replica-set",
        why_via="the machine's own way to the address may lead through the very node that its peers do not hear",
        pairs=False,
    ),
)
