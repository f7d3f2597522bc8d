"""The writer of a drill: writes until it is told to finish, reads back what was acknowledged, and removes it again."""

import time
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

from moorage.engines.drill import DrillClient, WriteError
from moorage.worker.history import History
from moorage.worker.work import Outcome, TaskError, Work

GROUP = "moorage.drills"
PACE_SECONDS = 0.05
SECONDS_MAX = 90 * 60.0
READ_SECONDS_MAX, READ_PACE_SECONDS = 60.0, 0.5


def run(work: Work) -> Outcome:
    """Raises TaskError."""
    with _client(work) as client:
        return drill(work, client)


def _client(work: Work) -> DrillClient:
    for point in entry_points(group=GROUP, name=work.task.engine):
        make = cast("Callable[[Path], DrillClient]", point.load())
        try:
            return make(work.mounts.app)
        except OSError as error:
            raise TaskError(f"the service's Secret for applications cannot be read: {error.strerror or error}") from error
    known = ", ".join(sorted(point.name for point in entry_points(group=GROUP)))
    raise TaskError(f"services of engine '{work.task.engine}' cannot be drilled; those that can: {known}", can_be_repeated=False)


def drill(work: Work, client: DrillClient, clock: Callable[[], float] = time.monotonic) -> Outcome:
    """`clock`: seconds that only rise. Raises TaskError."""
    history = History(clock)
    try:
        client.begin()
    except WriteError as error:
        raise TaskError(f"nothing can be written through the address: {error}") from error
    _write(work, client, history)
    work.say("reads back what was acknowledged")
    work.result = history.figures()
    found = _read(work, client)
    work.result = {**history.figures(), "lost": len(history.acknowledged - found)}
    try:
        client.end()
    except WriteError as error:
        work.result["left"] = str(error)  # the next drill removes it
    return Outcome("what was acknowledged was looked for", work.result)


def _write(work: Work, client: DrillClient, history: History) -> None:
    number, began = 0, time.monotonic()
    while not work.finish.is_set() and time.monotonic() - began < SECONDS_MAX:
        work.raise_if_stopped()
        number += 1
        try:
            client.write(number)
            history.confirmed(number)
        except WriteError as error:
            history.failed(str(error))
        work.result = history.figures()
        work.say("writes" if history.still_seconds() < 1.0 else f"nothing is acknowledged for {history.still_seconds():.0f} s")
        work.finish.wait(PACE_SECONDS)
    history.ends()


def _read(work: Work, client: DrillClient) -> set[int]:
    """Raises TaskError when nobody answers for long."""
    deadline = time.monotonic() + READ_SECONDS_MAX
    while True:
        try:
            return client.read()
        except WriteError as error:
            work.raise_if_stopped()
            if time.monotonic() > deadline:
                raise TaskError(f"what was written cannot be read back: {error}") from error
        work.stop.wait(READ_PACE_SECONDS)
