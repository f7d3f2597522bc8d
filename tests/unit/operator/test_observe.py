"""From what the watches hold to the facts: volumes, Pods that Kubernetes does not make, and members on their way out."""

from typing import Any

import pytest

from moorage.api.dataservice import DataService
from moorage.core import names
from moorage.core.autogrow import PAUSE_SECONDS
from moorage.core.facts import Known, MemberReport, Role, Snapshot, Unknown
from moorage.core.promotion import REQUEST_SECONDS
from moorage.engines.registry import load
from moorage.kube.reflector import Store
from moorage.operator.look import Look
from moorage.operator.observe import OBJECT_KINDS, Observation, observe
from moorage.operator.told import Told, read
from tests.unit.build import service
from tests.unit.operator.kubernetes import at, claim, condition, event, pod, quota, stamp, storage_class, unplaced

KINDS = (*OBJECT_KINDS, "Pod", "PersistentVolumeClaim", "Node", "StorageClass")
STANDARD, FAST, FIXED = storage_class("standard", default=True), storage_class("fast"), storage_class("fixed", grows=False)


def look(
    of: DataService,
    seconds: float = 0,
    told: dict[str, tuple[Told, ...]] | None = None,
    missing: range = range(3),
    **found: list[Any],
) -> Observation:
    """`found`: kind → the objects of it. Pods that are not among them are missing since the beginning."""
    stores = {kind: Store() for kind in KINDS}
    for kind, items in {"StorageClass": [STANDARD, FAST, FIXED], **found}.items():
        stores[kind].listed(items, "1")
    pods = {item["metadata"]["name"] for item in found.get("Pod", [])}
    not_there = {name: at(0) for i in missing if found.get("StatefulSet") and (name := f"orders-g1-{i}") not in pods}
    return observe(of, load()["mongodb"].card, stores, Look(at(seconds), told or {}, not_there))


def _owned(kind: str, name: str, uid: str, owner: str) -> Any:
    references = [{"controller": True, "uid": owner}] if owner else []
    return {"kind": kind, "metadata": {"name": name, "namespace": "shop", "uid": uid, "ownerReferences": references}, "spec": {}}


@pytest.mark.parametrize(
    ("pod_owner", "members_owner", "counts"),
    [
        ("set-2", "service-2", True),
        ("set-1", "service-2", False),
        ("set-2", "service-1", False),
        ("", "service-2", True),
        ("set-1", None, False),
        ("", None, True),
    ],
    ids=["ours", "of an earlier set", "set of an earlier service", "left behind, adopted soon", "its set is gone", "left alone"],
)
def test_a_pod_of_an_earlier_service_of_the_same_name_does_not_count(
    pod_owner: str, members_owner: str | None, counts: bool
) -> None:
    sets = [] if members_owner is None else [_owned("StatefulSet", "orders-g1", "set-2", members_owner)]
    bare = service()
    of = bare.model_copy(update={"metadata": bare.metadata.model_copy(update={"uid": "service-2"})})
    found = look(of, Pod=[_owned("Pod", "orders-g1-0", "pod", pod_owner)], StatefulSet=sets).snapshot
    assert (found.members[0].pod is not None) is counts


@pytest.mark.parametrize(
    ("pod_owner", "members_owner", "left_behind"),
    [
        ("set-1", "service-2", "pod"),
        ("set-2", "service-2", ""),
        ("", "service-2", ""),
        ("set-1", "service-1", ""),
        ("set-1", None, ""),
    ],
    ids=["its set was made anew", "ours", "adopted soon", "set of an earlier service", "no set yet"],
)
def test_a_pod_is_left_behind_when_another_set_of_the_service_has_the_name_of_its_own(
    pod_owner: str, members_owner: str | None, left_behind: str
) -> None:
    sets = [] if members_owner is None else [_owned("StatefulSet", "orders-g1", "set-2", members_owner)]
    bare = service()
    of = bare.model_copy(update={"metadata": bare.metadata.model_copy(update={"uid": "service-2"})})
    pod = _owned("Pod", "orders-g1-0", "pod", pod_owner)
    assert look(of, Pod=[pod], StatefulSet=sets).snapshot.members[0].left_behind == left_behind
    pod["metadata"]["deletionTimestamp"] = stamp(0)
    assert look(of, Pod=[pod], StatefulSet=sets).snapshot.members[0].left_behind == "", "what is on its way out is let go"


