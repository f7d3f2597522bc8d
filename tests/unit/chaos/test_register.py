"""The judge of registers: as one that tries every order, and quick enough for what the workload makes."""

import itertools
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.chaos.checkers import check_register
from tests.chaos.checkers.register import NEVER, Step, order_exists, steps_of
from tests.chaos.history import Call, Type
from tests.unit.chaos.stories import Story, live, randoms, unhurried


def a_right_life(random: Random, *, keys: int = 2, steps: int = 80) -> Story:
    values: dict[int, int | None] = dict.fromkeys(range(keys))
    numbers = itertools.count(1)

    def draw(random: Random) -> tuple[str, Any]:
        key, which = random.randrange(keys), random.random()
        if which < 0.4:
            return "read", [key, None]
        return ("write", [key, next(numbers)]) if which < 0.7 else ("cas", [key, [values[key], next(numbers)]])

    def take(f: str, asked: Any) -> Any:
        key, argument = asked
        if f == "read":
            return values[key]
        if f == "cas" and values[key] != argument[0]:
            raise LookupError
        values[key] = argument[1] if f == "cas" else argument
        return values[key]

    story = live(random, draw, take, steps=steps)
    story.call(90, "write", [0, 1000])
    values[0] = 1000
    return story.call(91, "final-read", "primary", answered={str(key): v for key, v in values.items()}, node="primary")


@unhurried
@given(randoms)
def test_what_a_service_with_one_copy_answers_is_valid(random: Random) -> None:
    verdict = check_register(a_right_life(random).history())
    assert verdict.valid, verdict


def test_a_busy_key_with_unknown_operations_is_judged_quickly() -> None:
    for seed in range(20):
        verdict = check_register(a_right_life(Random(seed), keys=1, steps=500).history())  # noqa: S311
        assert verdict.valid, verdict
        assert int(verdict.figures["states_of_hardest_key"]) < 20_000


operations = st.one_of(
    st.just(("read", None)),
    st.tuples(st.just("write"), st.integers(1, 2)),
    st.tuples(st.just("cas"), st.tuples(st.sampled_from([None, 1, 2]), st.integers(1, 2))),
)


@st.composite
def calls(draw: st.DrawFn) -> list[Call]:
    """Any few operations at any times with any answers."""
    found = []
    for number in range(draw(st.integers(1, 5))):
        f, argument = draw(operations)
        type_: Type = draw(st.sampled_from(["ok", "ok", "info"]))
        start = draw(st.integers(0, 8))
        end = start + draw(st.integers(1, 4))
        answer = draw(st.sampled_from([None, 1, 2])) if f == "read" else argument
        found.append(Call(number, f, [0, argument], answer, type_, start, end if type_ == "ok" else None))
    return found


def brute_force(found: list[Call]) -> bool:
    """Tries every order of every choice of unknown operations."""
    certain = [call for call in found if call.type == "ok"]
    unknown = [call for call in found if call.type == "info"]
    choices = itertools.chain.from_iterable(itertools.combinations(unknown, n) for n in range(len(unknown) + 1))
    return any(_explains(order) for chosen in choices for order in itertools.permutations([*certain, *chosen]))


def _explains(order: tuple[Call, ...]) -> bool:
    for before, after in itertools.combinations(order, 2):
        if (after.end_ns if after.end_ns is not None else NEVER) < before.start_ns:
            return False
    state = None
    for call in order:
        argument = call.asked[1]
        if call.f == "read":
            if call.type == "ok" and call.answered != state:
                return False
        elif call.f == "write":
            state = argument
        elif argument[0] != state:
            return False
        else:
            state = argument[1]
    return True


@settings(unhurried, max_examples=300)
@given(calls())
def test_the_judge_agrees_with_one_that_tries_every_order(found: list[Call]) -> None:
    explained, _ = order_exists(steps_of(found))
    assert (explained is None) == brute_force(found)


def red(story: Story) -> str:
    verdict = check_register(story.history())
    assert not verdict.valid, verdict
    return verdict.findings[0]


def test_two_reads_that_are_swapped_are_seen() -> None:
    story = Story().call(0, "write", [0, 1]).call(0, "write", [0, 2])
    story.tell(1, "write", [0, 3], "invoke").call(0, "read", [0, None], answered=3).call(2, "read", [0, None], answered=2)
    story.tell(1, "write", [0, 3], "ok").call(3, "final-read", "primary", answered={"0": 3})
    assert "no order explains" in red(story)
    right = Story([*story.ops])
    reads = [i for i, op in enumerate(right.ops) if op.f == "read" and op.type == "ok"]
    a, b = (right.ops[i] for i in reads)
    swapped = right.changed(lambda op: op.index == a.index, lambda _: b.value)
    assert check_register(swapped.changed(lambda op: op.index == b.index, lambda _: a.value).history()).valid


def test_a_stale_read_is_seen() -> None:
    story = Story().call(0, "write", [0, 1]).call(0, "write", [0, 2]).call(1, "read", [0, None], answered=1)
    assert "key 0" in red(story.call(3, "final-read", "primary", answered={"0": 2})).lower()


@unhurried
@given(randoms)
def test_an_acknowledged_write_that_the_end_does_not_hold_is_seen(random: Random) -> None:
    story = a_right_life(random)
    assert red(story.changed(lambda op: op.f == "final-read" and op.type == "ok", lambda found: found | {"0": None}))


def test_two_that_both_swap_the_same_value_are_seen() -> None:
    story = Story().call(0, "write", [0, 1]).call(1, "cas", [0, [1, 2]]).call(2, "cas", [0, [1, 3]])
    assert red(story.call(3, "final-read", "primary", answered={"0": 3}))


def test_a_refused_write_that_is_read_is_seen() -> None:
    story = Story().call(0, "write", [0, 1]).call(1, "write", [0, 2], "fail").call(2, "read", [0, None], answered=2)
    assert red(story.call(3, "final-read", "primary", answered={"0": 1}))


def test_a_member_that_ends_with_another_value_is_seen() -> None:
    story = Story().call(0, "write", [0, 1]).call(0, "write", [0, 2])
    story.call(3, "final-read", "datanode0", answered={"0": 2}).call(3, "final-read", "datanode1", answered={"0": 1})
    assert red(story)


def test_what_is_not_decided_is_a_finding() -> None:
    """Thirty that overlap, and no order of theirs ends as it was read."""
    steps = [Step("write", value, 0, 10, f"write {value}") for value in range(1, 31)] + [Step("read", 99, 11, 12, "read 99")]
    explained, _ = order_exists(steps, states_max=5_000)
    assert explained is not None
    assert "not decided" in explained


def test_without_a_final_read_or_an_acknowledged_write_nothing_is_proven() -> None:
    assert red(Story().call(0, "write", [0, 1]))
    assert red(Story().call(0, "write", [0, 1], "fail").call(1, "final-read", "primary", answered={"0": None}))
