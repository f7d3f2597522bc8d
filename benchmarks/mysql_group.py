"""`python -m benchmarks.mysql_group --kills 10`: how long a writer waits for a group of MySQL, with Moorage's agents and without.

Real mysqlds on loopback, one group after the other in the same run: with agents, and without (`mysql_raw.py`), where a person
does what agents do. The writer goes from member to member, as an address would lead it. Every acknowledged write is looked for
afterwards.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.mysql_raw import RawGroup
from benchmarks.table import figures
from moorage.core.report import Role
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import Group, Life, running
from tests.mysql.mysql_writers import Written, numbers, prepare, writing

Gaps = dict[str, list[float]]
ENOUGH, SOON_SECONDS = 50, 0.5
"""So many writes, later than so long after the harm: then writes go on."""


class Tally:
    """Seconds of each kind of harm, and how many acknowledged writes were lost."""

    def __init__(self, name: str) -> None:
        self.name, self.seconds, self.lost = name, Gaps(), 0

    def add(self, what: str, seconds: float, lost: int = 0) -> None:
        self.seconds.setdefault(what, []).append(seconds)
        self.lost += lost
        print(f"  {self.name}, {what} {len(self.seconds[what])}: {seconds:.2f} s", flush=True)

    def rows(self) -> list[str]:
        return [f"| {self.name}, {what} | {figures(found)} | {self.lost} |" for what, found in self.seconds.items()]


def _goes_on(written: Written, since: float) -> bool:
    return written.count_since(since + SOON_SECONDS) > ENOUGH


def _first_after(written: Written, moment: float) -> float:
    return min(at for _, at in written.acknowledged if at > moment + SOON_SECONDS) - moment


async def with_agents(folder: Path, kills: int, moves: int, outages: int) -> Tally:
    tally, began = Tally("with agents"), time.monotonic()
    async with running(folder) as group:
        tally.add("three empty folders → well", time.monotonic() - began)
        for _ in range(kills):
            await _harm(group, tally, "kill -9 of the primary", group.kill)
        for _ in range(moves):
            await _move(group, tally)
        for _ in range(outages):
            prepare(group)
            with writing(group) as written:
                await group.until("writes go on", lambda: len(written.acknowledged) > ENOUGH)
                for life in group.lives:
                    group.kill(life)
                killed = time.monotonic()
                await group.form_again()
                await group.until("writes go on", lambda: _goes_on(written, killed), 120)  # noqa: B023
            await group.until_well()
            tally.add("kill -9 of all → writes", _first_after(written, killed), _lost(group, written))
    return tally


async def _harm(group: Group, tally: Tally, what: str, harm: Callable[[Life], None]) -> None:
    prepare(group)
    with writing(group) as written:
        await group.until("writes go on", lambda: len(written.acknowledged) > ENOUGH)
        await asyncio.sleep(random.uniform(0, 1))  # noqa: S311 - the moment of the harm is what is drawn
        harmed = time.monotonic()
        harm(group.primary())
        await group.until("writes go on", lambda: _goes_on(written, harmed))
    await group.until_well()
    tally.add(what, written.gap_seconds, _lost(group, written))


async def _move(group: Group, tally: Tally) -> None:
    prepare(group)
    first, heir = group.primary(), group.secondaries()[0]
    with writing(group) as written:
        await group.until("writes go on", lambda: len(written.acknowledged) > ENOUGH)
        asked = time.monotonic()
        await group.order(first, "hand-over", {"to": heir.pod, "term": first.report.term})
        await group.until("it is primary", lambda: heir.report.role is Role.PRIMARY)
        await first.member.cut_clients()  # as its agent does once the address leads elsewhere
        await group.until("writes go on", lambda: _goes_on(written, asked))
    await group.until_well()
    tally.add("planned move", written.gap_seconds, _lost(group, written))


def _lost(group: Group, written: Written) -> int:
    lost = len({n for n, _ in written.acknowledged} - numbers(group, group.primary()))
    group.ask(group.primary(), "DROP TABLE app.numbers", "app")
    return lost


def without_agents(folder: Path, kills: int, moves: int) -> Tally:
    tally = Tally("by hand")
    with RawGroup(folder) as raw:
        tally.add("three empty folders → well", raw.seconds)
        for _ in range(kills):
            killed = raw.primary()
            gap, lost = _raw_harm(raw, lambda: raw.kill(killed), lambda: raw.rejoin(killed))  # noqa: B023 - called here
            tally.add("kill -9 of the primary", gap, lost)
        for _ in range(moves):
            tally.add("planned move", *_raw_harm(raw, lambda: _raw_move(raw), raw.until_well))
    return tally


def _raw_move(raw: RawGroup) -> None:
    first = raw.primary()
    heir = next(m for m in raw.members(first) if m["MEMBER_ROLE"] == "SECONDARY")
    raw.ask(first, f"SELECT group_replication_set_as_primary('{heir['MEMBER_ID']}')")


def _raw_harm(raw: RawGroup, harm: Callable[[], None], heal: Callable[[], None]) -> tuple[float, int]:
    """Seconds without writes, and how many acknowledged ones were lost."""
    prepare(raw)
    with writing(raw) as written:
        _wait(lambda: len(written.acknowledged) > ENOUGH)
        time.sleep(random.uniform(0, 1))  # noqa: S311 - the moment of the harm is what is drawn
        harmed = time.monotonic()
        harm()
        _wait(lambda: _goes_on(written, harmed))
    heal()
    lost = len({n for n, _ in written.acknowledged} - numbers(raw, raw.primary()))
    raw.ask(raw.primary(), "DROP TABLE app.numbers")
    return written.gap_seconds, lost


def _wait(check: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"no writes within {seconds} s"
        time.sleep(0.02)


async def compare(kills: int, moves: int, outages: int, raw_kills: int) -> None:
    os.environ["PATH"] = mysql_programs.path()
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "agents").mkdir()
        ours = await with_agents(Path(scratch) / "agents", kills, moves, outages)
        raw = await asyncio.to_thread(without_agents, Path(scratch), raw_kills, moves)
    load = ", ".join(f"{x:.0f}" for x in os.getloadavg())
    print(f"\n{os.cpu_count()} cores for everything, load of the last 1, 5 and 15 minutes: {load}")
    print("| what | times | p50 | p95 | max | min | acknowledged writes lost |\n|---|---|---|---|---|---|---|")
    print("\n".join([*ours.rows(), *raw.rows()]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for what, times in (("kills", 10), ("moves", 5), ("outages", 3), ("raw-kills", 5)):
        parser.add_argument(f"--{what}", type=int, default=times)
    given = parser.parse_args()
    asyncio.run(compare(given.kills, given.moves, given.outages, given.raw_kills))


if __name__ == "__main__":
    main()
