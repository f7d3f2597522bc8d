"""The judge of who acknowledges."""

from tests.chaos.checkers import check_leaders
from tests.unit.chaos.stories import Story


def test_terms_that_follow_each_other_are_valid() -> None:
    story = Story().call(0, "add", 1, term=1, node="a").call(1, "add", 2, term=2, node="b").call(0, "add", 3, term=3, node="a")
    verdict = check_leaders(story.history())
    assert verdict.valid
    assert verdict.figures["terms_that_acknowledged"] == 3


def test_one_that_acknowledges_what_was_begun_after_its_heir_acknowledged_is_seen() -> None:
    story = Story().call(0, "add", 1, term=1).call(1, "add", 2, term=2).call(0, "add", 3, term=1)
    (finding,) = check_leaders(story.history()).findings
    assert "add 3 in term 1 after term 2" in finding


def test_an_answer_that_was_on_its_way_is_no_second_primary() -> None:
    story = Story().tell(0, "add", 1, "invoke").call(1, "add", 2, term=2).tell(0, "add", 1, "ok", term=1)
    assert check_leaders(story.history()).valid


def test_two_members_that_acknowledge_in_one_term_are_seen() -> None:
    story = Story().call(0, "add", 1, term=4, node="a").call(1, "add", 2, term=4, node="b")
    (finding,) = check_leaders(story.history()).findings
    assert "In term 4 more than one member acknowledged: a, b." in finding


def test_what_was_not_acknowledged_proves_nothing() -> None:
    story = Story().call(0, "add", 1, term=2).call(1, "add", 2, "info", term=1).call(0, "add", 3, "fail", term=1)
    assert check_leaders(story.history()).valid
