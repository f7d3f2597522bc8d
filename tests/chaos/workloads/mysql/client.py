"""A client of MySQL: each operation, and its outcome, goes into the history."""

import contextlib
import random
from collections.abc import Callable, Iterator
from typing import Any

from pymysql.cursors import DictCursor

from tests.chaos.history import History, Type
from tests.chaos.mysqluri import TROUBLE, Connection, where
from tests.chaos.workloads.crew import Failed, Plan
from tests.chaos.workloads.mysql.outcome import outcome


class Client:
    """One logical client with one connection, that tries nothing again by itself; after an error it connects anew."""

    def __init__(self, plan: Plan, history: History, number: int) -> None:
        self.number = number
        self.random = random.Random(f"{plan.seed}/{number}")  # noqa: S311
        self.process = history.new_process()
        self._history, self._where = history, where(plan.uri)
        self._connection: Connection | None = None
        self._at, self._was_sent = 0, False

    def do(self, f: str, asked: Any, action: Callable[[], Any], *, decisive: str | None = None) -> Any:
        """One operation. Its answer; None when it was not acknowledged. `decisive` is None for what changes nothing."""
        token = self._history.invoke(self.process, f, asked)
        self._was_sent = False
        answer, error, is_lost = None, "", False
        kind: Type
        try:
            answer, kind = action(), "ok"
        except Failed as refusal:
            kind, error = "fail", refusal.kind  # nothing was sent twice
        except TROUBLE as problem:
            code = problem.args[0] if problem.args and isinstance(problem.args[0], int) else None
            kind = outcome(was_sent=self._was_sent and decisive is not None, code=code)
            error = f"{type(problem).__name__}: {str(problem)[:200]}"
            is_lost = True
        node = ":".join(map(str, self._where.hosts[self._at])) if len(self._where.hosts) > 1 else ""
        self._history.complete(token, kind, answer if kind == "ok" else asked, node=node, error=error)
        if is_lost:
            self.go_elsewhere()
        if kind == "info":
            self.process = self._history.new_process()
        return answer

    def ask(self, statement: str, *given: Any) -> list[dict[str, Any]]:
        """What decides nothing. Raises one of TROUBLE, as all here."""
        with self._cursor() as cursor:
            cursor.execute(statement, given)
            return list(cursor.fetchall())

    def change(self, statement: str, *given: Any) -> int:
        """A transaction of its own. The number of rows that it found."""
        with self._cursor() as cursor:
            self._was_sent = True
            return cursor.execute(statement, given)

    @contextlib.contextmanager
    def transaction(self, begin: str = "START TRANSACTION") -> Iterator[None]:
        """Committed when the block ends well, else rolled back."""
        self.ask(begin)
        try:
            yield
        except Failed:
            self.ask("ROLLBACK")
            raise
        self.change("COMMIT")

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(*TROUBLE):
                self._connection.close()
            self._connection = None

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[DictCursor]:
        if self._connection is None:
            self._connection = self._where.connect(self._at)
        with self._connection.cursor() as cursor:
            yield cursor

    def go_elsewhere(self) -> None:
        """Where there is more than one host the next one is asked."""
        self.close()
        self._at = (self._at + 1) % len(self._where.hosts)
