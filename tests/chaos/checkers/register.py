"""Registers, each of which behaves as if there were one copy of it and one operation at a time. Pure.

Calls: `read` asks for [key, null] and answers a value; `write` asks for [key, value]; `cas` asks for [key, [expected, value]];
`final-read` answers {key: value} of all keys, from one member.
Keys are independent, so each is judged alone (Herlihy and Wing: linearizability is local). For one key: Wing and Gong's search
for an order that explains all answers, with Lowe's memory of the states already tried.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from tests.chaos.checkers.verdict import Verdict
from tests.chaos.history import Call, History

STATES_MAX = 200_000
"""Per key. A history that needs more is not decided, which is a finding: keep the operations of a key few."""
NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Step:
    """One operation on one register. `end_ns` is NEVER for one that may take place at any time, or not at all."""

    f: str
    argument: Any
    start_ns: int
    end_ns: int
    said: str


def check_register(history: History) -> Verdict:
    """Every key begins as None."""
    by_key: dict[Any, list[Call]] = defaultdict(list)
    calls = history.calls()
    for call in calls:
        if call.f in {"read", "write", "cas"}:
            by_key[call.asked[0]].append(call)
    finals = [call for call in calls if call.f == "final-read" and call.type == "ok"]
    for key, of_key in by_key.items():
        of_key += [replace(call, f="read", asked=[key, None], answered=call.answered.get(str(key))) for call in finals]
    findings, most, answered = [], 0, 0
    for key, of_key in sorted(by_key.items()):
        steps = steps_of(of_key)
        answered += sum(step.end_ns != NEVER for step in steps)
        explained, states = order_exists(steps)
        most = max(most, states)
        if explained is not None:
            findings.append(f"Key {key}: {explained}")
    if not finals:
        findings.append("There is no final read: nothing is proven.")
    if not any(call.type == "ok" and call.f in {"write", "cas"} for call in calls):
        findings.append("No operation was acknowledged: nothing is proven.")
    return Verdict.of(findings, {"keys": len(by_key), "operations_judged": answered, "states_of_hardest_key": most})


def steps_of(calls: list[Call]) -> list[Step]:
    """What must be explained: all acknowledged operations, and of the unknown ones those whose value somebody came to see."""
    certain = [_step(call) for call in calls if call.type == "ok"]
    unknown = [_step(call) for call in calls if call.type == "info" and call.f != "read"]
    seen = {_observes(step) for step in certain} - {_NOTHING}
    kept: list[Step] = []
    while more := [step for step in unknown if step not in kept and _value(step) in seen]:
        kept += more
        seen |= {_observes(step) for step in more} - {_NOTHING}
    return sorted(certain + kept, key=lambda step: step.start_ns)


_NOTHING = object()


def _step(call: Call) -> Step:
    argument = call.answered if call.f == "read" else _plain(call.asked[1])
    said = f"{call.f} {argument} by process {call.process}"
    return Step(call.f, argument, call.start_ns, call.end_ns if call.end_ns is not None else NEVER, said)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _observes(step: Step) -> Any:
    return {"read": step.argument, "cas": step.argument[0] if step.f == "cas" else None}.get(step.f, _NOTHING)


def _value(step: Step) -> Any:
    return step.argument[1] if step.f == "cas" else step.argument


_REFUSED = object()


def _after(state: Any, step: Step) -> Any:
    """The state after a step, or _REFUSED where it cannot take place."""
    if step.f == "read":
        return state if step.argument == state else _REFUSED
    if step.f == "write":
        return step.argument
    expected, value = step.argument
    return value if state == expected else _REFUSED


def order_exists(steps: list[Step], *, states_max: int = STATES_MAX) -> tuple[str | None, int]:
    """None when there is one, else a sentence that says how far one gets; and how many states were tried."""
    wanted = sum(1 << i for i, step in enumerate(steps) if step.end_ns != NEVER)
    start: tuple[int, Any] = (0, None)
    stack, tried = [start], {start}
    farthest, stuck = -1, 0
    while stack:
        done, state = stack.pop()
        if done & wanted == wanted:
            return None, len(tried)
        if (count := (done & wanted).bit_count()) > farthest:
            farthest, stuck = count, done
        if len(tried) > states_max:
            return f"not decided within {states_max} states; give each key fewer operations.", len(tried)
        for i in reversed(_possible(steps, done)):
            after = _after(state, steps[i])
            following = (done | 1 << i, after)
            if after is not _REFUSED and following not in tried:
                tried.add(following)
                stack.append(following)
    missing = [steps[i].said for i in _possible(steps, stuck) if steps[i].end_ns != NEVER]
    return f"no order explains its {len(steps)} operations; after {farthest} of them none fits of: {'; '.join(missing)}.", len(
        tried
    )


def _possible(steps: list[Step], done: int) -> list[int]:
    """Those that may come next: begun before any other one that is not done has ended."""
    found, first_end = [], NEVER
    for i, step in enumerate(steps):
        if step.start_ns > first_end:
            break
        if not done >> i & 1:
            found.append(i)
            first_end = min(first_end, step.end_ns)
    return found
