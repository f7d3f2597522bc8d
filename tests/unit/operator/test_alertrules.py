"""People's alerts by the real operator: judged, written where Prometheus reads them, and each says what became of it."""

import json
from typing import Any

import pytest

from moorage.door import Door
from moorage.kube.client import KubeError
from moorage.kube.reflector import Store
from moorage.operator.alertrules import FILE, NOBODY_TOLD, PROMETHEUS_RULE, AlertRules, RulesObject
from moorage.prometheus import Prometheus, PrometheusError
from tests.unit.operator.kubernetes import Object, at
from tests.unit.operator.server import Server

GOOD: Object = {"promql": "moorage_mongodb_replication_lag_seconds > 30"}
NAME = "moorage-own-rules"


class Telling(Prometheus):
    """Says what a test says that it found."""

    def __init__(self) -> None:
        super().__init__(Door("http://127.0.0.1:9"))
        self.groups: list[dict[str, Any]] = []
        self.why = ""

    async def rule_groups(self) -> list[dict[str, Any]]:
        if self.why:
            raise PrometheusError(self.why)
        return self.groups


class World:
    def __init__(self, kind: str = "ConfigMap", prometheus: Telling | None = None) -> None:
        self.server, self.seconds = Server(), 0.0
        self.place = RulesObject("moorage-system", NAME, kind)
        self.services = Store()
        self.rules = AlertRules(self.server, lambda: True, self.place, self.services, prometheus, lambda: at(self.seconds))

    def make(self, name: str, spec: Object, generation: int = 1) -> None:
        meta = {"name": name, "uid": name, "generation": generation}
        self.server.put({"apiVersion": "moorage.dev/v1", "kind": "AlertRule", "metadata": meta, "spec": spec})

    async def turn(self, seconds: float = 0) -> None:
        """As after a watch that told everything."""
        self.seconds += seconds
        found, version = await self.server.list("AlertRule")
        self.rules.rules.listed(found, version)
        await self.rules.turn()

    def see(self, *queries: Object) -> None:
        """The service `orders` has these queries, and no other namespace's counts."""
        spec = {"engine": "mysql", "metrics": {"queries": list(queries)}}
        other = {"engine": "mysql", "metrics": {"queries": [{"name": "of_others"}]}}
        found = [
            {"kind": "DataService", "metadata": {"name": "orders", "namespace": namespace}, "spec": one}
            for namespace, one in (("shop", spec), ("bank", other))
        ]
        self.services.listed(found, "1")

    def status(self, name: str) -> Object:
        return dict(self.server.objects["AlertRule", name]["status"])

    def published(self) -> list[str]:
        """Names of the alerts that Prometheus reads."""
        held = self.server.objects.get((self.place.kind, NAME))
        assert held is not None
        rules = held["spec"] if self.place.kind == PROMETHEUS_RULE else json.loads(held["data"][FILE])
        return [rule["alert"] for group in rules["groups"] for rule in group["rules"]]


async def test_a_good_rule_is_written_where_prometheus_reads_it_and_says_so() -> None:
    world = World()
    world.make("lag", GOOD)
    await world.turn()
    assert world.published() == ["lag"]
    status = world.status("lag")
    assert (status["phase"], status["expr"]) == ("Accepted", '(moorage_mongodb_replication_lag_seconds{namespace="shop"}) > (30)')
    assert status["message"] == f"it stands in ConfigMap moorage-system/{NAME}; {NOBODY_TOLD}"
    assert [(c["type"], c["status"]) for c in status["conditions"]] == [("Ready", "True")]


async def test_where_the_prometheus_operator_is_it_becomes_a_prometheusrule() -> None:
    world = World(PROMETHEUS_RULE)
    world.make("lag", GOOD)
    await world.turn()
    assert world.published() == ["lag"]


