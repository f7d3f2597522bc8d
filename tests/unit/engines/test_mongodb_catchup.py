"""An elected member waits for nobody who does not answer, and for everybody who may have more than it has."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson.timestamp import Timestamp

from moorage.engines.mongodb.catchup import is_catching_up, is_without_primary, may_stop_catching_up

ELECTED = datetime(2026, 11, 27, 18, 57, 15, tzinfo=UTC)
NOW = ELECTED + timedelta(seconds=0.1)


def member(
    *, heard_seconds_ago: float = 0.05, increment: int = 7, health: int = 1, state: int = 2, **more: Any
) -> dict[str, Any]:
    """A line of `replSetGetStatus`; `increment`: of the last operation that it said it has."""
    heard = NOW - timedelta(seconds=heard_seconds_ago)
    return {
        "health": health,
        "state": state,
        "lastHeartbeat": heard,
        "optime": {"t": 13, "ts": Timestamp(100, increment)},
        **more,
    }


ME = {"self": True, "health": 1, "state": 1, "optime": {"t": 13, "ts": Timestamp(100, 7)}}


def status(*others: dict[str, Any], elected: datetime | None = ELECTED) -> dict[str, Any]:
    metrics = {} if elected is None else {"electionCandidateMetrics": {"lastElectionDate": elected}}
    return {"date": NOW, "myState": 1, "members": [ME, *others], **metrics}


def test_a_member_that_was_silent_for_three_heartbeats_is_waited_for_no_longer() -> None:
    assert may_stop_catching_up(status(member(), member(heard_seconds_ago=2.1, increment=9, state=1)))


def test_a_member_that_is_known_to_be_away_is_waited_for_by_nobody() -> None:
    assert may_stop_catching_up(status(member(), member(health=0, increment=9)))


def test_one_that_answers_and_has_more_is_copied_from_first() -> None:
    assert not may_stop_catching_up(status(member(), member(increment=8, state=2)))


def test_what_a_member_said_before_the_election_does_not_tell_what_it_has_now() -> None:
    assert not may_stop_catching_up(status(member(), member(heard_seconds_ago=0.4)))


def test_an_arbiter_has_nothing() -> None:
    assert may_stop_catching_up(status(member(), {"health": 1, "state": 7}))


def test_one_that_never_answered_is_not_waited_for() -> None:
    never = {k: v for k, v in member().items() if k != "lastHeartbeat"}
    assert may_stop_catching_up(status(member(), never))


def test_without_an_election_that_is_known_nothing_is_cut_short() -> None:
    assert not may_stop_catching_up(status(member(), elected=None))


@pytest.mark.parametrize(("state", "writable", "expected"), [(1, False, True), (1, True, False), (2, False, False)])
def test_only_an_elected_member_that_takes_no_writes_catches_up(state: int, writable: bool, expected: bool) -> None:
    assert is_catching_up({"myState": state}, {"isWritablePrimary": writable}) is expected


FOLLOWER = {**ME, "state": 2}


def as_follower(*others: dict[str, Any]) -> dict[str, Any]:
    return {"date": NOW, "myState": 2, "members": [FOLLOWER, *others]}


def test_an_election_may_come_when_nobody_leads_or_who_leads_is_late() -> None:
    assert not is_without_primary(as_follower(member(state=1), member()))
    assert is_without_primary(as_follower(member(), member()))
    assert is_without_primary(as_follower(member(state=1, heard_seconds_ago=1.2), member()))
    assert is_without_primary(as_follower(member(state=1, health=0), member()))


def test_who_leads_itself_expects_no_election() -> None:
    assert not is_without_primary(status(member(), member()))
