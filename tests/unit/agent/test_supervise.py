"""What the agent does about its engine."""

import pytest

from moorage.agent.endpoint import why_not_claimable
from moorage.agent.supervise import Action, EngineFacts, decide, restart_delay_seconds
from moorage.core import names
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
    assert restart_delay_seconds(1, 5.0) == 0
    assert [restart_delay_seconds(n, 1.0) for n in (2, 3, 4, 40)] == [0.5, 1.0, 2.0, 60.0]


@pytest.mark.parametrize(
    ("held", "holder", "mine", "wins"),
    [
        ("0", "", 1, True),
        ("5", "orders-g1-1", 6, True),
        ("5", "orders-g1-0", 5, True),
        ("5", "orders-g1-1", 5, False),
        ("7", "x", 6, False),
    ],
)
def test_a_stale_claim_on_the_address_loses(held: str, holder: str, mine: int, wins: bool) -> None:
    marks = {names.ANNOTATION_TERM: held, names.ANNOTATION_HOLDER: holder}
    assert (why_not_claimable(marks, pod="orders-g1-0", term=mine) is None) is wins
