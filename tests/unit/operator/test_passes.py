"""Whole passes of the operator against an API server that refuses: what is said, how often it is asked, and that it goes on."""

from dataclasses import replace

import pytest

from moorage.core import names
from moorage.core.report import MemberReport, Role
from moorage.kube.client import KubeError
from tests.unit.operator.kubernetes import claim, condition, event, pod, quota, stamp
from tests.unit.operator.server import Operator, Server

QUOTA = KubeError(quota('services "orders-members"', "services=1", "services=0", "services=0"), 403)
SENTENCE = (
    "Service/orders-members cannot be made or changed: ResourceQuota 'small' does not allow it: "
    "services is limited to 0, and 1 more is wanted; raise the quota or ask for less"
)


def no_service(verb: str, kind: str, name: str) -> KubeError | None:
    return QUOTA if (verb, kind) == ("apply", "Service") else None


@pytest.fixture
def operator() -> Operator:
    return Operator(Server())


async def refused(operator: Operator) -> None:
    """Until the refusal is said."""
    operator.server.refuse = no_service
    await operator.settle()
    await operator.look(1)
    assert operator.stalled().endswith("raise the quota or ask for less")


async def test_a_refused_step_is_said_after_the_second_try_and_gone_when_it_is_put_right(operator: Operator) -> None:
    operator.server.refuse = no_service
    done = await operator.settle()
    assert (done.again_seconds, operator.stalled()) == (1, "")
    await operator.look(1)
    assert operator.stalled() == SENTENCE
    assert operator.status["healthMsg"].endswith(SENTENCE)
    assert operator.status["repair"]["reason"] == SENTENCE
    operator.server.refuse = lambda verb, kind, name: None
    operator.seconds = 3
    await operator.settle()
    assert operator.stalled() == ""
    assert SENTENCE not in operator.status["healthMsg"]
    assert operator.server.events("NothingInTheWay") == [f"no longer in the way: {SENTENCE}"]


async def test_a_service_that_is_refused_for_hours_costs_few_tries_one_event_and_no_writes(operator: Operator) -> None:
    await refused(operator)
    written, tried = operator.server.count("status", "DataService"), operator.server.count("apply", "Service")
    for second in range(2, 3602, 5):  # a change of something wakes it all the time
        await operator.look(second)
    assert operator.server.count("status", "DataService") == written
    assert operator.server.count("apply", "Service") - tried <= 3600 / 30 + 5
    assert operator.server.events("SomebodyMustAct") == [SENTENCE]


async def test_an_operator_that_starts_anew_changes_nothing_that_is_said(operator: Operator) -> None:
    await refused(operator)
    written = operator.server.count("status", "DataService")
    operator.restart()
    await operator.look(100)
    assert operator.stalled() == SENTENCE
    assert operator.server.count("status", "DataService") == written
    assert len(operator.server.events("SomebodyMustAct")) == 1


async def test_a_changed_spec_is_tried_at_once(operator: Operator) -> None:
    await refused(operator)
    for second in range(2, 60):
        await operator.look(second)
    tried = operator.server.count("apply", "Service")
    operator.service["spec"]["expose"] = {"type": "LoadBalancer"}
    operator.server.refuse = lambda verb, kind, name: QUOTA if kind == "Service" and name == "orders" else None
    operator.seconds = 90
    await operator.settle()
    assert operator.server.count("apply", "Service") > tried


@pytest.mark.parametrize("code", [0, 409, 429, 500, 503])
async def test_what_is_nobodys_fault_is_said_late_and_as_nobodys_fault(operator: Operator, code: int) -> None:
    operator.server.refuse = lambda verb, kind, name: KubeError("busy", code) if (verb, kind) == ("apply", "Service") else None
    for second in (0, 1, 2, 4, 8, 16, 29):
        await operator.settle()
        await operator.look(second)
        assert "busy" not in operator.status["healthMsg"]
    await operator.look(31)
    assert operator.status["healthMsg"].endswith("cannot be made or changed yet: the API server says: busy; it is tried again")
    assert operator.stalled() == ""
    assert len(operator.server.events("TakesLong")) == 1


