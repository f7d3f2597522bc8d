"""What people see: of what stands in the way, and of a service whose size changes."""

from dataclasses import replace
from typing import Any

import pytest

from moorage.api.conditions import Condition, ConditionType
from moorage.api.dataservice import DataService, DataServiceStatus
from moorage.core import names
from moorage.core.facts import Known, MemberReport, Role, Snapshot
from moorage.core.health import Cause, judge, needs_somebody
from moorage.core.plan import plan
from moorage.core.step import Apply, Desired, Step, Target
from moorage.engines.registry import load
from moorage.operator.events import of_causes, of_taken_back
from moorage.operator.look import text
from moorage.operator.outcome import Outcome
from moorage.operator.status import causes, delays, only_said, patch_of, status
from moorage.operator.told import Finding
from tests.unit.build import NORMAL, member, service, snapshot, target
from tests.unit.core.model import World
from tests.unit.core.test_autogrow import with_volume
from tests.unit.core.test_fullness import FULL, stopped
from tests.unit.operator.kubernetes import at

APPLY = Apply(Desired("Service", "orders", "d1"), "Service/orders does not exist")
REFUSED = Finding("Service/orders cannot be made or changed: quota 'small' does not allow it")
LATE = Finding("Service/orders cannot be made or changed yet: the API server says: busy", needs_somebody=False)


def seen(
    found: Snapshot, step: Step | None = None, failure: Finding | None = None, to: Target | None = None, seconds: float = 0
) -> DataServiceStatus:
    wanted = to or target()
    outcome = Outcome(step or plan(found, wanted), failure)
    return status(found, judge(found), outcome, wanted, load()["mongodb"].card, text(at(seconds)))


def condition(of: DataServiceStatus, kind: ConditionType) -> Condition:
    return next(c for c in of.conditions if c.type is kind)


def stalled(of: DataServiceStatus) -> tuple[str, str, str]:
    found = condition(of, ConditionType.STALLED)
    return found.status, found.reason, found.message


def test_a_step_that_is_refused_stands_everywhere_that_people_look() -> None:
    found = seen(snapshot(), APPLY, REFUSED)
    assert found.health_msg == f"all 3 members are normal; {REFUSED.says}"
    assert stalled(found) == ("True", "SomebodyMustAct", REFUSED.says)
    assert found.repair is not None
    assert (found.repair.action, found.repair.reason) == ("Apply", REFUSED.says)
    assert condition(found, ConditionType.RECONCILING).status == "False"
    assert found.is_repairing == "no-op"


def test_what_the_api_server_cannot_do_now_is_nobodys_fault() -> None:
    found = seen(snapshot(), APPLY, LATE)
    assert found.health_msg.endswith(LATE.says)
    assert stalled(found) == ("False", "NothingInTheWay", "nothing is in the way")
    assert condition(found, ConditionType.RECONCILING).status == "True"
    assert condition(found, ConditionType.RECONCILING).message == LATE.says


def test_what_kubernetes_is_refused_stands_there_too_with_what_is_waited_for() -> None:
    no_pod = replace(member(2, None), pod=None, refused="quota 'small' forbids it")
    found = seen(snapshot(*NORMAL[:2], no_pod, of=service(initialized=False)))
    sentence = "datanode2 has no Pod: quota 'small' forbids it"
    assert found.health_msg == sentence
    assert stalled(found) == ("True", "SomebodyMustAct", sentence)
    assert found.repair is not None
    assert found.repair.reason == f"waits for datanode2 to be heard from before anything is decided; {sentence}"
    assert condition(found, ConditionType.RECONCILING).status == "False"


def test_what_a_change_of_size_waits_for_is_said_once() -> None:
    world = World.running(5)
    world.wanted = 3
    del world.pods[1], world.pods[2]
    found = seen(world.snapshot(), to=world.target(world.snapshot()))
    assert found.repair is not None
    assert found.repair.reason == "datanode4 leaves the cluster later: datanode1 cannot run: no node can take it"
    assert stalled(found)[2] == "datanode1 and datanode2 cannot run: no node can take it"


def test_a_growth_that_is_refused_leaves_the_service_green_and_is_said() -> None:
    why = "the volumes stay at 10Gi: StorageClass 'fixed' does not let volumes grow"
    found = seen(snapshot(growth_trouble=why, capacities={"data-orders-g1-0": "10Gi"}))
    assert (found.health_cluster, found.health_msg, found.volume_size) == ("green", f"all 3 members are normal; {why}", "10Gi")
    assert stalled(found)[0] == "True"
    assert found.repair is not None
    assert why in found.repair.reason


