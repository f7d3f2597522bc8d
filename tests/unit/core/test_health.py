"""The colours, by the rule that can be read."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from moorage.api.dataservice import Health
from moorage.core import clocks
from moorage.core.facts import Known, MemberFacts, MemberReport, Role, Unknown
from moorage.core.health import Cause, judge, needs_somebody, takes_long
from tests.unit.build import NORMAL, member, snapshot


def test_three_normal_members_are_green() -> None:
    verdict = judge(snapshot())
    assert (verdict.colour, verdict.message) == (Health.GREEN, "all 3 members are normal")


def test_a_member_that_is_not_heard_from_is_never_green() -> None:
    verdict = judge(snapshot(*NORMAL[:2], member(2, None)))
    assert verdict.members["datanode2"] is Health.RED
    assert verdict.colour is Health.YELLOW
    assert "datanode2 is not heard from" in verdict.message


def test_without_a_primary_the_service_is_red() -> None:
    verdict = judge(snapshot(member(0, Role.SECONDARY), *NORMAL[1:]))
    assert verdict.colour is Health.RED
    assert verdict.message.startswith("there is no primary")


def test_an_address_that_leads_elsewhere_is_red() -> None:
    assert judge(snapshot(holder="orders-g1-2")).colour is Health.RED


def test_a_member_that_its_peers_do_not_hear_is_abnormal() -> None:
    witness = replace(NORMAL[0], report=Known(MemberReport(role=Role.PRIMARY, term=5, peers_down=("orders-g1-2",))))
    verdict = judge(snapshot(witness, *NORMAL[1:]))
    assert verdict.colour is Health.YELLOW
    assert verdict.message == "datanode2 is not heard by datanode0"


def test_the_older_of_two_primaries_is_abnormal() -> None:
    stale = replace(NORMAL[1], report=Known(MemberReport(role=Role.PRIMARY, term=4)))
    verdict = judge(snapshot(NORMAL[0], stale, NORMAL[2]))
    assert "datanode1 says it is primary in an older term" in verdict.message


def follower(ordinal: int, term: int = 5, **told: Any) -> MemberFacts:
    return replace(NORMAL[ordinal], report=Known(MemberReport(role=Role.SECONDARY, term=term, **told)))


SILENT = member(0, None)


def test_a_primary_whose_agent_hangs_serves_as_long_as_its_peers_hear_it() -> None:
    verdict = judge(snapshot(SILENT, follower(1), follower(2), holder="orders-g1-0"))
    assert verdict.colour is Health.YELLOW
    assert verdict.members["datanode0"] is Health.RED
    assert (
        verdict.message
        == "datanode0 is not heard from: its node is not heard from; datanode0 leads, as the others hear, and serves"
    )


def test_a_silent_primary_that_a_peer_does_not_hear_or_that_was_succeeded_serves_nobody() -> None:
    deaf, later = follower(2, peers_down=("orders-g1-0",)), follower(2, term=6)
    for other in (deaf, later, replace(NORMAL[2], report=Known(MemberReport(role=Role.DOWN)))):
        assert judge(snapshot(SILENT, follower(1), other, holder="orders-g1-0")).colour is Health.RED
    assert judge(snapshot(SILENT, member(1, None), member(2, None), holder="orders-g1-0")).colour is Health.RED
    assert judge(snapshot(SILENT, follower(1), follower(2), holder="orders-g1-1")).colour is Health.RED
    made_anew = replace(SILENT, report=Unknown("the agent has not reported yet", never_was=True))
    assert judge(snapshot(made_anew, follower(1), follower(2), holder="orders-g1-0")).colour is Health.RED


def test_a_member_on_its_own_that_is_silent_is_heard_by_nobody_and_serves_nobody() -> None:
    verdict = judge(snapshot(SILENT, holder="orders-g1-0"))
    assert verdict.colour is Health.RED
    assert verdict.message.startswith("there is no primary")


def test_why_a_pod_cannot_run_is_said_in_kubernetes_words() -> None:
    stuck = member(2, None, trouble="ErrImagePull: image mongo:9: not found")
    assert "datanode2 cannot run: ErrImagePull" in judge(snapshot(*NORMAL[:2], stuck)).message


def test_what_is_the_same_for_several_members_is_said_once() -> None:
    stuck = [member(i, None, trouble="image 'mongo:9' cannot be pulled") for i in range(3)]
    assert judge(snapshot(*stuck)).message == "there is no primary; all 3 members cannot run: image 'mongo:9' cannot be pulled"
    lost = [member(i, None) for i in (1, 2)]
    assert judge(snapshot(NORMAL[0], *lost)).message == "datanode1 and datanode2 are not heard from: its node is not heard from"


def _without_pod(ordinal: int, **why: Any) -> MemberFacts:
    return replace(member(ordinal, None), pod=None, **why)


def test_why_kubernetes_makes_no_pod_is_said_and_needs_somebody_only_when_it_is_refused() -> None:
    refused = snapshot(NORMAL[0], *(_without_pod(i, refused="quota 'small' forbids it") for i in (1, 2)))
    sentence = "datanode1 and datanode2 have no Pod: quota 'small' forbids it"
    cause = Cause(sentence, "quota 'small' forbids it")
    assert (judge(refused).message, needs_somebody(refused), takes_long(refused)) == (sentence, [cause], [])
    slow = snapshot(*NORMAL[:2], _without_pod(2, slow="a webhook does not answer"))
    assert needs_somebody(slow) == []
    assert takes_long(slow) == [Cause("datanode2 has no Pod: a webhook does not answer", "a webhook does not answer")]


def test_what_is_slow_is_said_of_every_member_that_it_concerns() -> None:
    found = snapshot(*(replace(member(i, None), slow="image 'x' is still being pulled after 15 s") for i in range(3)))
    assert judge(found).message == "there is no primary; all 3 members do not run yet: image 'x' is still being pulled after 15 s"
    assert [cause.says for cause in takes_long(found)] == [
        "all 3 members do not run yet: image 'x' is still being pulled after 15 s"
    ]


def test_a_refused_growth_needs_somebody_and_makes_no_member_abnormal() -> None:
    found = snapshot(growth_trouble="the volumes stay at 10Gi: no")
    assert (judge(found).colour, needs_somebody(found)) == (
        Health.GREEN,
        [Cause("the volumes stay at 10Gi: no", "the volumes stay at 10Gi: no")],
    )


def test_a_missing_load_balancer_is_said_also_while_something_else_is_wrong() -> None:
    assert judge(snapshot(expose_trouble="no address")).colour is Health.YELLOW
    assert judge(snapshot(*NORMAL[:2], member(2, None), expose_trouble="no address")).message.endswith("; no address")


roles = st.sampled_from([*Role, None])


@given(st.tuples(roles, roles, roles), st.booleans())
def test_green_means_that_every_member_is_heard_and_serves(drawn: tuple[Role | None, ...], held: bool) -> None:
    members = tuple(member(i, role) for i, role in enumerate(drawn))
    verdict = judge(snapshot(*members, holder="" if held else None))
    if verdict.colour is Health.GREEN:
        assert all(role in (Role.PRIMARY, Role.SECONDARY, Role.ARBITER) for role in drawn)
        assert Role.PRIMARY in drawn
        assert held


def test_a_clock_that_differs_is_said_and_makes_nobody_abnormal() -> None:
    late = replace(NORMAL[1], report=Known(MemberReport(role=Role.SECONDARY, clock="its clock is more than 5 s behind")))
    seen = snapshot(NORMAL[0], late, NORMAL[2])
    assert judge(seen).colour is Health.GREEN
    (said,) = clocks.outlook(seen)
    assert said.startswith("datanode1: its clock is more than 5 s behind: have node n1 set it (chrony, systemd-timesyncd)")