@pytest.mark.parametrize("heard_after", [stamp(60), ""], ids=["heard since", "not heard since"])
def test_a_report_counts_again_after_its_node_was_silent_as_soon_as_its_agent_was_heard(heard_after: str) -> None:
    """The kubelet takes up to a minute and a half to say so after an outage of the API server."""
    silenced = [condition("ContainersReady", True), condition("Ready", False, 60)]
    report = MemberReport(role=Role.SECONDARY, heard_after=heard_after).to_json()
    item = pod(phase="Running", conditions=silenced)
    item["metadata"] |= {"name": "orders-g1-0", "namespace": "shop", "annotations": {names.ANNOTATION_REPORT: report}}
    item["metadata"].pop("ownerReferences", None)
    (member, *_) = look(service(), Pod=[item]).snapshot.members
    assert isinstance(member.report, Known) is bool(heard_after)


def observed(*claims: Any, **spec: Any) -> Snapshot:
    return look(service(**spec), PersistentVolumeClaim=list(claims)).snapshot


@pytest.mark.parametrize(
    ("found", "is_stale"),
    [
        (claim(0), False),
        (claim(0, class_name="nosuch"), True),
        (claim(0, size="5Gi"), True),
        (claim(0, class_name="nosuch", volume="pvc-1"), False),
        (claim(0, class_name="nosuch", leaving=True), False),
    ],
    ids=["as asked for", "another class", "another size", "has a volume", "is being deleted"],
)
def test_only_a_claim_that_never_had_a_volume_may_be_made_again(found: Any, is_stale: bool) -> None:
    assert bool(observed(found).stale_claims) is is_stale


def test_a_claim_that_a_restore_makes_may_be_larger_than_the_spec_asks_for() -> None:
    larger, smaller = claim(0, size="15Gi"), claim(1, size="5Gi")
    for made in (larger, smaller):
        made["metadata"]["annotations"] = {names.ANNOTATION_RESTORE: "orders-back"}
    assert observed(larger, smaller).stale_claims == ("data-orders-g1-1",)


def test_a_class_that_does_not_exist_is_said_with_those_that_do() -> None:
    said = observed(storage={"className": "nosuch"}).claim_trouble
    assert said == "StorageClass 'nosuch' does not exist; there are: fast, fixed, standard"


def test_a_class_that_was_removed_later_concerns_no_volume() -> None:
    bound = [claim(i, class_name="gone", volume=f"pvc-{i}") for i in range(3)]
    assert observed(*bound, storage={"className": "gone"}).claim_trouble == ""


def test_only_a_volume_that_is_there_can_grow() -> None:
    assert observed(claim(0, size="5Gi"), claim(1, size="5Gi", volume="pvc-1")).claim_sizes == {"data-orders-g1-1": "5Gi"}


def test_a_volume_that_cannot_be_made_is_said_once_for_all_members_and_asked_about_only_when_it_is_late() -> None:
    claims = [claim(i) for i in range(3)]
    assert look(service(), 4, PersistentVolumeClaim=claims).asks == {}
    full = read([event("ProvisioningFailed", 'failed to provision volume with StorageClass "standard": no room', 3)])
    seen = look(service(), 5, {f"claim-{i}": full for i in range(3)}, PersistentVolumeClaim=claims)
    assert seen.snapshot.claim_trouble == (
        "the volume of datanode0, datanode1, datanode2 cannot be made: StorageClass 'standard' cannot provide it: no room"
    )
    assert seen.asks == {f"claim-{i}": 10 for i in range(3)}


def test_who_is_to_make_a_volume_is_said_while_it_is_not_there() -> None:
    waits = unplaced("0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found")
    seen = look(service(), Pod=[waits], PersistentVolumeClaim=[claim(0)])
    assert seen.snapshot.members[0].report == Unknown("provisioner 'csi.example.com' has not made its volume yet", never_was=True)


def test_a_volume_that_is_lost_or_about_to_be_is_said() -> None:
    lost = claim(0, volume="pvc-0", phase="Lost")
    going = claim(1, volume="pvc-1", leaving=True)
    assert observed(lost, going, claim(2, volume="pvc-2")).lost_volumes == (
        "the volume of datanode0 is lost: its PersistentVolume 'pvc-0' no longer exists; "
        "claim data-orders-g1-1 was deleted: the volume of datanode1 goes when that member stops"
    )


