"""Whether a worker got on: by what it tells, and by what the programs that it started use."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from moorage.core.task import Task, TaskKind
from moorage.worker.pulse import LOOK_SECONDS, Effort, Pulse, effort, has_worked
from moorage.worker.work import Work

ENGINE = Effort(frozenset({7}), 100.0, 10 * 2**20)


class Life:
    """A worker, its clock and the program that it started."""

    def __init__(self) -> None:
        self.seconds, self.effort, self.work = 0.0, ENGINE, Work(Task("0123456789ab1", TaskKind.SEED))
        self._pulse = Pulse(lambda: self.effort, lambda: self.seconds)
        self.after(LOOK_SECONDS)

    def after(self, seconds: float) -> float:
        self.seconds += seconds
        return self._pulse.feel(self.work)


@pytest.mark.parametrize("word", ["bytes", "sentence", "beat"])
def test_what_a_task_tells_anew_is_progress_and_silence_is_none(word: str) -> None:
    life = Life()
    assert life.after(300) == LOOK_SECONDS
    match word:
        case "bytes":
            life.work.counts.raw_bytes += 1
        case "sentence":
            life.work.say("compares")
        case _:
            life.work.beats += 1
    assert life.after(2) == LOOK_SECONDS + 302
    assert life.after(300) == LOOK_SECONDS + 302


def test_an_engine_at_work_is_progress_though_nothing_is_told() -> None:
    life = Life()
    life.effort = replace(ENGINE, cpu_seconds=101.0)
    assert life.after(10) == LOOK_SECONDS + 10
    life.effort = replace(life.effort, disk_bytes=12 * 2**20)
    assert life.after(10) == LOOK_SECONDS + 20


def test_an_engine_that_only_waits_is_no_progress() -> None:
    assert not has_worked(ENGINE, replace(ENGINE, cpu_seconds=100.05, disk_bytes=ENGINE.disk_bytes + 4096), 10.0)
    assert not has_worked(Effort(), Effort(), 10.0)
    assert has_worked(ENGINE, Effort(), 10.0), "it ended: what comes next is another step"


def test_the_effort_is_that_of_the_programs_that_were_started() -> None:
    """Real ones: one that computes, and one that waits."""
    with (
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as idle,
    ):
        try:
            began = time.monotonic()
            seen = effort(os.getpid())
            while seen.cpu_seconds < 0.1 and time.monotonic() - began < 30:
                seen = effort(os.getpid())
            assert {busy.pid, idle.pid} <= seen.pids
            assert seen.cpu_seconds >= 0.1
        finally:
            busy.kill()
            idle.kill()
