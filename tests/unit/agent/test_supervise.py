"""What the agent does about its engine."""

import pytest

from moorage.agent.supervise import (
    DAMAGED_RESTART_SECONDS,
    Action,
    EngineFacts,
    Service,
    crashes_in_a_row,
    decide,
    restart_delay_seconds,
    seen,
)
from moorage.core.facts import Role


@pytest.mark.parametrize(
    ("facts", "action"),
    [
        (EngineFacts(is_running=True, role=Role.PRIMARY, role_before=Role.PRIMARY), Action.NOTHING),
        (EngineFacts(is_running=False, role=Role.PRIMARY, role_before=Role.PRIMARY), Action.RESCUE),
        (EngineFacts(is_running=False, role=Role.DOWN, role_before=Role.PRIMARY, rescued=True), Action.START),
        (EngineFacts(is_running=False, role=Role.DOWN, role_before=Role.SECONDARY), Action.START),
        (
            EngineFacts(is_running=True, role=Role.SECONDARY, role_before=Role.SECONDARY, is_behind_address=True),
            Action.CUT_CLIENTS,
        ),
        (EngineFacts(is_running=False, role=Role.DOWN, role_before=Role.PRIMARY, stopping=True), Action.NOTHING),
        (EngineFacts(is_running=True, role=Role.SECONDARY, role_before=Role.SECONDARY, misleads=True), Action.STAND_ASIDE),
        (EngineFacts(is_running=True, role=Role.PRIMARY, role_before=Role.PRIMARY, misleads=True), Action.NOTHING),
        (EngineFacts(is_running=True, role=Role.PRIMARY, role_before=Role.PRIMARY, may_hand_back=True), Action.HAND_BACK),
        (EngineFacts(is_running=True, role=Role.SECONDARY, role_before=Role.SECONDARY, may_hand_back=True), Action.NOTHING),
        (EngineFacts(is_running=True, role=Role.PRIMARY, role_before=Role.PRIMARY, is_retired=True), Action.RETIRE),
        (EngineFacts(is_running=False, role=Role.DOWN, role_before=Role.PRIMARY, is_retired=True), Action.RETIRE),
        (EngineFacts(is_running=False, role=Role.DOWN, role_before=Role.SECONDARY, has_room=False), Action.HOLD),
        (EngineFacts(is_running=False, role=Role.PRIMARY, role_before=Role.PRIMARY, has_room=False), Action.RESCUE),
        (EngineFacts(is_running=True, role=Role.SECONDARY, role_before=Role.SECONDARY, has_room=False), Action.HOLD),
        (EngineFacts(is_running=True, role=Role.PRIMARY, role_before=Role.PRIMARY, is_given_up=True), Action.RETIRE),
        (EngineFacts(is_running=False, role=Role.DOWN, role_before=Role.PRIMARY, is_given_up=True), Action.RETIRE),
    ],
    ids=[
        "normal",
        "primary died",
        "after the rescue",
        "secondary died",
        "lost the role, clients still connected",
        "stopping",
        "lost the role, and nobody can move the address",
        "has the role again by now",
        "primary at its spare port, and the address can be moved",
        "handed back",
        "retired",
        "retired and down",
        "no room to start",
        "a primary died for want of room",
        "no room to go on",
        "given up",
        "given up and down",
    ],
)
def test_the_first_rule_that_applies_wins(facts: EngineFacts, action: Action) -> None:
    assert decide(facts) is action


def test_a_first_crash_costs_no_wait_and_a_crash_loop_waits_longer_each_time() -> None:
    assert restart_delay_seconds(1) == 0
    assert [restart_delay_seconds(n) for n in (2, 3, 4, 40)] == [0.5, 1.0, 2.0, 60.0]


def test_a_crash_after_a_stable_run_is_the_first_of_a_row() -> None:
    assert crashes_in_a_row(7, ran_seconds=30.0) == 1
    assert crashes_in_a_row(7, ran_seconds=2.0) == 8


def test_a_member_of_a_generation_that_served_is_retired_when_another_one_serves() -> None:
    served = seen(Service(), own=1, serves=1)
    assert served == Service(has_served=True)
    assert seen(served, own=1, serves=2).is_retired


def test_a_member_of_a_generation_that_is_still_to_serve_runs() -> None:
    assert not seen(Service(), own=2, serves=1).is_retired


def test_a_member_that_is_started_again_for_an_undo_runs() -> None:
    assert not seen(Service(), own=1, serves=2).is_retired


def test_a_generation_that_serves_again_is_not_retired_any_more() -> None:
    assert not seen(Service(has_served=True, is_retired=True), own=1, serves=1).is_retired


def test_an_address_that_was_deleted_by_hand_retires_nobody() -> None:
    served = Service(has_served=True)
    assert seen(served, own=1, serves=None) == served


def test_an_engine_whose_data_is_damaged_is_tried_seldom_for_each_try_leaves_files_behind() -> None:
    assert restart_delay_seconds(2, is_damaged=True) == DAMAGED_RESTART_SECONDS
    assert restart_delay_seconds(1, is_damaged=True) == 0.0