async def test_a_volume_that_a_quota_keeps_from_growing_keeps_nothing_else_from_being_done(operator: Operator) -> None:
    await operator.settle()
    operator.service["spec"]["storage"] = {"size": "20Gi"}
    operator.service["metadata"]["annotations"] = {names.ANNOTATION_PROMOTE: "datanode9"}
    for ordinal in range(3):
        operator.server.put({"kind": "PersistentVolumeClaim", **claim(ordinal, volume=f"pvc-{ordinal}")})
    operator.service["status"] = {"init": {"phase": "Succeeded"}}
    refusal = KubeError(quota('persistentvolumeclaims "x"', "requests.storage=10Gi", "y=1", "requests.storage=30Gi"), 403)
    operator.server.refuse = lambda verb, kind, name: refusal if (verb, kind) == ("merge", "PersistentVolumeClaim") else None
    await operator.settle()
    assert names.ANNOTATION_PROMOTE in operator.service["metadata"]["annotations"]
    operator.seconds = 1
    await operator.settle()
    assert names.ANNOTATION_PROMOTE not in operator.service["metadata"]["annotations"]
    assert operator.stalled().startswith(
        "claim data-orders-g1-0 cannot be changed to 20Gi: ResourceQuota 'small' does not allow it"
    )
    assert operator.status["volumeSize"] == "10Gi"


async def test_members_are_told_the_size_that_their_volumes_have(operator: Operator) -> None:
    """A size that is not there yet, or never will be, restarts nobody and lets no log grow beyond its volume."""
    operator.service["spec"]["storage"] = {"size": "1Gi"}
    for ordinal in range(3):
        operator.server.put({"kind": "PersistentVolumeClaim", **claim(ordinal, size="1Gi", volume=f"pvc-{ordinal}")})
    await operator.settle()
    before = operator.server.count("apply", "StatefulSet")
    operator.service["spec"]["storage"] = {"size": "2Gi"}
    operator.seconds = 1
    await operator.settle()
    assert operator.server.count("apply", "StatefulSet") == before
    for ordinal in range(3):
        operator.server.put({"kind": "PersistentVolumeClaim", **claim(ordinal, size="2Gi", volume=f"pvc-{ordinal}")})
    await operator.settle()
    assert operator.server.count("apply", "StatefulSet") == before + 1


async def test_a_deletion_that_is_refused_is_said_and_goes_on_when_it_is_put_right(operator: Operator) -> None:
    await operator.settle()
    operator.service["metadata"]["deletionTimestamp"] = stamp(10)
    operator.server.put({"kind": "Pod", **pod()})
    policy = KubeError("ValidatingAdmissionPolicy 'keep' with binding 'b' denied request: nothing is deleted on Fridays", 403)
    operator.server.refuse = lambda verb, kind, name: policy if verb == "delete" else None
    await operator.look(11)
    assert operator.stalled() == "it cannot be deleted: policy 'keep' does not allow it: nothing is deleted on Fridays"
    operator.server.refuse = lambda verb, kind, name: None
    await operator.look(12)
    assert operator.stalled() == ""
    assert operator.status["healthMsg"] == "it is being deleted; waits for its members to stop"
    del operator.server.objects["Pod", "orders-g1-0"]
    await operator.look(13)
    assert operator.service["metadata"]["finalizers"] == []


async def test_nothing_is_made_before_the_finalizer_stands_and_that_is_said(operator: Operator) -> None:
    operator.service["metadata"]["finalizers"] = []
    rights = KubeError('User "moorage" cannot patch resource "dataservices" in API group "moorage.dev"', 403)
    operator.server.refuse = lambda verb, kind, name: rights if (verb, kind) == ("merge", "DataService") else None
    await operator.look()
    assert operator.stalled().startswith(
        "nothing is made before its finalizer stands: 'moorage' may not patch dataservices (RBAC)"
    )
    assert operator.server.count("apply", "Secret") == 0


async def test_a_status_that_may_not_be_written_is_said_in_an_event(operator: Operator) -> None:
    rights = KubeError('User "moorage" cannot patch resource "dataservices/status" in API group "moorage.dev"', 403)
    operator.server.refuse = lambda verb, kind, name: rights if verb == "status" else None
    for second in range(5):
        with pytest.raises(KubeError):
            await operator.look(second)
    assert operator.server.events("SomebodyMustAct") == [
        "the status cannot be written: 'moorage' may not patch dataservices/status (RBAC): bring its ClusterRole up to date"
    ]


async def test_an_event_that_may_not_be_written_stops_no_repair(operator: Operator) -> None:
    operator.server.refuse = lambda verb, kind, name: KubeError("no", 403) if kind == "Event" else None
    await operator.settle()
    assert ("StatefulSet", "orders-g1") in operator.server.objects


