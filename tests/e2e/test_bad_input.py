"""What the API server cannot know: the service says it within 30 s, and goes on by itself when it is put right."""

import ipaddress
import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from devcluster.config import ADDRESS_RANGE, STATE
from tests.e2e.cluster import get, kubectl, moorage, until
from tests.e2e.small import SAID_WITHIN_SECONDS, Small

NAMESPACE = "bad-input"
NO_IMAGE = "docker.io/library/mongo:no-such"
SMALL = Small(NAMESPACE)
apply, deployed, said, green = SMALL.apply, SMALL.deployed, SMALL.said, SMALL.green
status, condition = SMALL.status, SMALL.condition

pytestmark = pytest.mark.usefixtures("namespace")


@pytest.fixture(scope="module")
def namespace() -> Iterator[None]:
    with SMALL.made():
        yield


def test_a_setting_that_the_engine_does_not_have_stands_in_the_conditions_and_what_runs_stays() -> None:
    with deployed("settings") as name:
        green(name)
        before = get("pod", f"{name}-g1-0", NAMESPACE)["metadata"]["uid"]
        apply(name, parameters={"net.noSuch": "1"})
        said(name, "the new settings are not used: parameter 'net.noSuch' cannot be set for mongodb; allowed: ")
        assert condition(name, "Stalled")["status"] == "True"
        assert "net.noSuch" in condition(name, "Stalled")["message"]
        assert condition(name, "Ready")["status"] == "True"
        assert status(name)["healthCluster"] == "green"
        apply(name)
        until("the condition clears", lambda: condition(name, "Stalled")["status"] == "False", seconds=SAID_WITHIN_SECONDS)
        green(name)
        assert get("pod", f"{name}-g1-0", NAMESPACE)["metadata"]["uid"] == before


def test_the_cli_refuses_such_a_setting_before_it_is_sent() -> None:
    done = moorage("deploy", "mongodb", "never", "-n", NAMESPACE, "--param", "net.noSuch=1", check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: parameter 'net.noSuch' cannot be set for mongodb; allowed: net.maxIncomingConnections")
    assert "Traceback" not in done.stderr


def test_a_storage_class_that_does_not_exist_is_named_and_another_one_may_be_asked_for() -> None:
    with deployed("classless", storage={"size": "1Gi", "className": "no-such"}) as name:
        message = said(name, "StorageClass 'no-such' does not exist; there are: ")
        assert "standard" in message
        assert condition(name, "Stalled")["status"] == "True"
        apply(name, storage={"size": "1Gi", "className": "standard"})
        green(name)


@pytest.fixture
def volume_of_late_class() -> Iterator[dict[str, Any]]:
    """A volume that waits for a claim of a class, as an administrator makes one by hand."""
    folder = STATE / "bad-input-volume"
    folder.mkdir(exist_ok=True)  # of a run that was broken off
    folder.chmod(0o777)
    yield {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": "bad-input-volume"},
        "spec": {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "late",
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": str(folder)},
        },
    }
    kubectl("delete", "storageclass/late", "pv/bad-input-volume", "--ignore-not-found")
    shutil.rmtree(folder)


@pytest.mark.long
def test_a_storage_class_that_is_made_later_is_used(volume_of_late_class: dict[str, Any]) -> None:
    with deployed("early", storage={"size": "1Gi", "className": "late"}) as name:
        said(name, "StorageClass 'late' does not exist")
        storage_class = {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": "late"},
            "provisioner": "kubernetes.io/no-provisioner",
        }
        kubectl("apply", "-f", "-", stdin=json.dumps(storage_class))
        kubectl("apply", "-f", "-", stdin=json.dumps(volume_of_late_class))
        green(name)


@pytest.mark.long
def test_too_few_nodes_for_the_members_is_said() -> None:
    with deployed("wide", members=5) as name:
        said(name, "no node can take it: every member needs a node of its own")
        assert condition(name, "Stalled")["status"] == "True"
        apply(name, members=3)
        green(name, members=3)


def test_an_image_that_cannot_be_pulled_is_named_and_another_one_is_taken_at_once() -> None:
    with deployed("imageless", image=NO_IMAGE) as name:
        said(name, f"image '{NO_IMAGE}' cannot be pulled: the registry does not have it")
        assert condition(name, "Stalled")["status"] == "True"
        apply(name)
        green(name)


@pytest.mark.long
def test_an_image_that_cannot_be_pulled_stops_no_member_but_the_first_to_be_replaced() -> None:
    with deployed("rolled", members=3) as name:
        green(name, members=3)
        apply(name, members=3, image=NO_IMAGE)
        said(name, "cannot be pulled: the registry does not have it")
        assert status(name)["membersReady"] == "2/3"
        assert status(name)["healthCluster"] == "yellow"
        apply(name, members=3)
        green(name, members=3)


def test_a_missing_load_balancer_address_is_said_and_used_when_it_comes() -> None:
    """The address that an administrator reserved is not one that this load balancer can give."""
    name = "unreachable"
    port = {"name": "engine", "port": 27017, "protocol": "TCP"}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"type": "LoadBalancer", "loadBalancerIP": "192.0.2.1", "ports": [port]},
    }
    kubectl("apply", "-f", "-", stdin=json.dumps(service))
    with deployed(name):
        said(name, "no load balancer has given the service an address yet")
        until("it serves inside the cluster", lambda: condition(name, "Ready").get("status") == "True", seconds=60)
        assert status(name)["healthCluster"] == "yellow"
        assert status(name)["healthMsg"] == "no load balancer has given the service an address yet"
        assert status(name)["endpoints"]["host"] == f"{name}.{NAMESPACE}.svc.cluster.local"
        kubectl("patch", "service", name, "-n", NAMESPACE, "--type=merge", "-p", '{"spec":{"loadBalancerIP":null}}')
        green(name)
        assert ipaddress.ip_address(status(name)["endpoints"]["host"]) in ipaddress.ip_network(ADDRESS_RANGE)
