"""What the agent does about its engine."""

import pytest

from moorage.agent.supervise import Action, EngineFacts, crashes_in_a_row, decide, restart_delay_seconds
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
    ],
    ids=["normal", "primary died", "after the rescue", "secondary died", "lost the role, clients still connected", "stopping"],
)
def test_the_first_rule_that_applies_wins(facts: EngineFacts, action: Action) -> None:
    assert decide(facts) is action


def test_a_first_crash_costs_no_wait_and_a_crash_loop_waits_longer_each_time() -> None:
    assert restart_delay_seconds(1) == 0
    assert [restart_delay_seconds(n) for n in (2, 3, 4, 40)] == [0.5, 1.0, 2.0, 60.0]


def test_a_crash_after_a_stable_run_is_the_first_of_a_row() -> None:
    assert crashes_in_a_row(7, ran_seconds=30.0) == 1
    assert crashes_in_a_row(7, ran_seconds=2.0) == 8