async def test_one_that_asks_for_another_namespace_is_refused_with_the_sentence_and_the_others_are_not() -> None:
    world = World()
    world.make("lag", GOOD)
    world.make("spy", {"promql": 'up{namespace="bank"} > 0'})
    await world.turn()
    assert world.published() == ["lag"]
    status = world.status("spy")
    assert status["phase"] == "Refused"
    assert "it asks for namespace 'bank', and is given 'shop' alone" in status["message"]
    assert (status["conditions"][0]["status"], status["conditions"][0]["reason"]) == ("False", "Refused")


async def test_a_rule_that_is_deleted_or_rests_is_judged_no_more() -> None:
    world = World()
    world.make("lag", GOOD)
    world.make("other", GOOD)
    await world.turn()
    world.make("other", {**GOOD, "paused": True}, generation=2)
    await world.turn()
    assert (world.published(), world.status("other")["phase"]) == (["lag"], "Paused")
    del world.server.objects["AlertRule", "lag"]
    await world.turn()
    assert world.published() == []


async def test_a_rule_that_was_deleted_while_no_operator_ran_is_taken_out_by_the_next_one() -> None:
    world = World()
    world.make("lag", GOOD)
    await world.turn()
    del world.server.objects["AlertRule", "lag"]
    world.rules = AlertRules(world.server, lambda: True, world.place, Store(), None, lambda: at(0))
    await world.turn()
    assert world.published() == []


async def test_nothing_is_written_while_nothing_changes() -> None:
    world = World()
    world.make("lag", GOOD)
    await world.turn()
    asked = len(world.server.asked)
    await world.turn(30)
    assert [verb for verb, *_ in world.server.asked[asked:]] == ["list"], "the test's own"


async def test_without_any_rule_no_object_is_made() -> None:
    world = World()
    await world.turn()
    assert ("ConfigMap", NAME) not in world.server.objects


async def test_an_object_that_somebody_emptied_is_written_again_within_ten_minutes() -> None:
    world = World()
    world.make("lag", GOOD)
    await world.turn()
    world.server.objects["ConfigMap", NAME]["data"] = {}
    await world.turn(601)
    assert world.published() == ["lag"]


async def test_whether_it_fires_is_prometheuss_word() -> None:
    telling = Telling()
    world = World(prometheus=telling)
    world.make("lag", GOOD)
    await world.turn()
    assert "Prometheus has not read it yet" in world.status("lag")["message"]
    alerts = [{"state": "firing", "activeAt": "2026-11-25T02:00:00Z"}, {"state": "pending", "activeAt": "2026-11-25T01:00:00Z"}]
    telling.groups = [{"name": "own/shop/lag", "rules": [{"health": "ok", "alerts": alerts}]}]
    await world.turn(30)
    status = world.status("lag")
    assert (status["firing"], status["firingSince"]) == (1, "2026-11-25T02:00:00Z")
    assert (status["holding"], status["holdingSince"]) == (1, "2026-11-25T01:00:00Z")
    assert status["message"] == "it fires for 1, and holds for 1 more, not long enough yet"
    telling.groups[0]["rules"][0] |= {"health": "err", "lastError": "exceeded limit of 100 with 101 alerts", "alerts": []}
    await world.turn(30)
    status = world.status("lag")
    assert status["message"] == "Prometheus cannot judge it: exceeded limit of 100 with 101 alerts"
    assert status["conditions"][0]["status"] == "False"


OPEN: Object = {"metric": "moorage_custom_open_orders", "comparison": ">", "threshold": 100}


async def test_one_that_holds_and_does_not_fire_yet_says_when_it_will() -> None:
    telling = Telling()
    world = World(prometheus=telling)
    world.make("lag", {**GOOD, "forSeconds": 300})
    alerts = [{"state": "pending", "activeAt": f"2026-11-25T0{hour}:00:00Z"} for hour in (3, 2)]
    telling.groups = [{"name": "own/shop/lag", "rules": [{"health": "ok", "alerts": alerts}]}]
    await world.turn()
    status = world.status("lag")
    assert (status["firing"], status["holding"], status["holdingSince"]) == (0, 2, "2026-11-25T02:00:00Z")
    assert "firingSince" not in status
    assert status["message"] == "it holds for 2, and fires once that has lasted 300 s"
    telling.groups[0]["rules"][0]["alerts"] = []
    await world.turn(30)
    status = world.status("lag")
    assert (status["holding"], status["message"]) == (0, "it does not fire")


