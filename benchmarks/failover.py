"""`python -m benchmarks.failover --kills 30`: how long a writer waits when the primary's mongod is killed.

Moorage through its address, beside the same replica set without Moorage: MongoDB's default election timeout, and Moorage's
shorter one. Kills come at random moments; every acknowledged write is looked for afterwards. Needs the running cluster.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.raw import RawSet
from tests.e2e.client import Writer, uri
from tests.e2e.cluster import kill_engine, kubectl, moorage, pod_of, status, wait_green
from tests.e2e.conftest import MANIFEST

SERVICE = "bench"


@dataclass(frozen=True)
class Row:
    """Write gaps of one peer, in seconds."""

    name: str
    gaps_seconds: list[float]
    lost: int

    def __str__(self) -> str:
        gaps = sorted(self.gaps_seconds)
        p95 = gaps[min(len(gaps) - 1, int(len(gaps) * 0.95))]
        figures = f"{statistics.median(gaps):.2f} s | {p95:.2f} s | {gaps[-1]:.2f} s | {gaps[0]:.2f} s | {self.lost}"
        return f"| {self.name} | {len(gaps)} | {figures} |"


def measure(name: str, times: int, address: Callable[[], str], steady: Callable[[], str], hurt: Callable[[str], None]) -> Row:
    """`steady` waits until the set is whole and names its primary; `hurt` does the harm."""
    gaps, lost = [], 0
    for turn in range(times):
        primary = steady()
        with Writer(address(), f"{name.split(maxsplit=1)[0].lower()}_{time.time_ns()}") as writer:
            time.sleep(random.uniform(0, 1))  # noqa: S311 - the moment of the harm is what is drawn
            hurt(primary)
            writer.wait_for_more(100, 60)
        gaps.append(writer.history.longest_gap_seconds())
        lost += len(writer.lost())
        print(f"  {name} {turn + 1}/{times}: {gaps[-1]:.2f} s", flush=True)
    return Row(name, gaps, lost)


def _moorage_primary() -> str:
    wait_green(SERVICE)
    return str(status(SERVICE)["primary"])


def _promote(primary: str) -> None:
    moorage("promote", SERVICE, next(m for m in status(SERVICE)["healthInstances"] if m != primary))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--raw-kills", type=int, default=10)
    given = parser.parse_args()
    rows = []
    kubectl("apply", "-f", "-", stdin=MANIFEST.format(name=SERVICE))
    try:

        def address() -> str:
            return uri(SERVICE)

        def kill(primary: str) -> None:
            kill_engine(pod_of(SERVICE, primary))

        rows.append(measure("Moorage, kill -9", given.kills, address, _moorage_primary, kill))
        rows.append(measure("Moorage, promote", given.raw_kills, address, _moorage_primary, _promote))
    finally:
        kubectl("delete", "mds", SERVICE, "--timeout=120s")
    for name, timeout_ms in (("raw-tuned, kill -9 (2 s election timeout)", 2_000), ("raw-default, kill -9 (10 s)", 10_000)):
        with RawSet(f"raw{timeout_ms}", timeout_ms) as peer:
            rows.append(measure(name, given.raw_kills, lambda peer=peer: peer.uri, peer.primary_pod, kill_engine))  # type: ignore[misc]
    print("\n| what | times | p50 | p95 | max | min | acknowledged writes lost |\n|---|---|---|---|---|---|---|")
    print("\n".join(map(str, rows)))


if __name__ == "__main__":
    main()
