"""What Events say, believed only as far as it goes."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from moorage.operator.told import (
    Finding,
    is_pulling,
    read,
    why_no_address,
    why_no_pods,
    why_no_volume,
    why_not_grown,
    why_not_started,
)
from tests.unit.operator.kubernetes import at, event, quota

POD_QUOTA = quota('pods "orders-g1-2"', "pods=1", "pods=2", "pods=2")
NO_THIRD = event("FailedCreate", f"create Pod orders-g1-2 in StatefulSet orders-g1 failed error: {POD_QUOTA}", 10)
IN_WORDS = "ResourceQuota 'small' does not allow it: pods is limited to 2, and 1 more is wanted; raise the quota or ask for less"


def no_pods(
    *events: dict[str, object], missing: tuple[str, ...] = ("orders-g1-2",), since: float = 0, now: float = 20
) -> dict[str, Finding]:
    return why_no_pods(read(events), dict.fromkeys(missing, at(since)), at(now))


def test_a_quota_that_forbids_a_pod_is_named_and_needs_somebody() -> None:
    assert no_pods(NO_THIRD) == {"orders-g1-2": Finding(IN_WORDS)}


def test_a_claim_that_a_quota_forbids_is_told_twice_and_said_once() -> None:
    """As Kubernetes 1.34 writes it: one event for the claim, one for the Pod that is not made without it."""
    refused = quota(
        'persistentvolumeclaims "data-orders-g1-2"', "requests.storage=2Gi", "requests.storage=2Gi", "requests.storage=3Gi"
    )
    told = (
        event(
            "FailedCreate",
            f"create Claim data-orders-g1-2 for Pod orders-g1-2 in StatefulSet orders-g1 failed error: {refused}",
            1,
        ),
        event(
            "FailedCreate",
            "create Pod orders-g1-2 in StatefulSet orders-g1 failed error: failed to create PVC data-orders-g1-2: " + refused,
            1,
        ),
    )
    sentences = {no_pods(*order)["orders-g1-2"] for order in permutations(told)}
    assert sentences == {
        Finding(
            "ResourceQuota 'small' does not allow it: requests.storage is limited to 3Gi, and 2Gi more is wanted; "
            "raise the quota or ask for less"
        )
    }


def test_a_refusal_that_ends_the_round_speaks_for_the_pods_after_it() -> None:
    assert no_pods(NO_THIRD, missing=("orders-g1-2", "orders-g1-3"))["orders-g1-3"] == Finding(IN_WORDS)


def test_a_refusal_of_a_pod_that_is_there_now_explains_nothing() -> None:
    assert no_pods(NO_THIRD, missing=("orders-g1-1",)) == {}


def test_what_was_refused_before_the_pod_was_missing_is_an_old_story() -> None:
    """Else a Pod that is replaced would be said, for a moment, to be refused as it was an hour ago."""
    assert no_pods(NO_THIRD, since=12, now=14) == {}


def test_a_refusal_that_kubernetes_does_not_write_down_again_is_believed_when_the_pod_stays_away() -> None:
    """Of one object it writes 25 events, and then one in five minutes."""
    assert no_pods(NO_THIRD, since=12, now=31) == {}
    assert no_pods(NO_THIRD, since=12, now=32) == {"orders-g1-2": Finding(IN_WORDS)}


def test_what_is_used_already_changes_no_sentence() -> None:
    other = quota('pods "orders-g1-2"', "pods=1", "pods=7", "pods=2")
    again = event("FailedCreate", f"create Pod orders-g1-2 in StatefulSet orders-g1 failed error: {other}", 20)
    assert no_pods(NO_THIRD, again) == no_pods(NO_THIRD)


def test_many_alike_events_that_kubernetes_sums_up_are_read_as_one() -> None:
    summed = {**NO_THIRD, "message": f"(combined from similar events): {NO_THIRD['message']}"}
    assert no_pods(summed) == no_pods(NO_THIRD)


def test_an_error_inside_the_api_server_is_nobodys_fault() -> None:
    inside = 'Internal error occurred: failed calling webhook "mutate.example.com": failed to call webhook: connection refused'
    told = event("FailedCreate", f"create Pod orders-g1-2 in StatefulSet orders-g1 failed error: {inside}", 10)
    sentence = "admission webhook 'mutate.example.com' does not answer, and nothing passes without it"
    assert no_pods(told) == {"orders-g1-2": Finding(sentence, needs_somebody=False)}


def test_an_account_that_is_not_there_yet_is_nobodys_fault() -> None:
    soon = 'pods "orders-g1-2" is forbidden: error looking up service account shop/orders-member: serviceaccount "x" not found'
    told = event("FailedCreate", f"create Pod orders-g1-2 in StatefulSet orders-g1 failed error: {soon}", 10)
    assert not no_pods(told)["orders-g1-2"].needs_somebody


def test_the_newest_failure_to_make_a_volume_is_said_while_kubernetes_tries_on() -> None:
    told = read(
        [
            event(
                "ProvisioningFailed",
                'failed to provision volume with StorageClass "rbd": rpc error: code = Internal desc = full',
                5,
            ),
            event("Provisioning", "External provisioner is provisioning volume for claim shop/data-orders-g1-0", 6),
            event("ExternalProvisioning", "Waiting for a volume to be created", 7),
        ]
    )
    assert why_no_volume(told) == "StorageClass 'rbd' cannot provide it: full"


def test_what_resizers_and_load_balancers_fail_at_is_said() -> None:
    told = read(
        [event("VolumeResizeFailed", 'resize volume "pvc-1" by resizer "rbd" failed: rpc error: code = Internal desc = full')]
    )
    assert why_not_grown(told, at(0)) == "resize volume 'pvc-1' by resizer 'rbd' failed: full"
    assert why_not_grown(told, at(1)) == "", "that was another growth"
    told = read([event("SyncLoadBalancerFailed", "Error syncing load balancer: quota of addresses reached")])
    assert why_no_address(told) == "Error syncing load balancer: quota of addresses reached"


MULTI_ATTACH = event(
    "FailedAttachVolume",
    'Multi-Attach error for volume "pvc-1" Volume is already exclusively attached to one node and can\'t be attached to another',
    1,
)
NO_SECRET = event("FailedMount", 'MountVolume.SetUp failed for volume "internal" : secret "orders-internal" not found', 120)
NO_DEVICE = event(
    "FailedMount", 'MountVolume.MountDevice failed for volume "pvc-1" : rpc error: code = Internal desc = no device', 121
)
SUMMARY = event(
    "FailedMount", "Unable to attach or mount volumes: unmounted volumes=[data]: timed out waiting for the condition", 122
)


def test_a_volume_that_another_node_still_has_comes_by_itself() -> None:
    found = why_not_started(read([MULTI_ATTACH]))
    assert found is not None
    assert found.says.startswith("its volume is still attached to another node")
    assert not found.needs_somebody


def test_several_volumes_that_fail_in_turns_are_one_sentence() -> None:
    each = [why_not_started(read(order)) for order in permutations([NO_SECRET, NO_DEVICE, SUMMARY])]
    assert {found.says if found else "" for found in each} == {
        (
            "its volume 'internal' cannot be mounted: secret 'orders-internal' not found; "
            "its volume 'pvc-1' cannot be mounted: no device"
        )
    }


def test_what_failed_before_the_newest_news_is_over() -> None:
    assert why_not_started(read([{**NO_SECRET, "lastTimestamp": "2026-11-25T02:00:00Z"}, NO_DEVICE])) == Finding(
        "its volume 'pvc-1' cannot be mounted: no device"
    )


def test_a_node_that_pulls_has_its_volumes() -> None:
    told = read([NO_SECRET, event("Pulling", 'Pulling image "mongo:6.0"', 120)])
    assert why_not_started(told) is None
    assert is_pulling(told) == "mongo:6.0"


def test_a_sandbox_that_cannot_be_made_is_said() -> None:
    failed = event(
        "FailedCreatePodSandBox", "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network", 1
    )
    found = why_not_started(read([failed]))
    assert found == Finding("its node cannot give it a network or a sandbox: failed to setup network")


@given(st.text(max_size=400), st.sampled_from(["FailedCreate", "FailedMount", "ProvisioningFailed", "FailedCreatePodSandBox"]))
def test_whatever_an_event_says_is_read(message: str, reason: str) -> None:
    told = read([event(reason, message)])
    says = [
        why_no_volume(told),
        *(f.says for f in (why_not_started(told), *why_no_pods(told, {"x": at(0)}, at(0)).values()) if f),
    ]
    assert not any("{" in sentence or "\n" in sentence for sentence in says)
