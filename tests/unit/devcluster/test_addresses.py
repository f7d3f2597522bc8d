"""Load-balancer addresses: who gets which, and the way to them when a node is lost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devcluster.config import NODES
from devcluster.controller.addresses import Announce, address_of, plan
from devcluster.controller.routes import SILENCES, choose


def _service(name: str, held: str | None = None, *, kind: str = "LoadBalancer", asked: str | None = None) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "shop", "name": name, "uid": name, "creationTimestamp": "2026-11-01T00:00:00Z"},
        "spec": {"type": kind, "loadBalancerIP": asked},
        "status": {"loadBalancer": {"ingress": [{"ip": held}] if held else []}},
    }


def test_a_newcomer_gets_the_lowest_free_address() -> None:
    steps = plan([_service("a", "10.89.1.1"), _service("b"), _service("c", "10.89.1.2")])
    assert steps == [Announce("shop", "b", "10.89.1.3")]


def test_an_address_stays_with_its_service() -> None:
    assert plan([_service("a", "10.89.1.7"), _service("b", "10.89.1.1")]) == []


def test_an_address_that_was_asked_for_is_given_when_it_is_free_and_only_then() -> None:
    assert plan([_service("a", asked="10.89.1.9")]) == [Announce("shop", "a", "10.89.1.9")]
    assert plan([_service("a", asked="10.89.1.9"), _service("b", "10.89.1.9")]) == []


def test_a_service_that_wants_no_address_any_more_loses_it() -> None:
    assert plan([_service("a", "10.89.1.1", kind="ClusterIP")]) == [Announce("shop", "a", None)]


@given(st.lists(st.sampled_from([None, *(f"10.89.1.{n}" for n in range(1, 6))]), max_size=8))
def test_no_two_services_are_given_the_same_address(held: list[str | None]) -> None:
    services = [_service(f"s{i}", address) for i, address in enumerate(held)]
    kept = {address_of(service) for service in services} - {None}
    given_out = [step.address for step in plan(services)]
    assert len(given_out) == len(set(given_out))
    assert not kept & set(given_out)


@pytest.mark.parametrize("lost", NODES, ids=lambda node: node.name)
def test_the_way_leads_through_another_node_when_one_is_lost(lost: Any) -> None:
    silences = dict.fromkeys(NODES, 0) | {lost: SILENCES}
    found = choose(lost, silences)
    assert found is not None
    assert found != lost


def test_the_way_does_not_change_without_need() -> None:
    assert choose(NODES[1], dict.fromkeys(NODES, 0)) == NODES[1]
    assert choose(NODES[1], dict.fromkeys(NODES, 0) | {NODES[1]: SILENCES - 1}) == NODES[1]


def test_there_is_no_way_while_no_node_was_heard() -> None:
    assert choose(None, {}) is None
