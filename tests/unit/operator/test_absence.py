"""Since when a Pod is missing, across looks and restarts."""

from moorage.api.conditions import Condition, ConditionType
from moorage.api.dataservice import DataService, Health
from moorage.engines.registry import load
from moorage.kube.reflector import Store
from moorage.operator.absence import Absences
from tests.unit.build import service
from tests.unit.operator.kubernetes import at, pod, stamp

CARD = load()["mongodb"].card


def store(*ordinals: int) -> Store:
    """These members have their Pods."""
    found = Store()
    found.listed([{**pod(), "metadata": {"name": f"orders-g1-{i}", "namespace": "shop"}} for i in ordinals], "1")
    return found


def told_missing(*members: str) -> DataService:
    """A service whose status says so since it is not whole."""
    base = service()
    healthy = Condition(type=ConditionType.HEALTHY, status="False", reason="Yellow", last_transition_time=stamp(5))
    colours = {f"datanode{i}": Health.UNKNOWN if f"datanode{i}" in members else Health.GREEN for i in range(3)}
    return base.model_copy(
        update={"status": base.status.model_copy(update={"conditions": [healthy], "health_instances": colours})}
    )


def test_a_pod_is_missing_since_it_was_first_not_seen_and_no_longer_when_it_is_there() -> None:
    absences = Absences()
    assert absences.seen(service(), CARD, store(0, 1, 2), 3, at(0)) == {}
    assert absences.seen(service(), CARD, store(0, 1), 3, at(10)) == {"orders-g1-2": at(10)}
    assert absences.seen(service(), CARD, store(0), 3, at(20)) == {"orders-g1-1": at(20), "orders-g1-2": at(10)}
    assert absences.seen(service(), CARD, store(0, 1, 2), 3, at(30)) == {}
    assert absences.seen(service(), CARD, store(0, 1), 3, at(40)) == {"orders-g1-2": at(40)}


def test_after_a_restart_the_status_tells_which_pods_were_missing_before() -> None:
    assert Absences().seen(told_missing("datanode2"), CARD, store(0), 3, at(100)) == {
        "orders-g1-1": at(100),
        "orders-g1-2": at(5),
    }


def test_a_pod_that_vanishes_while_another_one_is_missing_is_not_missing_for_as_long() -> None:
    absences = Absences()
    absences.seen(told_missing("datanode2"), CARD, store(0, 1), 3, at(100))
    assert absences.seen(told_missing("datanode1", "datanode2"), CARD, store(0), 3, at(200))["orders-g1-1"] == at(200)


def test_a_pod_that_its_statefulset_does_not_want_yet_is_not_missing() -> None:
    absences = Absences()
    assert absences.seen(service(members=5), CARD, store(0, 1, 2), 3, at(0)) == {}
    assert absences.seen(service(members=5), CARD, store(0, 1, 2), 4, at(600)) == {"orders-g1-3": at(600)}


def test_a_pod_of_a_member_on_its_way_out_is_missing_while_the_statefulset_keeps_it() -> None:
    absences = Absences()
    assert absences.seen(service(), CARD, store(0, 1, 2, 3), 5, at(0)) == {"orders-g1-4": at(0)}
    assert absences.seen(service(), CARD, store(0, 1, 2, 3), 4, at(10)) == {}
    assert absences.seen(service(), CARD, store(0, 1, 2, 3), 5, at(20)) == {"orders-g1-4": at(20)}
