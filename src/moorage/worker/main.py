"""Reads the task, does it in a thread, reports meanwhile and at the end."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from moorage.core.task import TaskKind, TaskPhase, TaskReport, task_from_json
from moorage.core.workers import stalled_after
from moorage.kube.client import Kube
from moorage.worker import archive, backup, check, delete, seed
from moorage.worker.pulse import Pulse
from moorage.worker.report import MESSAGE_LENGTH_MAX, PACE_SECONDS, Patcher, Rate, Reporter, running
from moorage.worker.work import EXPECTED_ERRORS, Mounts, Outcome, Work, can_be_repeated

log = structlog.get_logger()

TERMINATION = Path("/dev/termination-log")
BEATS = 3
"""So many times it says that it got on within the time after which it would be given up."""
KINDS: Mapping[TaskKind, Callable[[Work], Outcome]] = {
    TaskKind.CHECK: check.run,
    TaskKind.BACKUP: backup.run,
    TaskKind.SEED: seed.run,
    TaskKind.DELETE: delete.run,
    TaskKind.ARCHIVE: archive.run,
}


def do(work: Work) -> TaskReport:
    """The task from beginning to end; never raises."""
    try:
        outcome = KINDS[work.task.kind](work)
    except EXPECTED_ERRORS as error:
        log.warning("task_failed", error=str(error), can_be_repeated=can_be_repeated(error))
        return _failed(work, str(error), repeated=can_be_repeated(error))
    except Exception as error:
        log.exception("task_failed_unexpectedly")
        said = f"an unexpected error, which is a mistake of Moorage's ({type(error).__name__}: {error}); the Pod's log says where"
        return _failed(work, said, repeated=True)
    counts = work.counts
    return TaskReport(
        TaskPhase.SUCCEEDED,
        message=outcome.message[:MESSAGE_LENGTH_MAX],
        raw_bytes=counts.raw_bytes,
        stored_bytes=counts.stored_bytes,
        result=outcome.result,
        listing=outcome.listing,
    )


def _failed(work: Work, message: str, *, repeated: bool) -> TaskReport:
    return TaskReport(
        TaskPhase.FAILED,
        message=message[:MESSAGE_LENGTH_MAX],
        raw_bytes=work.counts.raw_bytes,
        stored_bytes=work.counts.stored_bytes,
        result=work.result,
        can_be_repeated=repeated or work.stop.is_set(),
    )


async def run(work: Work, reporter: Reporter, stop: asyncio.Event) -> TaskReport:
    """Until the task ended; when `stop` is set it is made to end, in order."""
    rate, pulse = Rate(), Pulse()
    doing = asyncio.create_task(asyncio.to_thread(do, work))
    stopping = asyncio.create_task(stop.wait())
    while not doing.done():
        await asyncio.wait(
            {doing} if stop.is_set() else {doing, stopping}, timeout=PACE_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        if stop.is_set() and not work.stop.is_set():
            log.info("stopping")
            work.stop.set()
        if not doing.done() and not work.stop.is_set():
            await reporter.publish(running(work, rate, pulse.feel(work)))
    stopping.cancel()
    report = doing.result()
    await reporter.end(report)
    return report


async def _main() -> int:
    env, stop = os.environ, asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    place = env["POD_NAME"], env["POD_NAMESPACE"], TERMINATION
    try:
        task = task_from_json(env.get("MOORAGE_TASK", ""))
    except ValueError as error:
        reporter = Reporter(_kube(), *place)
        await reporter.end(TaskReport(TaskPhase.FAILED, message=str(error), can_be_repeated=False))
        return 1
    log.info("task_begins", id=task.id, kind=str(task.kind), service=task.service)
    reporter = Reporter(_kube(), *place, beat_seconds=stalled_after(task.kind).total_seconds() / BEATS)
    report = await run(Work(task, Mounts()), reporter, stop)
    log.info("task_ended", phase=str(report.phase), message=report.message)
    return 0 if report.phase is TaskPhase.SUCCEEDED else 1


def _kube() -> Patcher:
    return Kube()


def main() -> int:
    return asyncio.run(_main())
