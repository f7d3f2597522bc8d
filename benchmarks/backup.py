"""`python -m benchmarks.backup --gib 1 --pairs 3`: a worker's backup and restore beside the same tools in a shell's pipe.

Both read from the same secondary of a real replica set on loopback, and write into the same S3 server. By hand:
`mongodump --archive | zstd`, uploaded by boto3 as it comes (`--level` of zstd: 3, its default; the worker's is
`stream.LEVEL`); `zstd -d | mongorestore` with the worker's own settings, from a file that was fetched before. The worker does
more: it starts Python, counts, hashes, compares what it restored and sets passwords. Its modules are compiled, as in the image.

Processor time is that of the worker or of the tools by hand with their children, mongod of a restore included; it says more than
the clock when something else is at work on the machine.
"""

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pymongo import MongoClient

from moorage.core.task import Task, TaskKind, TaskPhase, TaskReport
from moorage.engines.mongodb.seeding import INSERTION_WORKERS
from moorage.worker.work import Mounts
from tests.engine import programs
from tests.engine.replica import Member, ReplicaSet, running
from tests.engine.tasks import named
from tests.store.gateway import BUCKET, KEY, SECRET, Gateway

NAME = "mongodb-shop-orders-2026110602300{}"
BATCH = 1000
HEADS, TAILS = ("al", "be", "cor", "den", "el", "fin", "gor", "hal", "in", "jor"), ("a", "ton", "ly", "er", "ing")
WORDS = [f"{head}{tail}" for head in HEADS for tail in TAILS]
CACHE_GIB = 0.5
AS_IN_ITS_POD = {"MALLOC_MMAP_THRESHOLD_": "131072"}
DEFAULT_LEVEL = 3
T = TypeVar("T")


def document(number: int, chance: random.Random) -> dict[str, Any]:
    """An order as shops keep it, about 1 KiB: names and texts that repeat, numbers and keys that do not."""
    return {
        "_id": number,
        "customer": {"name": f"{chance.choice(WORDS)} {chance.choice(WORDS)}".title(), "id": chance.randrange(10**6)},
        "placed": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number),
        "status": chance.choice(("open", "paid", "sent", "returned")),
        "lines": [
            {"sku": f"{chance.getrandbits(40):010x}", "count": chance.randint(1, 9), "price": chance.randint(100, 99_999) / 100}
            for _ in range(4)
        ],
        "note": " ".join(chance.choices(WORDS, k=70)),
        "token": chance.randbytes(48),
    }


def fill(replica_set: ReplicaSet, gib: float) -> float:
    """Documents until there are so many GiB, in three collections with an index each; the raw size in GiB."""
    chance = random.Random(1)  # noqa: S311 - the same documents in every run
    number, wanted = 0, gib * 2**30
    with replica_set.client(w="majority") as client:
        shop = client["shop"]
        for name in ("orders", "archive", "drafts"):
            shop[name].create_index("customer.id")
        while True:
            for name in ("orders", "archive", "archive", "drafts"):
                shop[name].insert_many([document(number + i, chance) for i in range(BATCH)], ordered=False)
                number += BATCH
            if number % (50 * BATCH) < 4 * BATCH and (size := shop.command("dbStats")["dataSize"]) >= wanted:
                return float(size) / 2**30


@dataclass(frozen=True)
class Run:
    """What one run took."""

    seconds: float
    processor: float
    """Seconds of a core."""
    mib: float = 0
    """The most memory of the worker's own process."""


@dataclass(frozen=True)
class Place:
    """What both sides share."""

    replica_set: ReplicaSet
    gateway: Gateway
    folder: Path
    source: Member
    level: int = DEFAULT_LEVEL

    def mounts(self, data: Path) -> Mounts:
        keys = self.folder / "keys"
        keys.mkdir(exist_ok=True)
        (keys / "accessKeyId").write_text(KEY)
        (keys / "secretAccessKey").write_text(SECRET)
        return Mounts(credentials=keys, identity=self.folder, engine=replace(self.replica_set.places, data=data))

    def store(self) -> dict[str, Any]:
        return {"s3": {"endpoint": self.gateway.endpoint, "bucket": BUCKET, "credentialsSecret": "keys", "pathStyle": True}}