GROWN: Any = {"storage": {"size": "20Gi"}}


@pytest.mark.parametrize(
    ("class_name", "why"),
    [
        ("fixed", "StorageClass 'fixed' does not let volumes grow: set allowVolumeExpansion: true on it"),
        ("gone", "StorageClass 'gone', which made them, no longer exists: make it again with allowVolumeExpansion: true"),
        ("", "no StorageClass made them, so Kubernetes cannot let them grow: give them larger ones by hand"),
    ],
)
def test_volumes_that_may_not_grow_say_what_can_be_done(class_name: str, why: str) -> None:
    claims = [claim(i, class_name=class_name, volume=f"pvc-{i}") for i in range(3)]
    found = observed(*claims, **GROWN)
    assert found.growth_trouble == f"the volumes stay at 10Gi: {why}, or set storage.size back to 10Gi"
    assert found.volume_size() == "10Gi"
    assert observed(*claims).growth_trouble == ""


def test_volumes_that_grow_are_said_until_they_have_grown() -> None:
    pending = condition("FileSystemResizePending", True)
    grows = claim(0, size="20Gi", volume="pvc-0", capacity="10Gi", conditions=[pending])
    done = claim(1, size="20Gi", volume="pvc-1")
    found = observed(grows, done, **GROWN)
    assert found.growing == "volume data-orders-g1-0 grows from 10Gi to 20Gi, as soon as its node has grown the file system"
    assert (found.growth_trouble, found.volume_size()) == ("", "20Gi")
    assert observed(done, **GROWN).growing == ""


INFEASIBLE: Any = {"allocatedResourceStatuses": {"storage": "ControllerResizeInfeasible"}}
BACK = "; ask for a size that can be had, or set storage.size back to 10Gi"


@pytest.mark.parametrize(
    ("status", "events", "why"),
    [
        (INFEASIBLE, [], "its storage cannot have that size"),
        (
            {
                **INFEASIBLE,
                "conditions": [condition("ControllerResizeError", True, message="rpc error: code = OutOfRange desc = too large")],
            },
            [],
            "too large",
        ),
        ({"conditions": [condition("NodeResizeError", True, message="resize2fs failed")]}, [], "resize2fs failed"),
        (
            {"conditions": [condition("Resizing", True)]},
            [event("VolumeResizeFailed", "resize volume failed: no room")],
            "resize volume failed: no room",
        ),
    ],
    ids=["infeasible", "error of the controller", "error of the node", "an older resizer"],
)
def test_a_volume_that_fails_to_grow_says_why(status: Any, events: Any, why: str) -> None:
    grows = claim(0, size="20Gi", volume="pvc-0", capacity="10Gi", **status)
    seen = look(service(**GROWN), 0, {"claim-0": read(events)}, PersistentVolumeClaim=[grows])
    assert seen.snapshot.growth_trouble == f"volume data-orders-g1-0 cannot grow to 20Gi: {why}{BACK}"


def test_a_size_that_was_taken_back_is_no_trouble_any_more() -> None:
    grows = claim(0, size="20Gi", volume="pvc-0", capacity="10Gi", **INFEASIBLE)
    found = observed(grows, storage={"size": "10Gi"})
    assert (found.growth_trouble, found.growing) == ("", "")


AUTO: Any = {"storage": {"size": "10Gi", "autoGrow": {"step": "5Gi", "max": "30Gi"}}}


def test_a_growth_that_moorage_decided_is_under_way_until_the_volume_has_it() -> None:
    grows = claim(0, size="15Gi", volume="pvc-0", capacity="10Gi")
    assert observed(grows, **AUTO).growing == "volume data-orders-g1-0 grows from 10Gi to 15Gi"
    assert observed(claim(0, size="15Gi", volume="pvc-0"), **AUTO).growing == ""


