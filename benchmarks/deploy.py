"""`python -m benchmarks.deploy --times 5`: from nothing to a green service, beside the same replica set made by hand.

By hand means: three `mongod` processes of the same image in the network of the three nodes, with the same settings and a keyfile,
`replSetInitiate`, the same two users, until all three are up. Needs the running cluster, whose nodes have the image.
"""

import argparse
import time
from collections.abc import Callable

from benchmarks.raw import CPU
from benchmarks.raw_processes import RawProcesses
from benchmarks.table import figures
from tests.e2e.cluster import kubectl, moorage, until


def _deploy(turn: int) -> float:
    name = f"speed{turn}"
    started = time.monotonic()
    moorage("deploy", "mongodb", name, "--size", "1Gi", "--cpu", CPU, "--memory", "512Mi", "--on-delete", "Delete", "--wait")
    seconds = time.monotonic() - started
    kubectl("delete", "mds", name, "--timeout=120s")
    pods = ("get", "pods", "-l", f"app.kubernetes.io/instance={name}", "-o", "name")
    until("its Pods are gone", lambda: not kubectl(*pods).strip(), seconds=90)
    return seconds


def _by_hand(_turn: int) -> float:
    with RawProcesses() as raw:
        return raw.seconds


def _measure(name: str, times: int, once: Callable[[int], float]) -> list[float]:
    found = []
    for turn in range(times):
        found.append(once(turn))
        print(f"  {name} {turn + 1}/{times}: {found[-1]:.1f} s", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    rows = {name: _measure(name, times, once) for name, once in (("moorage deploy --wait", _deploy), ("by hand", _by_hand))}
    print("\n| what | times | p50 | p95 | max | min |\n|---|---|---|---|---|---|")
    for name, seconds in rows.items():
        print(f"| {name} | {figures(seconds)} |")


if __name__ == "__main__":
    main()