def worker(place: Place, kind: TaskKind, body: dict[str, Any], data: Path) -> Run:
    """In a process of its own."""
    task = Task("0123456789ab-1", kind, place.store(), "shop", "orders", "mongodb", body)
    mounts = place.mounts(data)
    given = {
        "task": task.to_json(),
        "credentials": str(mounts.credentials),
        **{name: str(getattr(mounts.engine, name)) for name in ("internal", "tls", "data", "scratch")},
    }
    env = {**os.environ, **AS_IN_ITS_POD, "PYTHONPYCACHEPREFIX": str(place.folder / "compiled")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    before, began = _of_children(), time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.backup_worker"],
        env=env,
        input=json.dumps(given),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds, processor = time.monotonic() - began, _of_children() - before
    said = json.loads(done.stdout.splitlines()[-1])
    report = TaskReport(**{**said["report"], "phase": TaskPhase(said["report"]["phase"])})
    assert report.phase is TaskPhase.SUCCEEDED, report.message
    return Run(seconds, processor, said["mib"])


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def backup_by_hand(place: Place, number: int) -> Run:
    config = place.replica_set.folder / "dump.yaml"
    config.write_text(json.dumps({"password": (place.replica_set.places.internal / "keyfile").read_text().strip()}))
    config.chmod(0o600)
    words = [
        "mongodump", "--config", str(config), "--host", "127.0.0.1", "--port", str(place.source.port), "--username", "__system",
        "--authenticationDatabase", "local", "--authenticationMechanism", "SCRAM-SHA-256", "--ssl",
        "--sslCAFile", str(place.replica_set.places.tls / "ca.crt"), "--readPreference", "nearest", "--archive", "--oplog",
        "--quiet",
    ]  # fmt: skip
    client = {
        "endpoint_url": place.gateway.endpoint,
        "aws_access_key_id": KEY,
        "aws_secret_access_key": SECRET,
        "region_name": "us-east-1",
    }
    given = {"dump": words, "client": client, "level": place.level, "bucket": BUCKET, "key": f"by-hand-{number}.zst"}
    command = [sys.executable, "-m", "benchmarks.backup_by_hand"]
    done = subprocess.run(command, input=json.dumps(given), stdout=subprocess.PIPE, text=True, check=True)
    return Run(**json.loads(done.stdout))


def restore_by_hand(place: Place, data: Path) -> Run:
    """Into a mongod as the worker starts one; the archive was fetched before, which is not counted."""
    archive = place.folder / "archive.zst"
    if not archive.exists():
        (stored,) = place.gateway.bucket_folder.glob("by-hand-0.zst")
        shutil.copy(stored, archive)
    data.mkdir()
    socket = Path(tempfile.mkdtemp(prefix="by-hand-")) / "s.sock"
    before, began = _of_children(), time.monotonic()
    mongod = subprocess.Popen(
        ["mongod", "--dbpath", data, "--bind_ip", socket, "--logpath", data / "log", "--wiredTigerCacheSizeGB", str(CACHE_GIB)],
        stdout=subprocess.DEVNULL,
    )
    uri = f"mongodb://{str(socket).replace('/', '%2F')}"
    restore = [
        "mongorestore", "--uri", uri, "--archive", "--oplogReplay", "--numParallelCollections", "4", "--quiet",
        "--numInsertionWorkersPerCollection", str(INSERTION_WORKERS), "--writeConcern", "{w: 1, j: false}",
    ]  # fmt: skip
    while not socket.exists():
        assert mongod.poll() is None
        time.sleep(0.05)  # the pace of a wait for its socket
    with archive.open("rb") as packed:
        zstd = subprocess.Popen(["zstd", "-q", "-d"], stdin=packed, stdout=subprocess.PIPE)
        subprocess.run(restore, stdin=zstd.stdout, check=True)
        zstd.wait()
    mongod.terminate()
    mongod.wait()
    return Run(time.monotonic() - began, _of_children() - before)


@contextmanager
def writes(to_primary: Callable[[], AbstractContextManager[MongoClient[dict[str, Any]]]]) -> Iterator[list[float]]:
    """One writer on the primary, 50 writes a second; the list grows by the seconds that each took."""
    taken: list[float] = []
    stop = threading.Event()

    def run() -> None:
        with to_primary() as client:
            number = 0
            while not stop.wait(0.02):
                number, began = number + 1, time.monotonic()
                client["shop"]["written"].insert_one({"number": number})
                taken.append(time.monotonic() - began)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield taken
    finally:
        stop.set()
        thread.join()


def p99_ms(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98] * 1000 if len(taken) > 1 else float("nan")


def compare(gib: float, pairs: int, level: int) -> None:
    os.environ["PATH"] = programs.path()
    with tempfile.TemporaryDirectory() as scratch, running(Path(scratch) / "set") as replica_set:
        folder = Path(scratch)
        (folder / "s3").mkdir()
        gateway = Gateway(folder / "s3")
        gateway.start()
        try:
            raw = fill(replica_set, gib)
            _compare(Place(replica_set, gateway, folder, replica_set.secondaries()[0], level), raw, pairs)
        finally:
            gateway.stop()


def _compare(place: Place, raw: float, pairs: int) -> None:
    hosts = [h for h in named(place.replica_set.hosts()) if h["name"] == place.source.name]
    hand, ours = list[Run](), list[Run]()
    before, by_hand, during = list[float](), list[float](), list[float]()
    body: dict[str, Any] = {"members": hosts, "replicaSet": "orders", "dataService": {}}
    worker(place, TaskKind.BACKUP, {**body, "backupName": NAME.format(99)}, place.folder)  # compiles, and warms both caches

    def to_primary() -> AbstractContextManager[MongoClient[dict[str, Any]]]:
        return place.replica_set.client(place.replica_set.primary(), w=1)

    with writes(to_primary) as taken:
        time.sleep(10)  # the length of the measurement
        before += taken
    for number in range(pairs):
        with writes(to_primary) as taken:
            hand.append(backup_by_hand(place, number))
            by_hand += taken
        with writes(to_primary) as taken:
            ours.append(worker(place, TaskKind.BACKUP, {**body, "backupName": NAME.format(number)}, place.folder))
            during += taken
    print(f"\n{raw:.2f} GiB of documents, {pairs} pairs, {os.cpu_count()} cores for everything, zstd -{place.level} by hand")
    print("| what | by hand p50 | worker p50 | of by hand's throughput | processor by hand | worker's | worker's own memory |")
    print("|---|---|---|---|---|---|---|")
    _row("backup", raw, hand, ours)
    hand, ours = [], []
    for number in range(pairs):
        hand.append(_in(place.folder / f"hand{number}", lambda data: restore_by_hand(place, data)))
        path = f"mongodb/shop/orders/{NAME.format(number)}"
        body = {"path": path, "mode": "fill", "passwords": "set", "cacheGiB": CACHE_GIB}

        def seed(data: Path, body: dict[str, Any] = body) -> Run:
            data.mkdir()
            return worker(place, TaskKind.SEED, body, data)

        ours.append(_in(place.folder / f"ours{number}", seed))
    _row("restore", raw, hand, ours)
    print(
        f"\np99 of a write on the primary: {p99_ms(before):.1f} ms before, {p99_ms(during):.1f} ms during the worker's backups,"
        f" {p99_ms(by_hand):.1f} ms during those by hand"
    )


def _in(data: Path, work: Callable[[Path], T]) -> T:
    try:
        return work(data)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _row(what: str, raw: float, hand: list[Run], ours: list[Run]) -> None:
    by_hand, worker_ = (statistics.median(run.seconds for run in runs) for runs in (hand, ours))
    ratio = statistics.median(h.seconds / o.seconds for h, o in zip(hand, ours, strict=True))  # of each pair: noise is shared
    processor = (statistics.median(run.processor for run in runs) for runs in (hand, ours))
    told = [
        what,
        *(f"{seconds:.1f} s ({raw * 1024 / seconds:.0f} MiB/s)" for seconds in (by_hand, worker_)),
        f"{ratio * 100:.0f} %",
        *(f"{seconds:.1f} s" for seconds in processor),
        f"{max(run.mib for run in ours):.0f} MiB",
    ]
    print(f"| {' | '.join(told)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=1)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--level", type=int, default=DEFAULT_LEVEL, help="of zstd by hand")
    given = parser.parse_args()
    compare(given.gib, given.pairs, given.level)


if __name__ == "__main__":
    main()