def test_a_growth_that_moorage_decided_and_the_storage_refuses_is_said() -> None:
    grows = claim(0, size="15Gi", volume="pvc-0", capacity="10Gi", **INFEASIBLE)
    assert observed(grows, **AUTO).growth_trouble == (
        "volume data-orders-g1-0 cannot grow to 15Gi: its storage cannot have that size; "
        "see to the storage, or set storage.autoGrow.max to what it can have"
    )
    taken_back: Any = {"storage": {"size": "10Gi", "autoGrow": {"step": "5Gi", "max": "10Gi"}}}
    assert observed(grows, **taken_back).growth_trouble == ""


def test_the_last_growth_is_remembered_by_the_claim_and_the_next_look_is_when_another_may_follow() -> None:
    grown = claim(0, size="15Gi", volume="pvc-0")
    grown["metadata"]["annotations"] = {names.ANNOTATION_GROWN_AT: stamp(0)}
    seen = look(service(**AUTO), 100, PersistentVolumeClaim=[grown])
    assert seen.snapshot.grown_at == stamp(0)
    assert seen.again_seconds == PAUSE_SECONDS - 100


@pytest.mark.parametrize(("class_name", "is_fixed"), [("standard", False), ("fixed", True), ("gone", True)])
def test_whether_volumes_can_grow_at_all_is_known_before_they_have_to(class_name: str, is_fixed: bool) -> None:
    assert bool(observed(claim(0, class_name=class_name, volume="pvc-0")).why_fixed) is is_fixed


REFUSED = quota('pods "orders-g1-2"', "pods=1", "pods=2", "pods=2")
NO_THIRD = event("FailedCreate", f"create Pod orders-g1-2 in StatefulSet orders-g1 failed error: {REFUSED}", 3)
STATEFULSET: Any = {
    "metadata": {
        "name": "orders-g1",
        "namespace": "shop",
        "uid": "set-1",
        "labels": {"app.kubernetes.io/instance": "orders"},
        "annotations": {},
    },
    "spec": {"replicas": 3},
}


def without_third(seconds: float, *events: Any, **annotations: str) -> Observation:
    tried = {"moorage.dev/tried-again": annotations["tried"]} if annotations else {}
    made = {**STATEFULSET, "metadata": {**STATEFULSET["metadata"], "annotations": tried}}
    pods = [{**pod(), "metadata": {**pod()["metadata"], "name": f"orders-g1-{i}"}} for i in range(2)]
    return look(service(), seconds, {"set-1": read(events)}, Pod=pods, StatefulSet=[made])


def test_why_kubernetes_makes_no_pod_is_said_of_the_member() -> None:
    third = without_third(4, NO_THIRD).snapshot.members[2]
    assert third.refused == (
        "ResourceQuota 'small' does not allow it: pods is limited to 2, and 1 more is wanted; raise the quota or ask for less"
    )


def test_nobody_is_asked_about_a_pod_that_kubernetes_has_had_no_time_to_make() -> None:
    early = without_third(1)
    assert "set-1" not in early.asks
    assert early.again_seconds == 1


def whole(of: DataService, seconds: float) -> Observation:
    """Three members run, each with its volume."""
    pods = [{**pod(), "metadata": {**pod()["metadata"], "name": f"orders-g1-{i}"}} for i in range(3)]
    runs = {"state": {"running": {"startedAt": stamp(2)}}, "ready": True, "restartCount": 0, "name": "member"}
    for item in pods:
        item["status"] = {**item["status"], "containerStatuses": [runs]}
    claims = [claim(i, volume=f"pvc-{i}") for i in range(3)]
    return look(of, seconds, Pod=pods, StatefulSet=[STATEFULSET], PersistentVolumeClaim=claims)


def test_a_whole_service_asks_nobody_and_needs_no_second_look() -> None:
    seen = whole(service(expose={"type": "ClusterIP"}), 3600)
    assert (seen.asks, seen.again_seconds, seen.is_try_due) == ({}, None, False)


@pytest.mark.parametrize(("seconds", "again_seconds"), [(10, REQUEST_SECONDS - 10), (REQUEST_SECONDS + 1, None)])
def test_the_end_of_a_promotion_that_nobody_carries_out_is_not_slept_over(seconds: float, again_seconds: float | None) -> None:
    asked = service(annotations={names.ANNOTATION_PROMOTE: f"datanode1@{stamp(0)}"}, expose={"type": "ClusterIP"})
    assert whole(asked, seconds).again_seconds == again_seconds
