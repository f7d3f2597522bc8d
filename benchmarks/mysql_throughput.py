"""`python -m benchmarks.mysql_throughput`: writes through a MySQL service's address beside a direct connection to its primary.

Each client changes rows of a table of sysbench's shape by their numbers, one transaction each, like `oltp_update_index`. Which of
the two begins changes from pair to pair. Needs the running cluster.
"""

import argparse
import random
import statistics
import threading
import time
from dataclasses import replace

from benchmarks.failover import GREEN_SECONDS, MYSQL, SERVICE
from moorage.engines.mysql.constants import PORT
from tests.chaos.mysqluri import Where, where
from tests.e2e.client import uri
from tests.e2e.cluster import get, kubectl, pod_of, wait_green

ROWS, BATCH = 10_000, 1_000
MAKE = "CREATE TABLE app.sbtest (id INT PRIMARY KEY, k INT NOT NULL, c CHAR(120) NOT NULL, pad CHAR(60) NOT NULL, KEY (k))"
FILL = "INSERT INTO app.sbtest VALUES (%s, %s, %s, %s)"
CHANGE = "UPDATE app.sbtest SET k = k + 1 WHERE id = %s"


def fill(there: Where) -> None:
    rows = [(i, i, "c" * 120, "p" * 60) for i in range(ROWS)]
    connection = there.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS app.sbtest")
            cursor.execute(MAKE)
            for first in range(0, ROWS, BATCH):
                cursor.executemany(FILL, rows[first : first + BATCH])
    finally:
        connection.close()


def writes_per_second(there: Where, clients: int, seconds: float) -> float:
    """Raises what a driver raises: a write that fails is no throughput."""
    counts, failed, stop, ready = [0] * clients, list[Exception](), threading.Event(), threading.Barrier(clients + 1)

    def write(number: int) -> None:
        drawn = random.Random(number)  # noqa: S311 - which rows
        connection = there.connect()
        try:
            with connection.cursor() as cursor:
                ready.wait(30)
                while not stop.is_set():
                    cursor.execute(CHANGE, (drawn.randrange(ROWS),))
                    counts[number] += 1
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait(30)
    began = time.monotonic()
    time.sleep(seconds)  # the length of the measurement, not a wait for something
    stop.set()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return sum(counts) / (time.monotonic() - began)


def compare(service: str, pairs: int, clients: int, seconds: float) -> None:
    primary = pod_of(service, str(wait_green(service, GREEN_SECONDS)["primary"]))
    through = where(uri(service, "uri"))
    direct = replace(through, hosts=((str(get("pod", primary)["status"]["podIP"]), PORT),))
    fill(through)
    writes_per_second(direct, clients, seconds)  # what is cold becomes warm
    found: dict[str, list[float]] = {"address": [], "direct": []}
    for pair in range(pairs):
        order = [("address", through), ("direct", direct)]
        for name, there in order if pair % 2 else reversed(order):
            found[name].append(writes_per_second(there, clients, seconds))
    ratio = statistics.median(a / d for a, d in zip(found["address"], found["direct"], strict=True))
    print("\n| clients | pairs | address p50 | direct p50 | address of direct |\n|---|---|---|---|---|")
    of_address, of_direct = (statistics.median(found[name]) for name in ("address", "direct"))
    print(f"| {clients} | {pairs} | {of_address:.0f}/s | {of_direct:.0f}/s | {ratio * 100:.1f} % |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    kubectl("apply", "-f", "-", stdin=MYSQL.format(name=SERVICE))
    try:
        compare(SERVICE, given.pairs, given.clients, given.seconds)
    finally:
        kubectl("delete", "mds", SERVICE, "--timeout=150s")


if __name__ == "__main__":
    main()
