"""What Kubernetes or the API server refuses is said within 30 s, once, and the service goes on by itself when it is put right."""

import http.client
import ipaddress
import json
import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from devcluster import process
from devcluster.config import ADDRESS_RANGE, MONGO_IMAGE, REGISTRY
from devcluster.imaging.registry import MANIFEST, split
from tests.e2e.cluster import get, kubectl, moorage, until
from tests.e2e.small import Small

NAMESPACE = "refusals"
SMALL = Small(NAMESPACE)
GROWABLE = "standard"
"""The class whose volumes the test keeps from growing."""

pytestmark = pytest.mark.usefixtures("namespace")


@pytest.fixture(scope="module")
def namespace() -> Iterator[None]:
    with SMALL.made():
        yield


@contextmanager
def standing(manifest: dict[str, Any]) -> Iterator[None]:
    """An administrator's object, for as long as the test wants it."""
    kubectl("apply", "-f", "-", stdin=json.dumps(manifest))
    try:
        yield
    finally:
        kubectl("delete", "--ignore-not-found", "-f", "-", stdin=json.dumps(manifest))


def quota(name: str, **hard: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"hard": hard},
    }


def enforced(name: str) -> None:
    """A quota counts as soon as Kubernetes has written down what is used."""
    until("the quota counts", lambda: get("resourcequota", name, NAMESPACE).get("status", {}).get("used"), seconds=30)


def set_hard(name: str, what: str, limit: str) -> None:
    kubectl("patch", "resourcequota", name, "-n", NAMESPACE, "--type=merge", "-p", json.dumps({"spec": {"hard": {what: limit}}}))


def stalled(name: str) -> str:
    found = SMALL.condition(name, "Stalled")
    return str(found["message"]) if found.get("status") == "True" else ""


def tried_again(name: str) -> str:
    annotations = get("statefulset", f"{name}-g1", NAMESPACE)["metadata"].get("annotations") or {}
    return str(annotations.get("moorage.dev/tried-again", ""))


@pytest.mark.parametrize(
    ("what", "too_little", "enough", "wanted"),
    [
        pytest.param("pods", "2", "3", "1", id="pods"),
        pytest.param("limits.memory", "1200Mi", "1600Mi", "512Mi", id="memory", marks=pytest.mark.long),
    ],
)
def test_a_quota_that_forbids_a_member_is_named_and_the_member_comes_when_it_is_raised(
    what: str, too_little: str, enough: str, wanted: str
) -> None:
    sentence = (
        f"has no Pod: ResourceQuota 'tight' does not allow it: {what} is limited to {too_little}, and {wanted} more is wanted"
    )
    with standing(quota("tight", **{what: too_little})):
        enforced("tight")
        with SMALL.deployed("crowded", members=3) as name:
            SMALL.said(name, sentence)
            assert sentence in stalled(name)
            assert sentence in SMALL.status(name)["repair"]["reason"]
            assert "ResourceQuota 'tight'" in moorage("why", name, "-n", NAMESPACE).stdout
            first = until("Kubernetes is made to try again", lambda: tried_again(name), seconds=60, every_seconds=1)
            before = SMALL.status(name)
            until("and again", lambda: tried_again(name) != first, seconds=60, every_seconds=1)
            assert SMALL.status(name) == before, "a service that waits is not written"
            assert len(SMALL.events(name, "SomebodyMustAct")) == 1
            set_hard("tight", what, enough)
            SMALL.green(name, members=3)


def test_a_limit_that_a_member_breaks_is_named() -> None:
    spec = {"limits": [{"type": "Container", "max": {"memory": "256Mi"}}]}
    low = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "low", "namespace": NAMESPACE}, "spec": spec}
    broken = "maximum memory usage per Container is 256Mi, but limit is 512Mi"
    with standing(low), SMALL.deployed("large") as name:
        SMALL.said(name, f"datanode0 has no Pod: a LimitRange does not allow it: {broken}")
        assert broken in stalled(name)
        kubectl("delete", "limitrange", "low", "-n", NAMESPACE)
        SMALL.green(name)


def test_an_object_that_a_quota_forbids_is_named_once_and_made_when_the_quota_is_gone() -> None:
    with standing(quota("closed", services="0")):
        enforced("closed")
        with SMALL.deployed("unserved") as name:
            words = (
                f"Service/{name}-members cannot be made or changed: ResourceQuota 'closed' does not allow it: "
                "services is limited to 0, and 1 more is wanted"
            )
            SMALL.said(name, words)
            assert words in stalled(name)
            assert words in SMALL.status(name)["repair"]["reason"]
            assert SMALL.condition(name, "Reconciling")["status"] == "False"
            assert len(SMALL.events(name, "SomebodyMustAct")) == 1
            kubectl("delete", "resourcequota", "closed", "-n", NAMESPACE)
            SMALL.green(name)
            assert len(SMALL.events(name, "NothingInTheWay")) == 1


@contextmanager
def no_load_balancers() -> Iterator[None]:
    """A policy as platform teams have it; only for this namespace."""
    group = "admissionregistration.k8s.io/v1"
    rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["services"]}
    here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": NAMESPACE}}}
    policy = {
        "apiVersion": group,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": "no-balancers"},
        "spec": {
            "matchConstraints": {**here, "resourceRules": [rule]},
            "validations": [
                {"expression": "object.spec.type != 'LoadBalancer'", "message": "load balancers are not for this team"}
            ],
        },
    }
    binding = {
        "apiVersion": group,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": "no-balancers"},
        "spec": {"policyName": "no-balancers", "validationActions": ["Deny"]},
    }
    with standing(policy), standing(binding):
        yield


