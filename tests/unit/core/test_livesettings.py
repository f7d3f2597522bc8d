"""Settings that a running engine takes: all members are told, and none is replaced for them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.api.dataservice import SETTINGS_CHANGES_MAX, Health, SettingsChange
from moorage.core.facts import Known, MemberFacts, MemberReport, Role
from moorage.core.health import judge, needs_somebody
from moorage.core.livesettings import changes
from moorage.core.plan import plan
from moorage.core.step import Rest, TellSettings, Wait
from tests.unit.build import NORMAL, member, snapshot, target

WANTED = '{"max_connections": "77"}'


def told(*ordinals: int) -> tuple[MemberFacts, ...]:
    return tuple(
        replace(m, pod=replace(m.pod, settings=WANTED)) if m.ordinal in ordinals and m.pod is not None else m for m in NORMAL
    )


@pytest.mark.parametrize("done", [(), (0,), (0, 1)])
def test_one_member_after_the_other_is_told(done: tuple[int, ...]) -> None:
    step = plan(snapshot(*told(*done)), target(settings=WANTED))
    assert isinstance(step, TellSettings)
    assert (step.member.ordinal, step.settings) == (len(done), WANTED)


def test_who_was_told_is_left_alone_and_nobody_is_replaced() -> None:
    assert plan(snapshot(*told(0, 1, 2)), target(settings=WANTED)) == Rest()


def test_settings_that_are_left_out_are_taken_back() -> None:
    step = plan(snapshot(*told(2)), target())
    assert isinstance(step, TellSettings)
    assert (step.member.ordinal, step.settings) == (2, "")


def test_a_service_that_is_not_green_is_told_too() -> None:
    step = plan(snapshot(NORMAL[0], NORMAL[1], member(2, None)), target(settings=WANTED))
    assert isinstance(step, TellSettings)


def test_a_pod_that_goes_is_not_told_and_the_next_one_begins_with_them() -> None:
    gone = member(2, Role.SECONDARY, deleting=True)
    assert isinstance(plan(snapshot(*told(0, 1)[:2], gone), target(settings=WANTED)), Wait)


def test_of_settings_that_the_engine_cannot_have_nobody_is_told() -> None:
    assert not isinstance(plan(snapshot(), target(settings=WANTED, refused="no such setting")), TellSettings)


def test_members_that_do_not_use_them_run_well_and_whoever_asked_for_them_is_to_act() -> None:
    why = "does not use the new settings: sql_mode=NOSUCH: the engine says: no"
    members = tuple(replace(m, report=Known(MemberReport(m.role() or Role.DOWN, 5, settings=why))) for m in NORMAL)
    seen = snapshot(*members)
    assert judge(seen).colour is Health.GREEN
    (cause,) = needs_somebody(seen)
    assert cause.says == "all 3 members do not use the new settings: sql_mode=NOSUCH: the engine says: no"


def change_of(before: str, after: str, kept: list[SettingsChange] | None = None) -> list[SettingsChange]:
    pod = NORMAL[0].pod
    assert pod is not None
    step = TellSettings(replace(NORMAL[0], pod=replace(pod, settings=before)), after, "it is told")
    return changes(kept or [], step, "2026-11-28T14:00:00Z", was_done=True)


def test_a_change_of_settings_is_kept_once_however_many_members_are_told() -> None:
    first = change_of('{"max_connections": "10", "sql_mode": "A"}', '{"max_connections": "77", "sql_mode": "A"}')
    assert [one.what for one in first] == ["max_connections: 10 → 77"]
    assert change_of('{"max_connections": "10"}', '{"max_connections": "77"}', first) == first, "the second member"
    back = change_of('{"max_connections": "77"}', "", first)
    assert [one.what for one in back] == ["max_connections: 10 → 77", "max_connections: 77 → default"]


def test_what_was_not_done_is_not_kept_and_neither_is_another_step() -> None:
    pod_less = TellSettings(replace(NORMAL[0], pod=None), WANTED, "it is told")
    for step, was_done in ((TellSettings(NORMAL[0], WANTED, "it is told"), False), (Rest(), True), (pod_less, True)):
        assert changes([], step, "2026-11-28T14:00:00Z", was_done=was_done) == []


def test_the_oldest_of_many_changes_go() -> None:
    kept: list[SettingsChange] = []
    for number in range(SETTINGS_CHANGES_MAX + 5):
        kept = change_of(f'{{"n": "{number}"}}', f'{{"n": "{number + 1}"}}', kept)
    assert (len(kept), kept[-1].what) == (SETTINGS_CHANGES_MAX, "n: 54 → 55")


@given(st.text(), st.text())
def test_whatever_stands_on_a_pod_a_change_of_it_can_be_said(before: str, after: str) -> None:
    for one in change_of(before, after):
        assert 0 < len(one.what) <= 1024
