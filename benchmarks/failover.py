"""`python -m benchmarks.failover --kills 30`: how long a writer waits when the primary is killed, promoted away or cut off.

Moorage through its address, beside the same replica set without Moorage: MongoDB's default election timeout, and Moorage's
shorter one. Harms come at random moments; every acknowledged write is looked for afterwards. Needs the running cluster.
"""

import argparse
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.raw import CPU, RawSet
from benchmarks.table import figures
from devcluster import links
from moorage.core.names import ANNOTATION_HOLDER
from tests.e2e.client import Writer, uri
from tests.e2e.cluster import get, kill_engine, kubectl, moorage, pod_of, status, until, wait_green
from tests.e2e.conftest import MANIFEST

SERVICE = "bench"
MOORAGE = MANIFEST.replace("cpu: 200m", f"cpu: {CPU}")
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
    """Something with a primary. `steady` waits until it is whole and names its primary."""

    address: Callable[[], str]
    steady: Callable[[], str]


def measure(name: str, times: int, peer: Peer, hurt: Callable[[str], None], heal: Callable[[], None] = lambda: None) -> Row:
    """`hurt` does the harm to the primary that it is told, `heal` takes it back."""
    gaps, lost = [], 0
    for turn in range(times):
        primary = peer.steady()
        with Writer(peer.address(), f"{name.split(maxsplit=1)[0].lower()}_{time.time_ns()}") as writer:
            time.sleep(random.uniform(0, 1))  # noqa: S311 - the moment of the harm is what is drawn
            try:
                hurt(primary)
                writer.wait_for_more(100, 60)
            finally:
                heal()
        gaps.append(writer.history.longest_gap_seconds())
        lost += len(writer.lost())
        print(f"  {name} {turn + 1}/{times}: {gaps[-1]:.2f} s", flush=True)
    return Row(name, gaps, lost)


def _steady() -> str:
    """Green, and the address leads to the primary of the status: right after a cut the status can be older than the address."""

    def primary() -> str | None:
        found = str(wait_green(SERVICE, 180)["primary"])
        holder = get("endpointslice", SERVICE)["metadata"]["annotations"][ANNOTATION_HOLDER]
        return found if holder == pod_of(SERVICE, found) else None

    return until("the status names the primary behind the address", primary)


def _kill(primary: str) -> None:
    kill_engine(pod_of(SERVICE, primary))


def _promote(primary: str) -> None:
    moorage("promote", SERVICE, next(m for m in status(SERVICE)["healthInstances"] if m != primary))


def _cut(primary: str) -> None:
    links.cut(get("pod", pod_of(SERVICE, primary))["spec"]["nodeName"], "all")


def _moorage_rows(kills: int, promotes: int, cuts: int) -> list[Row]:
    kubectl("apply", "-f", "-", stdin=MOORAGE.format(name=SERVICE))
    try:
        peer = Peer(lambda: uri(SERVICE), _steady)
        return [
            measure("Moorage, kill -9", kills, peer, _kill),
            measure("Moorage, promote", promotes, peer, _promote),
            measure("Moorage, node of the primary cut off", cuts, peer, _cut, links.heal),
        ]
    finally:
        kubectl("delete", "mds", SERVICE, "--timeout=120s")


def _raw_row(kills: int, name: str, election_timeout_ms: int) -> Row:
    with RawSet(f"raw{election_timeout_ms}", election_timeout_ms) as raw:
        return measure(name, kills, Peer(lambda: raw.uri, raw.primary_pod), kill_engine)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for what, times in (("kills", 30), ("promotes", 15), ("cuts", 10), ("raw-kills", 8)):
        parser.add_argument(f"--{what}", type=int, default=times)
    given = parser.parse_args()
    rows = _moorage_rows(given.kills, given.promotes, given.cuts)
    if given.raw_kills:
        rows.append(_raw_row(given.raw_kills, "raw-tuned, kill -9 (2 s election timeout)", 2_000))
        rows.append(_raw_row(given.raw_kills, "raw-default, kill -9 (10 s)", 10_000))
    print("\n" + "\n".join([HEAD, *(str(row) for row in rows if row.gaps_seconds)]))


if __name__ == "__main__":
    main()