def test_how_full_volumes_are_stands_in_the_status_and_goes_with_its_member() -> None:
    full = snapshot(*(with_volume(m, FULL) for m in NORMAL[:2]), NORMAL[2])
    found = seen(full)
    assert {name: (v.used_percent, v.level, v.full_in_hours) for name, v in found.volumes.items()} == {
        "datanode0": (97, "full", None),
        "datanode1": (97, "full", None),
    }
    assert patch_of(found, seen(snapshot()))["volumes"] == {"datanode0": None, "datanode1": None}


def test_a_service_that_takes_no_writes_is_not_ready() -> None:
    found = seen(snapshot(*(stopped(with_volume(m, FULL)) for m in NORMAL)))
    assert found.are_writes_stopped
    assert (condition(found, ConditionType.READY).status, condition(found, ConditionType.READY).reason) == ("False", "ReadOnly")


def test_a_service_that_waits_is_written_once_however_long_it_waits() -> None:
    """The same sentence, the same times: the status of the next look does not differ."""
    first = seen(snapshot(NORMAL[0], NORMAL[1], member(2, None, trouble="image 'x' cannot be pulled")), seconds=0)
    of = service().model_copy(update={"status": first})
    again = snapshot(NORMAL[0], NORMAL[1], member(2, None, trouble="image 'x' cannot be pulled"), of=of)
    assert seen(again, seconds=3600) == first


def test_everything_that_stands_in_the_way_is_said() -> None:
    found = snapshot(*NORMAL[:2], member(2, None, trouble="image 'x' cannot be pulled"), claim_trouble="no such class")
    said = causes(found, target(refused="parameter 'y' cannot be set"), Outcome(APPLY, REFUSED))
    assert [cause.says for cause in said] == [
        "parameter 'y' cannot be set",
        REFUSED.says,
        "no such class",
        "datanode2 cannot run: image 'x' cannot be pulled",
    ]
    assert [delay.says for delay in delays(found, Outcome(APPLY, LATE))] == [LATE.says]


def test_a_lost_volume_that_is_made_anew_is_said_and_is_nobodys_task() -> None:
    of = "the volume of datanode2 is lost"
    claim, pods = names.claim("orders", 1, 2), tuple(m.pod_name for m in NORMAL)
    members = [
        replace(m, report=Known(MemberReport(role=role, term=5, configured=pods, configuration="5:2")))
        for m in NORMAL
        if (role := m.role()) is not None
    ]
    lost = snapshot(*members, lost_volumes=of, lost_claims=(claim,))
    assert causes(lost, target(), Outcome(plan(lost, target()))) == []
    assert of in seen(lost).health_msg
    alone = snapshot(members[0], members[1], member(2, None), lost_volumes=of, lost_claims=(names.claim("orders", 1, 1),))
    assert cause(of) in causes(alone, target(), Outcome(plan(alone, target())))


def _with_status(found: DataServiceStatus) -> DataService:
    return service().model_copy(update={"status": found})


def cause(says: str) -> Cause:
    return Cause(says, says)


def test_each_cause_is_one_event_and_its_end_another() -> None:
    none = seen(snapshot())
    both = seen(snapshot(claim_trouble="no such class"), APPLY, REFUSED)
    first, second = cause(REFUSED.says), cause("no such class")
    assert of_causes(none, [first, second], []) == [
        ("Warning", "SomebodyMustAct", REFUSED.says),
        ("Warning", "SomebodyMustAct", "no such class"),
    ]
    assert of_causes(both, [first, second], []) == []
    assert of_causes(both, [second], []) == []
    assert of_causes(both, [], []) == [("Normal", "NothingInTheWay", f"no longer in the way: {REFUSED.says}; no such class")]
    assert of_causes(none, [], []) == []


def test_what_takes_long_is_one_event() -> None:
    assert of_causes(seen(snapshot()), [], [cause(LATE.says)]) == [("Warning", "TakesLong", LATE.says)]
    assert of_causes(seen(snapshot(), APPLY, LATE), [], [cause(LATE.says)]) == []


def test_the_same_cause_for_another_member_is_no_other_event() -> None:
    quota = "ResourceQuota 'small' does not allow it: pods is limited to 2"
    no_pods = [replace(member(i, None), pod=None, refused=quota) for i in (1, 2)]
    two, one = snapshot(NORMAL[0], *no_pods), snapshot(*NORMAL[:2], no_pods[1])
    all_three = snapshot(*(replace(m, pod=None, refused=quota) for m in NORMAL))
    for other in (one, all_three):
        assert of_causes(seen(two), needs_somebody(other), []) == []
    policy = snapshot(*NORMAL[:2], replace(no_pods[1], refused="a policy does not allow it"))
    assert len(of_causes(seen(two), needs_somebody(policy), [])) == 1


