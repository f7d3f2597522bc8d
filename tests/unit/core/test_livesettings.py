"""Settings that a running engine takes: all members are told, and none is replaced for them."""

from dataclasses import replace

import pytest

from moorage.api.dataservice import Health
from moorage.core.facts import Known, MemberFacts, MemberReport, Role
from moorage.core.health import judge, needs_somebody
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