async def test_a_service_that_another_version_wrote_says_that_it_cannot_be_read(operator: Operator) -> None:
    operator.service["spec"]["onDelete"] = "Archive"
    await operator.look()
    written = operator.server.count("status", "DataService")
    await operator.look()
    assert operator.status["healthMsg"].startswith("this version of Moorage cannot read spec.onDelete: ")
    assert operator.stalled() == operator.status["healthMsg"]
    assert operator.server.count("status", "DataService") == written


def make_pod(operator: Operator, ordinal: int) -> None:
    """A Pod that runs what its StatefulSet says, and whose agent has reported nothing yet."""
    item = pod({"state": {"running": {"startedAt": stamp(1)}}, "ready": True, "restartCount": 0}, phase="Running")
    template = operator.server.objects["StatefulSet", "orders-g1"]["spec"]["template"]["metadata"]
    item["metadata"] |= {"name": f"orders-g1-{ordinal}", "annotations": {**template["annotations"]}}
    operator.server.put({"kind": "Pod", **item})


def no_third_pod(operator: Operator) -> None:
    """What Kubernetes leaves behind when a quota allows two Pods."""
    for ordinal in range(2):
        make_pod(operator, ordinal)
    refusal = quota('pods "orders-g1-2"', "pods=1", "pods=2", "pods=2")
    told = event("FailedCreate", f"create Pod orders-g1-2 in StatefulSet orders-g1 failed error: {refusal}", 1)
    told["metadata"]["name"] = "refused"
    operator.server.put({"kind": "Event", "involvedObject": {"uid": "orders-g1"}, **told})


async def test_a_pod_that_a_quota_forbids_is_named_within_seconds_and_tried_again_every_half_minute(operator: Operator) -> None:
    await operator.settle()
    no_third_pod(operator)
    await operator.look(2)
    sentence = (
        "datanode2 has no Pod: ResourceQuota 'small' does not allow it: pods is limited to 2, and 1 more is wanted; "
        "raise the quota or ask for less"
    )
    assert sentence in operator.status["healthMsg"]
    assert sentence in operator.stalled()
    assert sentence in operator.status["repair"]["reason"]
    assert operator.server.events("SomebodyMustAct") == [sentence]
    written = operator.server.count("status", "DataService")
    tries = operator.server.count("merge", "StatefulSet")
    for second in range(3, 123):
        await operator.look(second)
    assert operator.server.count("merge", "StatefulSet") - tries == 4
    assert operator.server.count("status", "DataService") == written
    assert operator.server.events("SomebodyMustAct") == [sentence]
    make_pod(operator, 2)
    await operator.look(124)
    assert operator.stalled() == ""


async def test_events_are_asked_for_only_while_something_is_stuck_and_ever_more_seldom(operator: Operator) -> None:
    await operator.settle()
    assert operator.server.count("list", "Event") == 0
    no_third_pod(operator)
    for second in range(2, 3602, 5):
        await operator.look(second)
    of_set = sum(1 for asked in operator.server.asked if asked == ("list", "Event", "orders-g1"))
    assert 5 < of_set < 30


async def test_an_operator_that_starts_anew_still_knows_why_a_pod_is_missing(operator: Operator) -> None:
    await operator.settle()
    no_third_pod(operator)
    await operator.look(2)
    assert "has no Pod: ResourceQuota" in operator.stalled()
    written = operator.server.count("status", "DataService")
    operator.restart()
    await operator.look(100)
    assert operator.server.count("status", "DataService") == written


async def test_a_pod_that_is_replaced_is_not_said_to_be_refused_as_it_was_long_ago(operator: Operator) -> None:
    """Events are kept for an hour, and between two Pods of one name there is a moment without any."""
    await operator.settle()
    no_third_pod(operator)
    make_pod(operator, 2)
    await operator.look(2)
    for second in range(1000, 1060, 10):
        del operator.server.objects["Pod", "orders-g1-2"]
        await operator.look(second)
        await operator.look(second + 2)
        make_pod(operator, 2)
        await operator.look(second + 3)
    assert operator.server.events("SomebodyMustAct") == []


async def test_a_certificate_that_a_quota_forbids_is_said_and_not_tried_in_every_pass(operator: Operator) -> None:
    """Another one is drawn in every pass: it is the same step all the same."""
    refusal = KubeError(quota('secrets "orders-tls"', "secrets=1", "secrets=4", "secrets=4"), 403)
    operator.server.refuse = lambda verb, kind, name: refusal if (verb, name) == ("apply", "orders-tls") else None
    await operator.settle()
    for second in range(1, 301):
        await operator.look(second)
    assert operator.stalled().startswith("Secret/orders-tls cannot be made or changed: ResourceQuota 'small' does not allow it")
    assert sum(1 for asked in operator.server.asked if asked == ("apply", "Secret", "orders-tls")) <= 300 / 30 + 6


