"""What people are shown of alerts: the worst first, their own alone, who silenced what, and how long it took."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from moorage.monitoring.centre import acks, given, history
from moorage.monitoring.centre.given import Fired, Matcher, Silence, UnreadableError
from moorage.monitoring.centre.seen import Eyes, causes

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
RED = {"alertname": "MoorageServiceRed", "severity": "critical", "namespace": "shop", "service": "orders"}


def fired(fingerprint: str = "a", minutes: int = 5, **labels: str) -> dict[str, Any]:
    began = (NOW - timedelta(minutes=minutes)).isoformat()
    status = {"state": "active", "inhibitedBy": [], "silencedBy": []}
    return {"fingerprint": fingerprint, "labels": {**RED, **labels}, "annotations": {}, "startsAt": began, "status": status}


def one_fired(**labels: str) -> Fired:
    (found,) = given.alerts([{**fired(), "labels": {**RED, **labels}}])
    return found


def silence(comment: str = given.MARK, minutes_old: float = 10, minutes_left: float = 50, **labels: str) -> Silence:
    matchers = tuple(Matcher(name, value) for name, value in {**RED, **labels}.items())
    began, until = NOW - timedelta(minutes=minutes_old), NOW + timedelta(minutes=minutes_left)
    return Silence("x", matchers, began, until, "moorage:li", comment)


def eyes(*spaces: str, everywhere: bool = False, services: frozenset[tuple[str, str]] = frozenset()) -> Eyes:
    return Eyes(lambda space: everywhere or space in spaces, everywhere, services)


def test_the_gravest_is_first_and_of_these_the_oldest() -> None:
    order = [
        ("young", "critical", 1),
        ("old", "critical", 9),
        ("warned", "warning", 99),
        ("told", "info", 99),
        ("own", "odd", 99),
    ]
    found = given.alerts([fired(name, minutes, severity=severity) for name, severity, minutes in reversed(order)])
    assert [one.fingerprint for one in found] == ["old", "young", "warned", "told", "own"]


@pytest.mark.parametrize("answer", [None, {}, [{}], [{"fingerprint": "a", "labels": 3}], [[]], "text"])
def test_what_is_no_answer_of_alertmanager_is_said_and_never_an_empty_list(answer: Any) -> None:
    with pytest.raises(UnreadableError):
        given.alerts(answer)
    if answer != []:
        with pytest.raises(UnreadableError):
            given.silences(answer)


def test_a_silence_that_is_over_is_not_shown() -> None:
    base = {"id": "a", "matchers": [], "startsAt": NOW.isoformat(), "endsAt": NOW.isoformat(), "createdBy": "li", "comment": "x"}
    states = [{**base, "id": state, "status": {"state": state}} for state in ("expired", "active", "pending")]
    assert [one.id for one in given.silences(states)] == ["active", "pending"]


@pytest.mark.parametrize(
    ("matcher", "value", "holds"),
    [
        (Matcher("a", "x"), "x", True),
        (Matcher("a", "x"), "xy", False),
        (Matcher("a", "x", is_equal=False), "y", True),
        (Matcher("a", "x|y", is_regex=True), "y", True),
        (Matcher("a", "x", is_regex=True), "xy", False),
        (Matcher("a", "x.*", is_regex=True, is_equal=False), "xy", False),
        (Matcher("a", ""), "", True),
        (Matcher("a", "(", is_regex=True), "(", False),
    ],
)
def test_a_matcher_holds_as_alertmanager_says(matcher: Matcher, value: str, holds: bool) -> None:
    assert matcher.holds({"a": value}) is holds


@drawn(st.dictionaries(st.sampled_from(["alertname", "namespace", "service", "pod"]), st.text(max_size=4), min_size=1))
def test_a_silence_of_an_alert_is_about_it_and_about_no_other(labels: dict[str, str]) -> None:
    matchers = tuple(Matcher(one["name"], one["value"]) for one in given.of_alert(labels))
    made = Silence("x", matchers, NOW, NOW, "li", "why")
    assert made.is_about(labels)
    for name, value in labels.items():
        assert not made.is_about({**labels, name: f"{value}!"})


def test_what_a_silence_is_pinned_to_is_one_value_and_no_expression() -> None:
    assert silence().pinned("namespace") == "shop"
    assert Silence("x", (Matcher("namespace", "shop.*", is_regex=True),), NOW, NOW, "", "").pinned("namespace") == ""
    assert Silence("x", (Matcher("namespace", "shop", is_equal=False),), NOW, NOW, "", "").pinned("namespace") == ""


def test_nobody_sees_an_alert_of_a_space_that_is_not_theirs() -> None:
    assert eyes("shop").alert(RED)
    assert not eyes("other").alert(RED)
    assert not eyes().alert(RED)
    assert eyes(everywhere=True).alert(RED)


def test_who_does_not_see_everything_sees_nothing_of_moorage_itself() -> None:
    of_platform = {"alertname": "MoorageOperatorSilent", "severity": "critical"}
    assert not eyes("shop").alert(of_platform)
    assert eyes(everywhere=True).alert(of_platform)


def test_what_tells_nobody_anything_is_not_shown() -> None:
    assert not eyes(everywhere=True).alert({"alertname": "MoorageWatchdog", "severity": "none"})


def test_of_other_programs_alerts_those_about_a_service_are_shown() -> None:
    foreign = {"alertname": "QueueLong", "namespace": "shop", "service": "orders"}
    assert not eyes("shop").alert(foreign)
    assert eyes("shop", services=frozenset({("shop", "orders")})).alert(foreign)
    assert not eyes("other", services=frozenset({("shop", "orders")})).alert(foreign)


def test_an_alert_of_ones_own_is_shown_also_when_it_is_about_no_one_service() -> None:
    own = {"alertname": "few-members", "namespace": "shop", "severity": "warning", "scope": "own"}
    assert eyes("shop").alert(own)
    assert not eyes("other").alert(own)
    matchers = tuple(Matcher(one["name"], one["value"]) for one in given.of_alert(own))
    assert eyes("shop").silence(Silence("x", matchers, NOW, NOW, "li", "why"), [])
    assert not eyes("other").silence(Silence("x", matchers, NOW, NOW, "li", "why"), [])


def test_a_silence_is_shown_to_whom_it_keeps_from_being_told() -> None:
    assert eyes("shop").silence(silence(), [])
    assert not eyes("other").silence(silence(), [])
    wide = Silence("wide", (Matcher("alertname", "Moorage.*", is_regex=True),), NOW, NOW, "root", "night")
    assert not eyes("shop").silence(wide, [one_fired()])
    told = given.alerts([{**fired(), "status": {"silencedBy": ["wide"]}}])
    assert eyes("shop").silence(wide, told)


def test_what_mutes_an_alert_is_named() -> None:
    muted, cause = given.alerts([fired("cause"), {**fired("muted", severity="warning"), "status": {"inhibitedBy": ["cause"]}}])[
        ::-1
    ]
    assert causes(muted, [muted, cause]) == ["MoorageServiceRed"]
    assert causes(cause, [muted, cause]) == []


def test_an_acknowledgement_ends_when_what_it_is_about_is_over() -> None:
    assert acks.due([silence()], [], NOW).over == (silence(),)
    assert acks.due([silence()], [one_fired()], NOW).over == ()


def test_an_acknowledgement_lasts_as_long_as_what_it_is_about() -> None:
    ending = silence(minutes_left=10)
    assert acks.due([ending], [one_fired()], NOW).longer == (ending,)
    assert acks.due([silence(minutes_left=50)], [one_fired()], NOW).longer == ()
    moved = given.again(ending, NOW + acks.LASTS)
    assert (moved["id"], moved["comment"], moved["createdBy"]) == ("x", given.MARK, "moorage:li")
    assert [m["name"] for m in moved["matchers"]] == list(RED)


def test_a_young_acknowledgement_is_not_ended_by_an_alert_that_is_not_there_yet() -> None:
    assert acks.due([silence(minutes_old=0.5)], [], NOW) == acks.Due((), ())


def test_what_somebody_silenced_until_a_time_is_left_alone() -> None:
    assert acks.due([silence("moved to n2", minutes_left=1)], [], NOW) == acks.Due((), ())
    assert acks.due([silence("moved to n2", minutes_left=1)], [one_fired()], NOW) == acks.Due((), ())


def test_the_reason_of_an_acknowledgement_is_what_the_person_wrote() -> None:
    assert silence(given.acknowledged("I look at it")).reason == "I look at it"
    assert silence(given.acknowledged("")).reason == ""
    assert silence(given.acknowledged("")).is_acknowledgement


def answer(*moments: float, **labels: str) -> dict[str, Any]:
    metric = {"__name__": "ALERTS", "alertstate": "firing", **RED, **labels}
    return {"data": {"result": [{"metric": metric, "values": [[moment, "1"] for moment in moments]}]}}


def test_an_alert_that_is_over_has_a_beginning_an_end_and_how_long_it_took() -> None:
    asked = history.window(NOW, 1)
    first = asked.start.timestamp() + 10 * asked.step_seconds
    (one,) = history.episodes(answer(*(first + n * asked.step_seconds for n in range(8))), asked)
    assert one.labels == RED
    assert one.ended is not None
    assert one.took_seconds == 8 * asked.step_seconds
    assert history.mean_seconds([one]) == one.took_seconds


def test_what_fires_at_the_end_of_the_window_fires_still() -> None:
    asked = history.window(NOW, 1)
    (one,) = history.episodes(answer(asked.end.timestamp()), asked)
    assert one.ended is None
    assert one.took_seconds is None
    assert history.mean_seconds([one]) is None


def test_what_began_a_second_ago_lies_in_the_window() -> None:
    for days in (1, 7, 90):
        asked = history.window(NOW, days)
        assert NOW.timestamp() <= asked.end.timestamp() < NOW.timestamp() + asked.step_seconds + 1


def test_a_restart_of_prometheus_is_no_recovery_and_a_recovery_is_one() -> None:
    asked = history.window(NOW, 1)
    first = asked.start.timestamp() + 600
    assert len(history.episodes(answer(first, first + history.RESTART_SECONDS), asked)) == 1
    apart = history.episodes(answer(first, first + history.RESTART_SECONDS + asked.step_seconds), asked)
    assert len(apart) == 2
    assert apart[0].began > apart[1].began, "the newest first"


@drawn(st.floats(0.1, 90))
def test_no_window_asks_for_more_than_prometheus_answers(days: float) -> None:
    asked = history.window(NOW, days)
    assert (asked.end - asked.start).total_seconds() / asked.step_seconds <= 11_000
    assert asked.step_seconds >= history.STEP_SECONDS_MIN
    assert (asked.end - asked.start).total_seconds() % asked.step_seconds == 0, "its end is one of the moments that are asked for"


def test_what_is_no_answer_of_prometheus_is_said() -> None:
    answers: tuple[Any, ...] = (None, {}, {"data": {}}, {"data": {"result": [{"metric": {}}]}})
    for odd in answers:
        with pytest.raises(UnreadableError):
            history.episodes(odd, history.window(NOW, 1))
