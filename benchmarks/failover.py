"""`python -m benchmarks.failover --kills 30`: how long a writer waits when the primary is killed, promoted away or cut off.

Moorage through its address, beside the same replica set without Moorage: MongoDB's default election timeout, and Moorage's
shorter one; with `--engine mysql`, beside three mysqld on loopback by MySQL's manual. Harms come at random moments; every
acknowledged write is looked for afterwards. Needs the running cluster.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.mysql_group import without_agents
from benchmarks.raw import CPU, RawSet
from benchmarks.table import figures
from devcluster import links
from moorage.core.names import ANNOTATION_HOLDER
from tests.e2e.client import Writer, uri
from tests.e2e.cluster import get, kill_engine, kubectl, moorage, pod_of, status, until, wait_green
from tests.e2e.conftest import MANIFEST
from tests.e2e.mysqlclient import MySqlWriter
from tests.mysql import mysql_programs

SERVICE = "bench"
MONGODB = MANIFEST.replace("cpu: 200m", f"cpu: {CPU}")
MYSQL = MONGODB.replace("mongodb", "mysql").replace("size: 1Gi", "size: 2Gi").replace("memory: 512Mi", "memory: 1Gi")
GREEN_SECONDS = 300.0
HEAD = "| what | times | p50 | p95 | max | min | acknowledged writes lost |\n|---|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Row:
    """Write gaps of one peer, in seconds."""

    name: str
    gaps_seconds: list[float]
    lost: int

    def __str__(self) -> str:
        return f"| {self.name} | {figures(self.gaps_seconds)} | {self.lost} |"


@dataclass(frozen=True)
class Peer:
    """Something with a primary. `writer`: to a table of this name; `steady` waits until it is whole and names its primary."""

    writer: Callable[[str], Writer]
    steady: Callable[[], str]


def measure(name: str, times: int, peer: Peer, hurt: Callable[[str], None], heal: Callable[[], None] = lambda: None) -> Row:
    """`hurt` does the harm to the primary that it is told, `heal` takes it back."""
    gaps, lost = [], 0
    for turn in range(times):
        primary = peer.steady()
        with peer.writer(f"gap_{time.time_ns()}") as writer:
            time.sleep(random.uniform(0, 1))  # noqa: S311 - the moment of the harm is what is drawn
            try:
                hurt(primary)
                writer.wait_for_more(100, 120)
            finally:
                heal()
        gaps.append(writer.history.longest_gap_seconds())
        lost += len(writer.lost())
        print(f"  {name} {turn + 1}/{times}: {gaps[-1]:.2f} s", flush=True)
    return Row(name, gaps, lost)


def _steady() -> str:
    """Green, and the address leads to the primary of the status: right after a cut the status can be older than the address."""

    def primary() -> str | None:
        found = str(wait_green(SERVICE, GREEN_SECONDS)["primary"])
        holder = get("endpointslice", SERVICE)["metadata"]["annotations"][ANNOTATION_HOLDER]
        return found if holder == pod_of(SERVICE, found) else None

    return until("the status names the primary behind the address", primary)


def _kill(primary: str) -> None:
    kill_engine(pod_of(SERVICE, primary))


def _promote(primary: str) -> None:
    moorage("promote", SERVICE, next(m for m in status(SERVICE)["healthInstances"] if m != primary))


def _kill_all(_primary: str) -> None:
    for member in status(SERVICE)["healthInstances"]:
        kill_engine(pod_of(SERVICE, member))


def _cut(primary: str) -> None:
    links.cut(get("pod", pod_of(SERVICE, primary))["spec"]["nodeName"], "all")


def _moorage_rows(
    manifest: str, writer: Callable[[str], Writer], kills: int, promotes: int, outages: int, cuts: int
) -> list[Row]:
    kubectl("apply", "-f", "-", stdin=manifest.format(name=SERVICE))
    try:
        peer = Peer(writer, _steady)
        return [
            measure("Moorage, kill -9", kills, peer, _kill),
            measure("Moorage, promote", promotes, peer, _promote),
            measure("Moorage, kill -9 of all members", outages, peer, _kill_all),
            measure("Moorage, node of the primary cut off", cuts, peer, _cut, links.heal),
        ]
    finally:
        kubectl("delete", "mds", SERVICE, "--timeout=120s")


def _raw_row(kills: int, name: str, election_timeout_ms: int) -> Row:
    with RawSet(f"raw{election_timeout_ms}", election_timeout_ms) as raw:
        return measure(name, kills, Peer(lambda name: Writer(raw.uri, name), raw.primary_pod), kill_engine)


def _raw_mysql_rows(kills: int, moves: int) -> list[Row]:
    if not kills:
        return []
    os.environ["PATH"] = mysql_programs.path()
    with tempfile.TemporaryDirectory() as folder:
        found = without_agents(Path(folder), kills, moves)
    return [Row(f"raw mysqld, {what}", seconds, found.lost) for what, seconds in found.seconds.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("mongodb", "mysql"), default="mongodb")
    for what, times in (("kills", 30), ("promotes", 15), ("outages", 5), ("cuts", 10), ("raw-kills", 8)):
        parser.add_argument(f"--{what}", type=int, default=times)
    given = parser.parse_args()
    harms = (given.kills, given.promotes, given.outages, given.cuts)
    if given.engine == "mysql":
        rows = _moorage_rows(MYSQL, lambda name: MySqlWriter(SERVICE, name), *harms)
        rows += _raw_mysql_rows(given.raw_kills, given.raw_kills)
    else:
        rows = _moorage_rows(MONGODB, lambda name: Writer(uri(SERVICE), name), *harms)
    if given.raw_kills and given.engine == "mongodb":
        rows.append(_raw_row(given.raw_kills, "raw-tuned, kill -9 (2 s election timeout)", 2_000))
        rows.append(_raw_row(given.raw_kills, "raw-default, kill -9 (10 s)", 10_000))
    print("\n" + "\n".join([HEAD, *(str(row) for row in rows if row.gaps_seconds)]))


if __name__ == "__main__":
    main()
