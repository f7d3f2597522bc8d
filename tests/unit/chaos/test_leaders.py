"""The judge of who acknowledges."""

from tests.chaos.checkers.leaders import Acknowledged, acknowledged, two_primaries
from tests.unit.chaos.stories import Story


def judged(story: Story) -> list[str]:
    return two_primaries(acknowledged(story.history()))


def test_terms_that_follow_each_other_are_valid() -> None:
    story = Story().call(0, "add", 1, term=1, node="a").call(1, "add", 2, term=2, node="b").call(0, "add", 3, term=3, node="a")
    assert judged(story) == []
    assert {one.term for one in acknowledged(story.history())} == {1, 2, 3}


def test_one_that_acknowledges_what_was_begun_after_its_heir_acknowledged_is_seen() -> None:
    story = Story().call(0, "add", 1, term=1).call(1, "add", 2, term=2).call(0, "add", 3, term=1, node="a")
    (finding,) = judged(story)
    assert "one of a in term 1 after term 2" in finding


def test_an_old_one_is_seen_although_a_third_one_acknowledges_meanwhile() -> None:
    first, second, old, third = (
        Acknowledged(start, end, who, term)
        for start, end, who, term in ((1, 2, "a", 1), (3, 4, "b", 2), (5, 9, "a", 1), (6, 7, "c", 3))
    )
    (finding,) = two_primaries([first, second, old, third])
    assert "one of a in term 1 after term 2" in finding


def test_one_that_acknowledges_to_clients_and_another_to_the_observer_are_two() -> None:
    clients = Story().at(1).call(0, "add", 1, term=1).at(5).call(0, "add", 2, term=1)
    heir = Acknowledged(2_000_000_000, 3_000_000_000, "datanode1", 2)
    assert two_primaries([*acknowledged(clients.history()), heir])


def test_an_answer_that_was_on_its_way_is_no_second_primary() -> None:
    story = Story().tell(0, "add", 1, "invoke").call(1, "add", 2, term=2).tell(0, "add", 1, "ok", term=1)
    assert judged(story) == []


def test_two_members_that_acknowledge_in_one_term_are_seen() -> None:
    story = Story().call(0, "add", 1, term=4, node="a").call(1, "add", 2, term=4, node="b")
    assert judged(story) == ["in term 4 more than one member acknowledged: a, b"]


def test_what_was_not_acknowledged_proves_nothing() -> None:
    story = Story().call(0, "add", 1, term=2).call(1, "add", 2, "info", term=1).call(0, "add", 3, "fail", term=1)
    assert judged(story) == []
