"""Asks the queries that become metrics, one after the other. Nothing of it can cost the member anything else: it is a task of its
own, whose errors end here, and nobody waits for it.

What its Pod says counts; the operator writes it there. Series are those of the last run: one that failed leaves none.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from moorage.agent.settings import Settings
from moorage.core import names
from moorage.core.metrics import Family
from moorage.core.queries import Answer, Outcome, Query, QueryError, answer, from_json
from moorage.core.report import Role
from moorage.engines.member import EngineError, Member
from moorage.kube.reflector import Store

log = structlog.get_logger()

LOOK_SECONDS = 2.0
KEEP_READER_SECONDS = 60.0
GRACE_SECONDS = 3.0
"""The engine ends a query in time; who does not hear it do so leaves it."""
SAID_SECONDS = 60.0
"""The report is written to the API server: a query that fails now and then must not write it each time."""
SAID_LENGTH_MAX = 1_500


@dataclass(frozen=True)
class Run:
    """How a query went last. `at`: monotonic."""

    at: float
    seconds: float
    outcome: Outcome
    says: str = ""
    answer: Answer = Answer()  # noqa: RUF009 - it is frozen
    answered_at: float | None = None
    """Seconds since 1970, of the last run that was answered."""


class Queries:
    """`pod`: what the watch of the member's own Pod holds. `role`: the member's, as its engine said last."""

    def __init__(self, settings: Settings, pod: Store, member: Member, role: Callable[[], Role]) -> None:
        self._settings, self._pod, self._member, self._role = settings, pod, member, role
        self._text, self._queries, self._runs = "", tuple[Query, ...](), dict[str, Run]()
        self._kept_at = self._said_at = float("-inf")
        self._said = ""

    async def run(self) -> None:
        while True:
            try:
                await self.turn()
            except Exception:  # whatever it is, it is no reason to stop the member
                log.exception("queries_not_asked")
            await asyncio.sleep(LOOK_SECONDS)

    async def turn(self) -> None:
        """Asks what is due."""
        self._look()
        if self._queries and self._is_asked and self._role() is Role.PRIMARY:
            await self._keep_reader()
        for query in self._queries:
            if not self._is_asked or not query.is_for(self._role()):
                self._runs.pop(query.name, None)
            elif self._is_due(query):
                self._runs[query.name] = await self._ask(query)

    @property
    def said(self) -> str:
        """Which queries it does not answer, and why, as a sentence without its name; empty when it answers all."""
        if time.monotonic() - self._said_at >= SAID_SECONDS and (found := self._sentence()) != self._said:
            self._said, self._said_at = found, time.monotonic()
        return self._said

    def families(self) -> Sequence[Family]:
        """Of the last run of each query that is for this member as it is now."""
        return [Family(query.metric, run.answer.samples) for query, run in self._current()]

    def document(self) -> Mapping[str, Any]:
        """Name → what `core.member_metrics` is read from."""
        return {
            query.name: {
                "outcome": run.outcome,
                "seconds": run.seconds,
                "answered_at": run.answered_at,
                "left_out": run.answer.left_out if run.outcome is Outcome.ANSWERED else None,
            }
            for query, run in self._current()
        }

    @property
    def _is_asked(self) -> bool:
        return self._member.is_running

    def _current(self) -> list[tuple[Query, Run]]:
        if not self._is_asked:
            return []
        return [(q, self._runs[q.name]) for q in self._queries if q.name in self._runs and q.is_for(self._role())]

    def _look(self) -> None:
        """What nobody can read changes nothing: the operator writes it anew."""
        item = self._pod.get(self._settings.namespace, self._settings.pod_name)
        if item is None:
            return
        text = (item["metadata"].get("annotations") or {}).get(names.ANNOTATION_QUERIES, "")
        if text == self._text:
            return
        self._text = text
        try:
            found = from_json(text)
        except ValueError as error:
            log.warning("no_queries", error=str(error))
            return
        same = set(found) & set(self._queries)
        self._queries = found
        self._runs = {query.name: self._runs[query.name] for query in same if query.name in self._runs}

    async def _keep_reader(self) -> None:
        if time.monotonic() - self._kept_at < KEEP_READER_SECONDS:
            return
        self._kept_at = time.monotonic()
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await self._member.keep_reader()
        except (EngineError, TimeoutError) as error:
            log.warning("reader_not_kept", error=str(error) or "it takes too long")

    def _is_due(self, query: Query) -> bool:
        last = self._runs.get(query.name)
        return last is None or time.monotonic() - last.at >= query.every_seconds

    async def _ask(self, query: Query) -> Run:
        """`at` is when it began: so often it is asked, however long it takes."""
        began, before = time.monotonic(), self._runs.get(query.name)
        outcome, says, found = Outcome.ANSWERED, "", Answer()
        try:
            async with asyncio.timeout(query.timeout_seconds + GRACE_SECONDS):
                found = answer(await self._member.ask(query))
        except QueryError as error:
            outcome, says = error.outcome, str(error)
        except TimeoutError:
            outcome, says = Outcome.TIMED_OUT, f"it takes longer than {query.timeout_seconds} s"
        except Exception as error:  # an answer that nobody expected
            outcome, says = Outcome.FAILED, f"its answer is not understood: {type(error).__name__}"
        if says and (before is None or before.says != says):
            log.warning("query_not_answered", query=query.name, outcome=str(outcome), why=says)
        answered_at = time.time() if not says else before.answered_at if before is not None else None
        return Run(began, time.monotonic() - began, outcome, says, found, answered_at)

    def _sentence(self) -> str:
        failed = "; ".join(f"{query.name}: {run.says}" for query, run in self._current() if run.says)
        return f"does not answer queries of metrics: {failed}"[:SAID_LENGTH_MAX] if failed else ""
