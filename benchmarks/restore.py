"""`python -m benchmarks.restore --gib 1`: from the command to green, on the running cluster, by the commands that a person gives.

One member of a service on each of the three nodes, which share one machine: the two members that copy from the first one compete
with it for the same cores and the same disk.
"""

import argparse
import json
import random
import time

from benchmarks.backup import BATCH, document, p99_ms, writes
from tests.e2e.backups import Backed
from tests.e2e.cluster import MOORAGE, run

BACKED = Backed("restores")
SPEC = {"members": 3, "storage": {"size": "10Gi"}, "resources": {"cpu": "500m", "memory": "1Gi"}}

BEFORE_SECONDS = 20


def fill(name: str, gib: float) -> float:
    """The raw size in GiB."""
    chance = random.Random(1)  # noqa: S311 - the same documents in every run
    number = 0
    with BACKED.connect(name) as client:
        orders = client["shop"]["orders"]
        orders.create_index("customer.id")
        while True:
            orders.insert_many([document(number + i, chance) for i in range(BATCH)], ordered=False)
            number += BATCH
            if number % (20 * BATCH) == 0 and (size := client["shop"].command("dbStats")["dataSize"]) >= gib * 2**30:
                return float(size) / 2**30


def timed(*arguments: str) -> float:
    began = time.monotonic()
    run(MOORAGE, *arguments, "-n", BACKED.namespace, "--wait", "--timeout", "30m", seconds=1_800)
    return time.monotonic() - began


def green(name: str, began: float) -> float:
    BACKED.green(name, members=3)
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=1)
    given = parser.parse_args()
    with BACKED.made(), BACKED.deployed("source", **SPEC):
        BACKED.green("source", members=3)
        raw = fill("source", given.gib)
        with writes(lambda: BACKED.connect("source")) as before:
            time.sleep(BEFORE_SECONDS)
        with writes(lambda: BACKED.connect("source")) as during:
            rows: list[tuple[str, float, float | None]] = [
                ("`moorage backup --wait`, with its rehearsal", timed("backup", "source"), None)
            ]
        backup = BACKED.backups("source")[0]
        name, status = backup["metadata"]["name"], backup["status"]
        began = time.monotonic()
        seconds = timed("restore", name, "--to", "copy")
        rows.append(("`moorage restore --to --wait`", seconds, green("copy", began)))
        BACKED.moorage("delete", "copy", "--yes", "copy")
        began = time.monotonic()
        seconds = timed("restore", name, "--in-place", "--yes", "source", "--no-safety-backup")
        rows.append(("`moorage restore --in-place --wait`", seconds, green("source", began)))
        began = time.monotonic()
        seconds = timed("restore", "undo", "source", "--yes", "source")
        rows.append(("`moorage restore undo --wait`", seconds, green("source", began)))
    print(f"\n{raw:.2f} GiB of documents; {json.dumps({k: status[k] for k in ('rawBytes', 'sizeBytes', 'restoreSeconds')})}")
    print(f"p99 of a write through the address: {p99_ms(before):.1f} ms before, {p99_ms(during):.1f} ms during the backup")
    print("| what | command | green with all three members |\n|---|---|---|")
    for what, seconds, until_green in rows:
        print(f"| {what} | {seconds:.0f} s | {'' if until_green is None else f'{until_green:.0f} s'} |")


if __name__ == "__main__":
    main()
