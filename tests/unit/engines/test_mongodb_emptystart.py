"""A member without data votes for nobody as long as its vote could cost what was confirmed."""

from typing import Any

from bson.timestamp import Timestamp

from moorage.engines.mongodb.emptystart import NO_PRIMARY, EmptyStart

ME = "orders-g1-0"


def member(ordinal: int, increment: int = 7, *, state: int = 2, health: int = 1, **more: Any) -> dict[str, Any]:
    name = f"orders-g1-{ordinal}.orders-members.shop.svc.cluster.local:27017"
    return {"name": name, "state": state, "health": health, "optime": {"t": 3, "ts": Timestamp(100, increment)}, **more}


def status(*members: dict[str, Any], term: int = 3, state: int = 1, voters: int = 3) -> dict[str, Any]:
    return {"myState": state, "term": term, "members": list(members), "votingMembersCount": voters}


AWAY = member(0, state=8, health=0)
PRIMARY = member(1, state=1, self=True)


def test_without_a_primary_an_empty_member_does_not_start() -> None:
    assert EmptyStart().why_not_yet(None, ME) == NO_PRIMARY
    assert EmptyStart().why_not_yet(status(member(1, self=True), member(2), AWAY, state=2), ME) == NO_PRIMARY


def test_with_a_majority_that_holds_everything_it_starts() -> None:
    assert EmptyStart().why_not_yet(status(AWAY, PRIMARY, member(2)), ME) == ""


def test_what_only_the_primary_has_beside_the_lost_copy_is_copied_by_another_one_first() -> None:
    start = EmptyStart()
    assert start.why_not_yet(status(AWAY, PRIMARY, member(2, 6)), ME) == (
        "its folder is empty, and 1 of the others hold everything: it copies once 2 do"
    )
    later = member(1, 90, state=1, self=True)
    assert start.why_not_yet(status(AWAY, later, member(2, 7)), ME) == "", "what came after it was lost it never confirmed"


def test_a_later_primary_is_asked_anew() -> None:
    start = EmptyStart()
    start.why_not_yet(status(AWAY, PRIMARY, member(2, 6)), ME)
    assert start.why_not_yet(status(AWAY, member(1, 9, state=1, self=True), member(2, 8), term=4), ME) != ""


def test_a_second_empty_member_counts_for_nothing() -> None:
    copying = member(2, 0, state=5)
    assert EmptyStart().why_not_yet(status(AWAY, PRIMARY, copying), ME) != ""


def test_beside_an_arbiter_the_primary_alone_has_everything() -> None:
    assert EmptyStart().why_not_yet(status(AWAY, PRIMARY, {**member(2, state=7), "optime": None}), ME) == ""


def test_a_member_that_the_set_does_not_know_yet_starts_beside_a_majority_that_holds_everything() -> None:
    assert EmptyStart().why_not_yet(status(PRIMARY, member(2), member(3)), "orders-g1-4") == ""
    assert EmptyStart().why_not_yet(status(PRIMARY, voters=1), "orders-g1-2") == ""
