"""Histories that are made up: told op by op, or lived by a service with one copy of everything that does one thing at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from tests.chaos.history import NEMESIS, History, Op, Type

STEP_NS = 1_000_000
randoms = st.integers(0, 10**9).map(Random)
"""A life of its own for each: whole lives are drawn by a seed, for shrinking them one by one takes minutes."""
unhurried = settings(deadline=None)
"""A machine that does other things besides makes no test red."""


@dataclass
class Story:
    """Each line a millisecond after the one before it, unless it says when."""

    ops: list[Op] = field(default_factory=list)
    now_ns: int = 0

    def tell(self, process: int, f: str, value: Any, type_: Type, **more: Any) -> "Story":
        self.now_ns += STEP_NS
        self.ops.append(Op(len(self.ops), self.now_ns, process, f, value, type_, **more))
        return self

    def call(self, process: int, f: str, asked: Any, type_: Type = "ok", answered: Any = None, **more: Any) -> "Story":
        """From beginning to end, with nobody else in between."""
        self.tell(process, f, asked, "invoke")
        return self.tell(process, f, asked if answered is None else answered, type_, **more)

    def note(self, f: str, value: str) -> "Story":
        return self.tell(NEMESIS, f, value, "info")

    def at(self, seconds: float) -> "Story":
        """The next line is at this moment."""
        self.now_ns = round(seconds * 1e9) - STEP_NS
        return self

    def history(self) -> History:
        return History.of(self.ops)

    def changed(self, wanted: Callable[[Op], bool], change: Callable[[Any], Any]) -> "Story":
        """The same with other values where `wanted`."""
        return Story([replace(op, value=change(op.value)) if wanted(op) else op for op in self.ops], self.now_ns)


@dataclass
class Begun:
    """An operation that a client waits for."""

    f: str
    asked: Any
    took_place: bool = False
    answer: Any = None
    refused: bool = False


def live(random: Random, draw: Callable[[Random], tuple[str, Any]], take: Callable[[str, Any], Any], *, steps: int = 60) -> Story:
    """A life of three clients.

    `draw` makes an operation up; `take` lets it take place: changes the one copy and answers, or raises LookupError to refuse.
    Some answers are lost, before the operation took place or after it, and some of the operations that they were for come late.
    """
    story, begun, late = Story(), dict[int, Begun](), list[Begun]()
    processes, fresh = [0, 1, 2], 3
    for _ in range(steps):
        slot = random.randrange(len(processes))
        process = processes[slot]
        one = begun.get(process)
        if one is None:
            begun[process] = one = Begun(*draw(random))
            story.tell(process, one.f, one.asked, "invoke")
        elif not one.took_place and random.random() < 0.1:
            story.tell(process, one.f, one.asked, "info")
            late.append(begun.pop(process))
            processes[slot], fresh = fresh, fresh + 1
        elif not one.took_place:
            _take(one, take)
        elif random.random() < 0.1:
            story.tell(process, one.f, one.asked, "info")
            del begun[process]
            processes[slot], fresh = fresh, fresh + 1
        else:
            story.tell(process, one.f, one.answer if not one.refused else one.asked, "fail" if one.refused else "ok")
            del begun[process]
        if late and random.random() < 0.2:
            _take(late.pop(), take)
    return story


def _take(one: Begun, take: Callable[[str, Any], Any]) -> None:
    one.took_place = True
    try:
        one.answer = take(one.f, one.asked)
    except LookupError:
        one.refused = True