def test_a_service_that_cannot_be_looked_at_has_no_colour_and_says_why() -> None:
    before = seen(snapshot())
    said = only_said(_with_status(before), "Moorage cannot see what the cluster's Pods are", needs_somebody=True, now=text(at(9)))
    assert {said.health_cluster, *said.health_instances.values()} == {"unknown"}
    assert said.health_msg == "Moorage cannot see what the cluster's Pods are"
    assert stalled(said)[0] == "True"
    for kind in (ConditionType.READY, ConditionType.HEALTHY):
        assert next((c.status, c.reason) for c in said.conditions if c.type is kind) == ("Unknown", "NotLookedAt")
    again = only_said(_with_status(said), "Moorage cannot see what the cluster's Pods are", needs_somebody=True, now=text(at(99)))
    assert again == said
    assert seen(snapshot(of=_with_status(said))).health_msg == "all 3 members are normal"


def of_world(world: World, old: DataServiceStatus | None = None) -> DataServiceStatus:
    found = world.snapshot()
    if old is not None:
        found = replace(found, service=found.service.model_copy(update={"status": old}))
    return seen(found, to=world.target(found))


def merged(stored: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """As the API server applies a merge patch."""
    out = dict(stored)
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        else:
            out[key] = merged(out.get(key) or {}, value) if isinstance(value, dict) else value
    return out


def test_members_that_are_asked_for_and_missing_are_counted_as_missing() -> None:
    world = World.running(3)
    world.wanted = 5
    found = of_world(world)
    assert (found.expected_nodes, found.cluster_nodes, found.members_ready) == (5, 3, "3/5")


def test_members_that_are_on_their_way_out_are_counted_as_long_as_the_engine_counts_them() -> None:
    world = World.running(3)
    world.wanted = 1
    found = of_world(world)
    assert (found.expected_nodes, found.cluster_nodes, found.members_ready) == (1, 3, "3/1")
    assert found.repair is not None
    assert found.repair.reason.startswith("datanode2 leaves the cluster")


def test_a_member_that_is_gone_is_gone_from_the_status() -> None:
    world = World.running(3)
    stored = of_world(world).to_dict()
    world.wanted = 1
    world.settle()
    fresh = of_world(world)
    after = merged(stored, patch_of(DataServiceStatus.model_validate(stored), fresh))
    assert DataServiceStatus.model_validate(after) == fresh
    assert list(after["healthInstances"]) == ["datanode0"]


@pytest.mark.parametrize(("said", "kept", "shown"), [("7.0", "6.0", "7.0"), ("", "6.0", "6.0"), ("", None, None)])
def test_what_the_data_is_usable_for_is_remembered_while_no_primary_says_it(
    said: str, kept: str | None, shown: str | None
) -> None:
    world = World.running(1)
    world.reported[0] = MemberReport(role=Role.PRIMARY if said else Role.SECONDARY, compatibility=said)
    assert of_world(world, DataServiceStatus(compatibility=kept)).compatibility == shown


def test_writes_that_a_member_took_back_are_said_once_and_cost_no_colour() -> None:
    says = "took back writes that no majority had, and keeps them in 1 file (1 KiB) in rollback/ of its volume"
    back = replace(NORMAL[1], report=Known(MemberReport(role=Role.SECONDARY, taken_back=says)))
    found = seen(snapshot(NORMAL[0], back, NORMAL[2]))
    assert (found.health_cluster, found.health_msg) == ("green", f"all 3 members are normal; datanode1 {says}")
    assert of_taken_back(DataServiceStatus(), [f"datanode1 {says}"]) == [("Warning", "WritesTakenBack", f"datanode1 {says}")]
    assert of_taken_back(found, [f"datanode1 {says}"]) == []


def test_data_that_takes_no_writes_is_named_by_the_primary_alone_and_costs_no_colour() -> None:
    says = "a table has no primary key, and takes no writes in a group: app.orders"
    first = replace(NORMAL[0], report=Known(MemberReport(role=Role.PRIMARY, term=1, unwritable=says)))
    before = replace(NORMAL[1], report=Known(MemberReport(role=Role.SECONDARY, unwritable="what it said when it was primary")))
    found = seen(snapshot(first, before, NORMAL[2]))
    assert (found.health_cluster, found.health_msg) == ("green", f"all 3 members are normal; {says}")


def test_a_step_that_just_failed_was_not_done_although_nobody_is_told_yet() -> None:
    assert Outcome(APPLY).was_done
    assert not Outcome(APPLY, was_tried_in_vain=True).was_done
    assert not Outcome(APPLY, LATE).was_done