async def test_an_authority_that_cannot_sign_is_said_until_it_is_put_right(operator: Operator) -> None:
    await operator.settle()
    good = operator.server.objects["Secret", "orders-ca"]["data"]
    operator.server.objects["Secret", "orders-ca"]["data"] = {"ca.crt": "", "ca.key": ""}
    await operator.look(1)
    assert operator.stalled().startswith("Secret shop/orders-ca must hold an authority as ca.crt and ca.key in PEM")
    assert operator.server.events("SomebodyMustAct") == [operator.stalled()]
    operator.server.objects["Secret", "orders-ca"]["data"] = good
    await operator.look(2)
    assert operator.stalled() == ""


async def test_an_object_of_somebody_else_stands_in_the_way_until_somebody_acts(operator: Operator) -> None:
    operator.server.put({"kind": "EndpointSlice", "metadata": {"name": "orders"}})
    await operator.settle()
    await operator.look(1)
    assert operator.stalled() == (
        "EndpointSlice/orders cannot be made or changed: EndpointSlice/orders belongs to somebody else: "
        "it has no label app.kubernetes.io/instance=orders"
    )


async def test_an_address_that_was_deleted_tells_that_the_service_holds_data_when_it_is_made_anew(operator: Operator) -> None:
    await operator.settle()
    first = operator.server.objects.pop(("EndpointSlice", "orders"))
    assert names.ANNOTATION_HOLDS_DATA not in first["metadata"]["annotations"], "all members of a new service are empty"
    operator.service["status"] |= {"init": {"phase": "Succeeded"}}
    await operator.settle()
    again = operator.server.objects["EndpointSlice", "orders"]["metadata"]["annotations"]
    assert (again[names.ANNOTATION_HOLDS_DATA], again[names.ANNOTATION_HOLDER]) == ("true", "")


async def test_a_member_that_is_gone_is_gone_from_the_status_that_is_written(operator: Operator) -> None:
    operator.service["status"] = {"healthInstances": {"datanode4": "unknown"}}
    await operator.settle()
    assert list(operator.status["healthInstances"]) == ["datanode0", "datanode1", "datanode2"]


async def test_an_order_to_add_a_member_that_is_refused_is_said_and_given_when_it_is_allowed(operator: Operator) -> None:
    await operator.settle()
    operator.service["status"] |= {"init": {"phase": "Succeeded"}}
    operator.service["spec"]["members"] = 5
    await operator.settle()
    for ordinal in range(5):
        make_pod(operator, ordinal)
        report = MemberReport(role=Role.UNINITIALIZED if ordinal > 2 else Role.SECONDARY if ordinal else Role.PRIMARY, term=5)
        if ordinal < 3:
            report = replace(report, configured=("orders-g1-0", "orders-g1-1", "orders-g1-2"), configuration="5:1")
        found = operator.server.objects["Pod", f"orders-g1-{ordinal}"]
        found["metadata"]["annotations"][names.ANNOTATION_REPORT] = report.to_json()
        found["status"]["conditions"].append(condition("Ready", True))
    slice_ = operator.server.objects["EndpointSlice", "orders"]
    slice_["metadata"]["annotations"] = {names.ANNOTATION_HOLDER: "orders-g1-0", names.ANNOTATION_TERM: "5"}
    slice_["endpoints"] = [{}]
    policy = KubeError("ValidatingAdmissionPolicy 'calm' denied request: nothing changes on Fridays", 403)
    operator.server.refuse = lambda verb, kind, name: policy if (verb, kind) == ("merge", "Pod") else None
    await operator.settle()
    operator.seconds = 1
    await operator.settle()
    sentence = "datanode0 cannot be given the order add-member: policy 'calm' does not allow it: nothing changes on Fridays"
    assert operator.stalled() == sentence
    assert operator.status["repair"]["reason"] == sentence
    operator.server.refuse = lambda verb, kind, name: None
    operator.seconds = 10
    await operator.settle()
    assert names.ANNOTATION_ORDER in operator.server.objects["Pod", "orders-g1-0"]["metadata"]["annotations"]
    assert operator.stalled() == ""
