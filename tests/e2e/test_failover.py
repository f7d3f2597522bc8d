"""It survives its primary."""

import pytest

from tests.e2e.client import Writer, uri
from tests.e2e.cluster import (
    engine_pid,
    kill_agent,
    kill_engine,
    kubectl,
    moorage,
    pod_of,
    scale_operator,
    status,
    until,
    wait_green,
)


def _primary(service: str) -> str:
    return str(wait_green(service)["primary"])


def _new_primary(service: str, old: str) -> str:
    def another() -> str | None:
        now = status(service).get("primary")
        return str(now) if now and now != old else None

    return until("another member is primary", another)


def test_a_killed_primary_costs_seconds_and_no_write(orders: str) -> None:
    old = _primary(orders)
    with Writer(uri(orders), "killed") as writer:
        kill_engine(pod_of(orders, old))
        writer.wait_for_more(50)
    assert writer.lost() == set()
    assert writer.history.longest_gap_seconds() < 7
    assert _new_primary(orders, old)
    wait_green(orders)


@pytest.mark.alone
def test_the_address_moves_while_the_operator_is_absent(orders: str) -> None:
    old = _primary(orders)
    scale_operator(0)
    try:
        with Writer(uri(orders), "absent") as writer:
            kill_engine(pod_of(orders, old))
            writer.wait_for_more(50)
        assert writer.lost() == set()
    finally:
        scale_operator(2)
    wait_green(orders)


def test_a_deleted_primary_pod_hands_over_before_it_stops(orders: str) -> None:
    old = _primary(orders)
    with Writer(uri(orders), "deleted") as writer:
        kubectl("delete", "pod", pod_of(orders, old), "--wait=false")
        writer.wait_for_more(50)
    assert writer.lost() == set()
    assert writer.history.longest_gap_seconds() < 5
    wait_green(orders)


def test_promote_moves_the_primary_to_the_member_that_was_asked_for(orders: str) -> None:
    wanted = next(m for m in wait_green(orders)["healthInstances"] if m != _primary(orders))
    with Writer(uri(orders), "promoted") as writer:
        moorage("promote", orders, wanted)
        writer.wait_for_more(50)
    assert writer.lost() == set()
    assert _primary(orders) == wanted


def test_a_killed_agent_leaves_no_client_on_a_member_that_refuses_writes(orders: str) -> None:
    old = _primary(orders)
    with Writer(uri(orders), "agent") as writer:
        kill_agent(pod_of(orders, old))
        writer.wait_for_more(50)
    assert writer.lost() == set()
    wait_green(orders)


def test_a_member_that_crashed_is_started_once_and_not_a_second_time(orders: str) -> None:
    old = _primary(orders)
    pod = pod_of(orders, old)
    kill_engine(pod)
    _new_primary(orders, old)
    wait_green(orders)
    restarted = engine_pid(pod)
    with Writer(uri(orders), "once") as writer:
        writer.wait_for_more(200)
    assert engine_pid(pod) == restarted
