"""`python -m benchmarks.deploy --times 5`: from nothing to a green service, beside the same replica set made by hand.

By hand means: three `mongod` processes of the same image in the network of the three nodes, with the same settings and a keyfile,
`replSetInitiate`, the same two users, until all three are up. With `--engine mysql` they are three mysqld on loopback. Needs the
running cluster, whose nodes have the image.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.mysql_raw import RawGroup
from benchmarks.raw import CPU
from benchmarks.raw_processes import RawProcesses
from benchmarks.table import figures
from tests.e2e.cluster import kubectl, moorage, until
from tests.mysql import mysql_programs

RESOURCES = {"mongodb": ("--size", "1Gi", "--memory", "512Mi"), "mysql": ("--size", "2Gi", "--memory", "1Gi")}


def _deploy(engine: str, turn: int) -> float:
    name = f"speed{turn}"
    started = time.monotonic()
    moorage("deploy", engine, name, "--cpu", CPU, *RESOURCES[engine], "--on-delete", "Delete", "--wait", seconds=600)
    seconds = time.monotonic() - started
    kubectl("delete", "mds", name, "--timeout=120s")
    pods = ("get", "pods", "-l", f"app.kubernetes.io/instance={name}", "-o", "name")
    until("its Pods are gone", lambda: not kubectl(*pods).strip(), seconds=90)
    return seconds


def _by_hand(_turn: int) -> float:
    with RawProcesses() as raw:
        return raw.seconds


def _mysql_by_hand(_turn: int) -> float:
    os.environ["PATH"] = mysql_programs.path()
    with tempfile.TemporaryDirectory() as folder, RawGroup(Path(folder)) as raw:
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
    parser.add_argument("--engine", choices=tuple(RESOURCES), default="mongodb")
    given = parser.parse_args()
    by_hand = {"mongodb": _by_hand, "mysql": _mysql_by_hand}[given.engine]
    peers = (("moorage deploy --wait", partial(_deploy, given.engine)), ("by hand", by_hand))
    rows = {name: _measure(name, given.times, once) for name, once in peers}
    print("\n| what | times | p50 | p95 | max | min |\n|---|---|---|---|---|---|")
    for name, seconds in rows.items():
        print(f"| {name} | {figures(seconds)} |")


if __name__ == "__main__":
    main()
