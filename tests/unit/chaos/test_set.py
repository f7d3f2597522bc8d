"""The judge of the set passes what is right and sees what is wrong."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given

from tests.chaos.checkers import check_set
from tests.unit.chaos.stories import Story, live, randoms, unhurried


def a_right_life(random: Random) -> Story:
    """Numbers are added and read; at the end all three members are read."""
    numbers: list[int] = []
    highest = 0

    def draw(random: Random) -> tuple[str, Any]:
        nonlocal highest
        if random.random() < 0.3:
            return "read", [1, highest]
        highest += 1
        return "add", highest

    def take(f: str, asked: Any) -> Any:
        if f == "read":
            return [n for n in numbers if n <= asked[1]]
        if random.random() < 0.1:
            raise LookupError
        numbers.append(asked)
        return asked

    story = live(random, draw, take)
    story.call(90, "add", 1000)
    numbers.append(1000)
    for member in ("primary", "datanode0", "datanode1"):
        story.call(91, "final-read", member, answered=list(numbers), node=member)
    return story


@unhurried
@given(randoms)
def test_what_a_service_with_one_copy_answers_is_valid(random: Random) -> None:
    verdict = check_set(a_right_life(random).history())
    assert verdict.valid, verdict


def in_finals(change: Callable[[list[int]], list[int]]) -> Callable[[Story], Story]:
    return lambda story: story.changed(lambda op: op.f == "final-read" and op.type == "ok", change)


@pytest.mark.parametrize(
    ("wrong", "finding"),
    [
        pytest.param(
            in_finals(lambda found: [n for n in found if n != 1000]), "are lost: 1000", id="an acknowledged write is lost"
        ),
        pytest.param(in_finals(lambda found: [*found, 2000]), "nobody had tried to add: 2000", id="a phantom"),
        pytest.param(in_finals(lambda found: [*found, 1000]), "more than once: 1000", id="a duplicate"),
    ],
)
@unhurried
@given(random=randoms)
def test_a_right_life_made_wrong_is_seen(random: Random, wrong: Callable[[Story], Story], finding: str) -> None:
    verdict = check_set(wrong(a_right_life(random)).history())
    assert not verdict.valid
    assert any(finding in said for said in verdict.findings), verdict


@unhurried
@given(randoms)
def test_a_member_that_holds_less_than_the_others_is_seen(random: Random) -> None:
    story = a_right_life(random).changed(
        lambda op: op.f == "final-read" and op.type == "ok" and op.node == "datanode1", lambda found: found[:-1]
    )
    verdict = check_set(story.history())
    assert any("primary and datanode1 differ" in said for said in verdict.findings), verdict


def test_a_write_that_was_seen_and_is_gone_is_lost_also_when_nobody_was_told_that_it_was_made() -> None:
    story = Story().call(0, "add", 1, "info").call(1, "add", 2).call(2, "read", [1, 2], answered=[1, 2])
    verdict = check_set(story.call(3, "final-read", "primary", answered=[2], node="primary").history())
    assert any("lost: 1." in said for said in verdict.findings), verdict


def test_an_unknown_write_may_be_there_or_not() -> None:
    for found, recovered in (([2], 0), ([1, 2], 1)):
        story = Story().call(0, "add", 1, "info").call(1, "add", 2)
        verdict = check_set(story.call(3, "final-read", "primary", answered=found, node="primary").history())
        assert verdict.valid, verdict
        assert verdict.figures["recovered"] == recovered


def test_a_refused_write_that_is_there_is_seen() -> None:
    story = Story().call(0, "add", 1, "fail").call(1, "add", 2)
    verdict = check_set(story.call(3, "final-read", "primary", answered=[1, 2], node="primary").history())
    assert any("were refused: 1." in said for said in verdict.findings), verdict


def test_a_number_that_is_there_before_anybody_tried_is_seen() -> None:
    story = Story().call(2, "read", [1, 5], answered=[1]).call(0, "add", 1)
    verdict = check_set(story.call(3, "final-read", "primary", answered=[1], node="primary").history())
    assert any("nobody had tried" in said for said in verdict.findings), verdict


def test_a_read_that_misses_what_was_acknowledged_before_it_is_stale_when_it_comes_back() -> None:
    story = (
        Story().call(0, "add", 1).call(1, "read", [1, 1], answered=[]).call(2, "final-read", "primary", answered=[1], node="p")
    )
    verdict = check_set(story.history())
    assert not verdict.valid
    assert verdict.figures["stale"] == 1
    allowed = check_set(story.history(), may_be_stale=True)
    assert allowed.valid
    assert allowed.figures["stale"] == 1


def test_a_read_says_nothing_about_what_it_did_not_ask_for_or_what_ended_after_it_began() -> None:
    story = Story().call(0, "add", 1).tell(1, "add", 2, "invoke").tell(2, "read", [2, 2], "invoke").tell(1, "add", 2, "ok")
    story.tell(2, "read", [], "ok").call(3, "final-read", "primary", answered=[1, 2], node="primary")
    assert check_set(story.history()).valid


def test_without_a_final_read_nothing_is_proven() -> None:
    assert not check_set(Story().call(0, "add", 1).history()).valid
    assert not check_set(Story().call(0, "final-read", "primary", answered=[], node="primary").history()).valid
