"""When a task last got on: what it tells changed, or a program that it started was at work.

An engine that builds indexes or compares for an hour tells nothing meanwhile, and one that waits for a dead disk or another
program tells nothing either. What tells them apart is what they use of processors and disks.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from moorage.worker.work import Work

LOOK_SECONDS = 10.0
BUSY_SHARE = 0.05
"""Of one processor: an engine that only waits takes a tenth of that."""
BUSY_BYTES = 2**20
PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Effort:
    """What the programs that the worker started have used since they began."""

    pids: frozenset[int] = frozenset()
    cpu_seconds: float = 0.0
    disk_bytes: int = 0


def has_worked(before: Effort, after: Effort, seconds: float) -> bool:
    """Whether something was done in between; another set of programs is a step as well."""
    if before.pids != after.pids:
        return True
    is_busy = after.cpu_seconds - before.cpu_seconds >= BUSY_SHARE * seconds
    return bool(after.pids) and (is_busy or after.disk_bytes - before.disk_bytes >= BUSY_BYTES)


def effort(parent: int, proc: Path = PROC) -> Effort:
    """Of the direct children of a process. What ends meanwhile is left out."""
    pids, cpu_seconds, disk_bytes = set[int](), 0.0, 0
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # the name in parentheses may hold anything, also spaces
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) != parent:
                continue
            counts = dict(line.split(": ") for line in (folder / "io").read_text().splitlines())
        except (OSError, ValueError, IndexError):
            continue
        pids.add(int(folder.name))
        cpu_seconds += (int(fields[11]) + int(fields[12])) / _TICKS
        disk_bytes += int(counts["read_bytes"]) + int(counts["write_bytes"])
    return Effort(frozenset(pids), cpu_seconds, disk_bytes)


class Pulse:
    """Of one task, from its start."""

    def __init__(
        self, look: Callable[[], Effort] = lambda: effort(os.getpid()), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._look, self._clock = look, clock
        self._began = self._got_on = self._looked = clock()
        self._told: object = None
        self._effort = Effort()

    def feel(self, work: Work) -> float:
        """After how many seconds of its life it last got on, to the second."""
        now = self._clock()
        told = (work.message, work.counts.raw_bytes, work.counts.stored_bytes, work.beats, repr(work.result))
        if told != self._told:
            self._told, self._got_on = told, now
        if now - self._looked >= LOOK_SECONDS:
            seen = self._look()
            if has_worked(self._effort, seen, now - self._looked):
                self._got_on = now
            self._effort, self._looked = seen, now
        return float(round(self._got_on - self._began))
