"""`python -m benchmarks.scrape --service demo`: what it costs to be measured: how long a scrape takes, and processor time.

Each member of a running service is asked for its metrics once in `--every` seconds, and then for the page that says no more than
`200 OK`: what an answer of this agent takes at least. Processor time is that of the agent and of its engine for both answers, by
the kernel's own accounts: in the time with scrapes less that in the time without. A page is kept for a second, so `--every` is
more than one: each scrape asks the engine. Needs the running cluster, whose Prometheus, if any, asks in both times alike.
With `--raw mongodb` it needs none: a real engine on loopback, without an agent's other loops where it is MongoDB.
"""

import argparse
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial

from benchmarks.idle import processor_seconds
from tests.chaos.processes import parent
from tests.e2e.cluster import engine_pid, kubectl, until
from tests.ports import HOST, free_port

PORT, METRICS, EMPTY = 8090, "/metrics", "/livez"
INTERVAL_SECONDS = 10.0
"""How often Prometheus asks."""
MILLISECONDS_MAX, PERCENT_MAX = 50.0, 1.0


@dataclass
class Member:
    """One Pod. Milliseconds of each answer; seconds of processor time in each time of scrapes and of rest."""

    pod: str
    address: str
    port: int
    engine: int
    agent: int
    scrapes: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    rest: list[float] = field(default_factory=list)
    series: int = 0
    kib: float = 0.0

    def spent(self) -> float:
        return processor_seconds(self.agent) + processor_seconds(self.engine)

    def per_scrape_ms(self) -> float:
        """Processor time."""
        return (sum(self.busy) - sum(self.rest)) / len(self.scrapes) * 1000

    def row(self) -> str:
        took = sorted(self.scrapes)
        share = self.per_scrape_ms() / 1000 / INTERVAL_SECONDS * 100
        p95 = took[int(len(took) * 0.95)]
        return (
            f"| {self.pod} | {len(took)} | {statistics.median(took):.1f} ms | {p95:.1f} ms | {took[-1]:.1f} ms "
            f"| {statistics.median(self.empty):.1f} ms | {self.per_scrape_ms():.1f} ms | {share:.2f} % "
            f"| {self.series} | {self.kib:.0f} KiB |"
        )


def members(service: str, namespace: str) -> list[Member]:
    chosen = ("-l", f"app.kubernetes.io/instance={service},app.kubernetes.io/component=member", "-n", namespace)
    found = []
    for pod in json.loads(kubectl("get", "pods", *chosen, "-o", "json"))["items"]:
        name = pod["metadata"]["name"]
        pid = engine_pid(name)
        found.append(Member(name, pod["status"]["podIP"], PORT, pid, parent(pid)))
    return found


@contextmanager
def raw(engine: str) -> Iterator[list[Member]]:
    """One member, in processes of its own."""
    port = free_port()
    command = (sys.executable, "-m", "benchmarks.scrape_raw", engine, str(port))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            pid = next(int(line) for line in process.stdout if line.strip().isdigit())  # agents log there, too
            yield [Member(engine, HOST, port, pid, process.pid)]
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)  # what it still says is read, or it would end at that


def ask(member: Member, path: str) -> tuple[float, bytes]:
    """Milliseconds and the page; a connection of its own, as a scraper's may be."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(member.address, member.port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, (member.pod, path, answer.status)
    finally:
        connection.close()
    return (time.monotonic() - began) * 1000, body


def scrape(member: Member) -> None:
    took, body = ask(member, METRICS)
    member.scrapes.append(took)
    member.series = sum(1 for line in body.splitlines() if line and not line.startswith(b"#"))
    member.kib = len(body) / 1024
    member.empty.append(ask(member, EMPTY)[0])


def rest(member: Member) -> None:
    """Nobody asks it."""


def period(found: Sequence[Member], seconds: float, every: float, do: Callable[[Member], None]) -> list[float]:
    """So long, with that done to each member so often; processor time of each in it."""
    before = [member.spent() for member in found]
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        began = time.monotonic()
        for member in found:
            do(member)
        time.sleep(max(0.0, min(left, every - (time.monotonic() - began))))  # the pace of the measurement
    return [member.spent() - was for member, was in zip(found, before, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", default="demo")
    parser.add_argument("--namespace", default="default")
    parser.add_argument("--seconds", type=float, default=60, help="of each time with scrapes, and of each without")
    parser.add_argument("--every", type=float, default=1.5)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--raw", metavar="ENGINE", help="mongodb or mysql, on loopback")
    given = parser.parse_args()
    with raw(given.raw) if given.raw else nullcontext(members(given.service, given.namespace)) as found:
        measure(found, given.seconds, given.every, given.pairs)
        tell(found)


def measure(found: Sequence[Member], seconds: float, every: float, pairs: int) -> None:
    for member in found:
        until("the agent answers", partial(answers, member))
        ask(member, METRICS)  # the first one opens connections to the engine
    for _ in range(pairs):
        for member, spent in zip(found, period(found, seconds, every, scrape), strict=True):
            member.busy.append(spent)
        for member, spent in zip(found, period(found, seconds, every, rest), strict=True):
            member.rest.append(spent)


def answers(member: Member) -> bool:
    try:
        return bool(ask(member, EMPTY))
    except OSError:
        return False


def tell(found: Sequence[Member]) -> None:
    load = ", ".join(f"{x:.1f}" for x in os.getloadavg())
    print(f"{os.cpu_count()} cores for everything, load of the last 1, 5 and 15 minutes: {load}")
    print(f"wanted: {MILLISECONDS_MAX:.0f} ms, and {PERCENT_MAX:.0f} % of a core with a scrape each {INTERVAL_SECONDS:.0f} s\n")
    print("| member | scrapes | p50 | p95 | max | empty answer, p50 | processor time of one | share of a core | series | page |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for member in found:
        print(member.row())


if __name__ == "__main__":
    main()
