"""Queries that become metrics: members are told them, a refused one stops nothing else, and no colour depends on them."""

from dataclasses import replace
from typing import Any

import pytest

from moorage.api.dataservice import Health
from moorage.core.facts import Known, MemberReport, Role
from moorage.core.health import judge
from moorage.core.ownmetrics import verdict
from moorage.core.plan import plan
from moorage.core.queries import from_json
from moorage.core.step import Rest, TellQueries
from moorage.engines.registry import load
from moorage.operator.conditions import metrics_healthy
from moorage.operator.manifests import Context, build
from tests.unit.build import NORMAL, TLS, member, service, snapshot, target

GOOD = {"name": "open_orders", "database": "app", "query": '{"aggregate": "orders", "pipeline": [{"$count": "value"}]}'}
BAD = {**GOOD, "name": "bad", "query": '{"aggregate": "orders", "pipeline": [{"$out": "x"}]}'}
WANTED = "[…]"


def context(*queries: dict[str, Any]) -> Context:
    return Context(service(metrics={"queries": list(queries)}), load()["mongodb"], "moorage:dev")


@pytest.mark.parametrize("done", [0, 1, 2])
def test_one_member_after_the_other_is_told_and_then_all_is_done(done: int) -> None:
    told = tuple(replace(m, pod=replace(m.pod, queries=WANTED)) if m.ordinal < done and m.pod is not None else m for m in NORMAL)
    step = plan(snapshot(*told), target(queries=WANTED))
    assert isinstance(step, TellQueries)
    assert (step.member.ordinal, step.queries) == (done, WANTED)


def test_who_was_told_is_left_alone_and_what_is_left_out_is_taken_back() -> None:
    told = tuple(replace(m, pod=replace(m.pod, queries=WANTED)) for m in NORMAL if m.pod is not None)
    assert plan(snapshot(*told), target(queries=WANTED)) == Rest()
    step = plan(snapshot(*told), target())
    assert isinstance(step, TellQueries)
    assert step.queries == ""


def test_no_query_is_a_part_of_what_a_member_is_made_from() -> None:
    internal = {"keyfile": "k", "app-password": "a", "admin-password": "b"}
    without, having = (build(context(*queries), internal, TLS) for queries in ((), (GOOD, BAD)))
    assert without.template == having.template
    assert without.manifests == having.manifests


def test_members_are_told_the_good_ones_and_people_why_the_others_are_not_asked() -> None:
    found = context(GOOD, BAD)
    (query,) = from_json(found.queries)
    assert (query.name, query.value, query.every_seconds, query.timeout_seconds) == ("open_orders", "value", 60, 5)
    assert found.queries_refused == ("query 'bad' is not asked: it holds '$out': it writes; allowed: what only reads",)
    assert (context().queries, context().queries_refused) == ("", ())


def test_what_is_refused_or_fails_is_said_and_costs_no_colour() -> None:
    why = "does not answer queries of metrics: open_orders: the engine says: no"
    failing = tuple(replace(m, report=Known(MemberReport(m.role() or Role.DOWN, 5, queries=why))) for m in NORMAL)
    of = service(metrics={"queries": [GOOD, BAD]})
    assert verdict(snapshot(*NORMAL, of=of), target()) == (True, "NoQueryFails", "no query fails, of 2")
    state, reason, said = verdict(snapshot(*failing, of=of), target()) or (None, "", "")
    assert (state, reason) == (False, "QueryFails")
    assert said == "all 3 members do not answer queries of metrics: open_orders: the engine says: no"
    refused = verdict(snapshot(*failing[:1], *NORMAL[1:], of=of), target(queries_refused=("query 'bad' is not asked: no",)))
    assert refused is not None
    assert refused[1] == "QueryRefused"
    assert refused[2].startswith("query 'bad' is not asked: no; datanode0 does not answer")
    assert judge(snapshot(*failing, of=of)).colour is Health.GREEN


def test_a_service_without_queries_has_no_such_condition() -> None:
    assert verdict(snapshot(), target()) is None
    assert metrics_healthy(service(), None, "2026-11-28T00:00:00Z") == []
    (found,) = metrics_healthy(service(), (False, "QueryFails", "why"), "2026-11-28T00:00:00Z")
    assert (found.type, found.status, found.reason, found.message) == ("MetricsHealthy", "False", "QueryFails", "why")


def test_a_member_that_is_down_is_told_too() -> None:
    step = plan(snapshot(NORMAL[0], NORMAL[1], member(2, None)), target(queries=WANTED))
    assert isinstance(step, TellQueries)