async def test_a_rule_about_a_query_that_is_not_there_yet_stands_and_says_that_it_cannot_hold() -> None:
    world = World()
    world.make("open", {**OPEN, "service": "orders"})
    world.make("others", {"metric": "moorage_custom_of_others", "comparison": ">", "threshold": 1})
    await world.turn()
    assert NOBODY_TOLD in world.status("open")["message"], "nothing is said from services that were never seen"
    world.see()
    await world.turn()
    assert world.published() == ["open", "others"], "its query may come"
    status = world.status("open")
    assert (status["phase"], status["conditions"][0]["status"]) == ("Accepted", "False")
    assert status["conditions"][0]["reason"] == "NothingMeasured"
    assert "it cannot hold: service 'orders' of shop has no query 'open_orders'" in status["message"]
    assert "no service of shop has a query 'of_others'" in world.status("others")["message"]
    world.see({"name": "open_orders"})
    await world.turn()
    assert world.status("open")["conditions"][0]["status"] == "True"


async def test_a_label_that_no_query_of_the_name_gives_is_said() -> None:
    world = World()
    world.make("open", {**OPEN, "labels": {"colour": "red"}})
    world.see({"name": "open_orders", "labels": ["state"]})
    await world.turn()
    message = world.status("open")["message"]
    assert message == "it cannot hold: moorage_custom_open_orders has no label colour; it has namespace, service, pod, state"


async def test_what_fires_is_said_also_after_its_query_was_taken_away() -> None:
    telling = Telling()
    world = World(prometheus=telling)
    world.make("open", OPEN)
    world.see()
    alerts = [{"state": "firing", "activeAt": "2026-11-25T02:00:00Z"}]
    telling.groups = [{"name": "own/shop/open", "rules": [{"health": "ok", "alerts": alerts}]}]
    await world.turn()
    assert (world.status("open")["firing"], world.status("open")["message"]) == (1, "it fires for 1")


async def test_a_prometheus_that_does_not_answer_makes_nothing_of_a_rule_unknown_but_this() -> None:
    telling = Telling()
    world = World(prometheus=telling)
    world.make("lag", GOOD)
    telling.why = "Prometheus at http://127.0.0.1:9 does not answer"
    await world.turn()
    status = world.status("lag")
    assert (status["phase"], "firing" in status) == ("Accepted", False)
    assert "whether it fires is not known: Prometheus at http://127.0.0.1:9 does not answer" in status["message"]


async def test_a_refusal_of_the_api_server_is_said_in_the_rule() -> None:
    world = World()
    world.make("lag", GOOD)
    world.server.refuse = lambda verb, kind, name: (
        KubeError("configmaps is forbidden", 403) if (verb, kind) == ("apply", "ConfigMap") else None
    )
    await world.turn()
    status = world.status("lag")
    assert status["phase"] == "Pending"
    assert "cannot be written" in status["message"]


async def test_what_was_never_listed_takes_no_rules_away() -> None:
    """An operator that cannot see the rules must not think that there are none."""
    world = World()
    world.make("lag", GOOD)
    await world.turn()
    world.rules.rules = Store()
    world.rules.rules.lost("alertrules is forbidden")
    await world.rules.look()
    assert world.published() == ["lag"]
    world.rules.rules.listed([], "9")
    await world.rules.look()
    assert world.published() == [], "it would have been seen above"


@pytest.mark.parametrize("given", [{"MOORAGE_RULES_KIND": "Secret"}])
def test_another_kind_is_refused_at_the_start(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="allowed: ConfigMap, PrometheusRule"):
        RulesObject.of({"POD_NAMESPACE": "moorage-system", **given})