def test_a_policy_that_forbids_a_change_is_named_and_what_runs_stays() -> None:
    inside = {"expose": {"type": "ClusterIP"}}
    with SMALL.deployed("inside", **inside) as name, no_load_balancers():
        SMALL.green(name)
        before = SMALL.uid(name)
        SMALL.apply(name)
        forbidden = "policy 'no-balancers' does not allow it: load balancers are not for this team"
        words = f"Service/{name} cannot be made or changed: {forbidden}"
        SMALL.said(name, words)
        assert words in stalled(name)
        assert SMALL.condition(name, "Ready")["status"] == "True"
        SMALL.apply(name, **inside)
        SMALL.green(name)
        assert SMALL.uid(name) == before


@contextmanager
def fixed_size() -> Iterator[None]:
    """For a while, the class does not let volumes grow."""

    def allow(grows: bool) -> None:
        kubectl("patch", "storageclass", GROWABLE, "--type=merge", "-p", json.dumps({"allowVolumeExpansion": grows}))

    allow(False)
    try:
        yield
    finally:
        allow(True)


def storage(size: str) -> dict[str, Any]:
    return {"storage": {"size": size, "className": GROWABLE}}


@pytest.mark.long
def test_volumes_that_may_not_grow_are_named_and_the_size_may_be_taken_back_or_allowed() -> None:
    words = (
        f"the volumes stay at 1Gi: StorageClass '{GROWABLE}' does not let volumes grow: set allowVolumeExpansion: true on it, "
        "or set storage.size back to 1Gi"
    )
    with SMALL.deployed("fixed", **storage("1Gi")) as name:
        with fixed_size():
            SMALL.green(name)
            before = SMALL.uid(name)
            SMALL.apply(name, **storage("2Gi"))
            SMALL.said(name, words)
            assert words in stalled(name)
            assert words in SMALL.status(name)["repair"]["reason"]
            assert (SMALL.status(name)["healthCluster"], SMALL.status(name)["volumeSize"]) == ("green", "1Gi")
            SMALL.apply(name, **storage("1Gi"))
            SMALL.green(name)
            SMALL.apply(name, **storage("2Gi"))
            SMALL.said(name, words)
            assert SMALL.uid(name) == before, "a size that is not there restarts nobody"
        until("the volume has grown", lambda: SMALL.status(name).get("volumeSize") == "2Gi", seconds=60, every_seconds=1)
        SMALL.green(name)
        refused = kubectl(
            "patch", "mds", name, "-n", NAMESPACE, "--type=merge", "-p", json.dumps({"spec": storage("1Gi")}), check=False
        )
        assert "storage size cannot shrink from '2Gi' to '1Gi'; allowed: 2Gi or more" in refused


@pytest.mark.long
def test_a_registry_that_is_not_heard_from_is_named_and_another_image_is_taken_at_once() -> None:
    """A packet for an address that nobody has simply vanishes on a node of the development cluster."""
    nowhere = f"{ipaddress.ip_network(ADDRESS_RANGE)[254]}:5000/mongo:6.0"
    with SMALL.deployed("unheard", image=nowhere) as name:
        # a busy kubelet takes its time before it begins to pull
        SMALL.said(name, f"datanode0 does not run yet: image '{nowhere}' is still being pulled after 15 s", seconds=60.0)
        assert SMALL.condition(name, "Stalled")["status"] == "False"
        assert SMALL.condition(name, "Reconciling")["status"] == "True"
        SMALL.apply(name)
        SMALL.green(name)


@pytest.fixture
def registry() -> Iterator[int]:
    """Its process, which runs again afterwards."""
    record = process.record_of("registry")
    assert record is not None, "the registry does not run"
    yield record.pid
    os.kill(record.pid, signal.SIGCONT)


def fresh_tag() -> str:
    """The engine's image under a name that no node has pulled."""
    repository, tag = split(MONGO_IMAGE)
    fresh = f"still-{uuid.uuid4().hex[:8]}"
    connection = http.client.HTTPConnection(REGISTRY, timeout=30)
    connection.request("GET", f"/v2/{repository}/manifests/{tag}", headers={"Accept": MANIFEST})
    manifest = connection.getresponse().read()
    connection.request("PUT", f"/v2/{repository}/manifests/{fresh}", body=manifest, headers={"Content-Type": MANIFEST})
    assert connection.getresponse().status == 201
    connection.close()
    return MONGO_IMAGE.replace(f":{tag}", f":{fresh}")


@pytest.mark.long
@pytest.mark.alone
def test_a_registry_that_stands_still_is_named_and_the_service_goes_on_when_it_answers(registry: int) -> None:
    """It takes connections and says nothing."""
    image = fresh_tag()
    os.kill(registry, signal.SIGSTOP)
    with SMALL.deployed("still", image=image) as name:
        SMALL.said(name, f"image '{image}' is still being pulled after 15 s: does its registry answer?")
        before = SMALL.uid(name)
        os.kill(registry, signal.SIGCONT)
        SMALL.green(name)
        assert SMALL.uid(name) == before
