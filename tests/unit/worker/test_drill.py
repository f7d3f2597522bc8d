"""The writer of a drill: what it counts, what it calls lost, and that it always removes what it wrote."""

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.core.task import Task, TaskKind
from moorage.engines.drill import DrillClient, WriteError
from moorage.worker import drill
from moorage.worker.history import History
from moorage.worker.work import TaskError, Work


class Database(DrillClient):
    """Takes writes; `refuses` says which it does not confirm, `forgets` which it loses in the end."""

    def __init__(
        self, work: Work, *, until: int = 30, refuses: Callable[[int], bool] = lambda n: False, forgets: int = 0
    ) -> None:
        self._work, self._until, self._refuses, self._forgets = work, until, refuses, forgets
        self.held, self.ended, self.begun, self.reads_refused = set[int](), 0, 0, 0

    def begin(self) -> None:
        self.begun += 1

    def write(self, number: int) -> None:
        if number == self._until:
            self._work.finish.set()
        if self._refuses(number):
            raise WriteError("the engine does not answer")
        self.held.add(number)

    def read(self) -> set[int]:
        if self.reads_refused:
            self.reads_refused -= 1
            raise WriteError("the engine does not answer")
        return self.held - set(range(1, self._forgets + 1))

    def end(self) -> None:
        self.ended += 1

    def __enter__(self) -> "Database":
        return self

    def __exit__(self, *_: object) -> None:
        return


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill, "PACE_SECONDS", 0.0)
    monkeypatch.setattr(drill, "READ_PACE_SECONDS", 0.0)


@pytest.fixture
def work() -> Work:
    return Work(Task("0123456789ab-w1", TaskKind.DRILL, engine="mongodb"))


def test_what_was_acknowledged_and_is_there_is_not_lost(work: Work) -> None:
    database = Database(work)
    outcome = drill.drill(work, database)
    assert (outcome.result["acknowledged"], outcome.result["lost"], outcome.result["errors"]) == (30, 0, 0)
    assert (database.begun, database.ended) == (1, 1)


def test_an_acknowledged_write_that_is_gone_is_lost(work: Work) -> None:
    """The checker can see: it is not one that cannot fail."""
    assert drill.drill(work, Database(work, forgets=2)).result["lost"] == 2


def test_a_write_that_was_not_confirmed_is_neither_counted_nor_missed(work: Work) -> None:
    outcome = drill.drill(work, Database(work, refuses=lambda n: 10 <= n < 15))
    assert (outcome.result["acknowledged"], outcome.result["errors"], outcome.result["lost"]) == (25, 5, 0)
    assert outcome.result["lastError"] == "the engine does not answer"


def test_a_service_that_answers_late_is_read_all_the_same(work: Work) -> None:
    database = Database(work)
    database.reads_refused = 3
    assert drill.drill(work, database).result["lost"] == 0


def test_a_service_that_never_answers_is_said_and_the_figures_stay(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill, "READ_SECONDS_MAX", 0.0)
    database = Database(work)
    database.reads_refused = 10**9
    with pytest.raises(TaskError, match="what was written cannot be read back"):
        drill.drill(work, database)
    assert (work.result["acknowledged"], "lost" in work.result) == (30, False)


def test_a_writer_that_is_stopped_ends_at_once(work: Work) -> None:
    threading.Timer(0.05, work.stop.set).start()
    with pytest.raises(TaskError, match="stopped"):
        drill.drill(work, Database(work, until=10**9))


@given(st.lists(st.floats(0.0, 10.0), min_size=1, max_size=20), st.floats(0.0, 10.0))
def test_the_gap_is_the_longest_time_without_an_acknowledged_write(pauses: list[float], last: float) -> None:
    now = [0.0]
    history = History(lambda: now[0])
    history.confirmed(0)
    for number, pause in enumerate(pauses, start=1):
        now[0] += pause / 2
        history.failed("no")
        now[0] += pause / 2
        history.confirmed(number)
    now[0] += last
    assert history.figures()["longestGapSeconds"] == pytest.approx(max(*pauses, last), abs=0.002)


def test_an_engine_that_cannot_be_drilled_is_named() -> None:
    with pytest.raises(TaskError, match="services of engine 'oracle' cannot be drilled; those that can: mongodb"):
        drill.run(Work(Task("0123456789ab-w1", TaskKind.DRILL, engine="oracle")))
