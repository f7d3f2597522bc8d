"""What clients tried, and what they were told, in the order in which it happened.

Every operation is an `invoke` and, later, one completion: `ok` (acknowledged), `fail` (surely not done) or `info` (nobody
knows: it may have been done, or may still be). A process is one logical client, with one operation at a time; one that was left
with an `info` never speaks again, for its operation may still be going on: its client takes a new process.
"""

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Type = Literal["invoke", "ok", "fail", "info"]
WRITES = frozenset({"add", "write", "cas", "transfer"})
NEMESIS = -1
"""The process of those who break things."""


@dataclass(frozen=True, slots=True)
class Op:
    """One line of a history. `value` is JSON; `time_ns` is of this machine's one monotonic clock."""

    index: int
    time_ns: int
    process: int
    f: str
    value: Any
    type: Type
    node: str = ""
    """Who answered, where that is known."""
    term: int | None = None
    """The engine's term in which a write was made: each term has at most one primary."""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """An operation from its beginning to its end; `end_ns` is None when it may still be going on."""

    process: int
    f: str
    asked: Any
    answered: Any
    type: Type
    start_ns: int
    end_ns: int | None
    node: str = ""
    term: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """An operation that was begun."""

    process: int
    f: str
    value: Any


class History:
    """Safe for threads. Times and indices rise together. With a `path`, each line is written as soon as it is known."""

    def __init__(self, path: Path | None = None) -> None:
        self._ops: list[Op] = []
        self._changed = threading.Condition()
        self._next_process = 0
        self._pending: dict[int, Token] = {}
        self._silenced: set[int] = set()
        self._acknowledged = 0
        self._file = path.open("w") if path else None

    @property
    def ops(self) -> tuple[Op, ...]:
        with self._changed:
            return tuple(self._ops)

    @property
    def acknowledged(self) -> int:
        """How many writes."""
        return self._acknowledged

    def new_process(self) -> int:
        with self._changed:
            self._next_process += 1
            return self._next_process - 1

    def invoke(self, process: int, f: str, value: Any) -> Token:
        token = Token(process, f, value)
        with self._changed:
            assert process not in self._silenced, f"process {process} does not know how its last operation ended: take a new one"
            assert process not in self._pending, f"process {process} has not ended {self._pending.get(process)}"
            self._pending[process] = token
            self._append(process, f, value, "invoke")
        return token

    def complete(
        self,
        token: Token,
        type: Type,  # noqa: A002
        value: Any,
        *,
        node: str = "",
        term: int | None = None,
        error: str = "",
    ) -> None:
        with self._changed:
            ended = self._pending.pop(token.process, None)
            assert ended is token, f"{token} was not going on"
            assert type != "invoke", "an operation ends with ok, fail or info"
            if type == "info":
                self._silenced.add(token.process)
            self._append(token.process, token.f, value, type, node=node, term=term, error=error)

    def note(self, f: str, value: Any) -> None:
        """What was done to the service, by whoever breaks it: `f` is "start" or "heal", `value` names the fault."""
        with self._changed:
            self._append(NEMESIS, f, value, "info")

    def wait_for_acknowledged(self, count: int, seconds: float) -> bool:
        """Whether `count` writes in all were acknowledged within `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: self._acknowledged >= count, seconds)

    def calls(self) -> tuple[Call, ...]:
        return calls(self.ops)

    def write(self, path: Path) -> None:
        path.write_text("".join(_line(op) for op in self.ops))

    @classmethod
    def read(cls, path: Path) -> "History":
        return cls.of(Op(**json.loads(line)) for line in path.read_text().splitlines())

    @classmethod
    def of(cls, ops: Iterable[Op]) -> "History":
        """One that is over: to be looked at."""
        history = cls()
        history._ops = sorted(ops, key=lambda op: op.index)
        history._acknowledged = sum(op.type == "ok" and op.f in WRITES for op in history._ops)
        history._next_process = max((op.process for op in history._ops), default=-1) + 1
        return history

    def close(self) -> None:
        with self._changed:
            if self._file:
                self._file.close()
                self._file = None

    def _append(
        self, process: int, f: str, value: Any, type_: Type, *, node: str = "", term: int | None = None, error: str = ""
    ) -> None:
        op = Op(len(self._ops), time.monotonic_ns(), process, f, value, type_, node, term, error)
        self._ops.append(op)
        self._acknowledged += type_ == "ok" and f in WRITES
        if self._file:
            self._file.write(_line(op))
            self._file.flush()
        self._changed.notify_all()


def _line(op: Op) -> str:
    return json.dumps(asdict(op), separators=(",", ":"), sort_keys=True) + "\n"


def calls(ops: Iterable[Op]) -> tuple[Call, ...]:
    """Each operation once, in the order of their beginnings; one without an end is an `info`."""
    begun: dict[int, Op] = {}
    found: list[Call] = []
    for op in ops:
        if op.process == NEMESIS:
            continue
        if op.type == "invoke":
            assert op.process not in begun, f"process {op.process} began a second operation at {op.index} before the first ended"
            begun[op.process] = op
        else:
            start = begun.pop(op.process)
            end_ns = None if op.type == "info" else op.time_ns
            found.append(
                Call(op.process, op.f, start.value, op.value, op.type, start.time_ns, end_ns, op.node, op.term, op.error)
            )
    found += [Call(op.process, op.f, op.value, None, "info", op.time_ns, None) for op in begun.values()]
    return tuple(sorted(found, key=lambda call: call.start_ns))
