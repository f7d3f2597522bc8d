"""Planned moves hand over first, one member at a time; and an operator that dies at any moment leaves nothing half done."""

import json

import pytest

from tests.e2e.client import Writer, uri
from tests.e2e.cluster import get, kubectl, moorage, operator_pods, pod_of, status, until, wait_green
from tests.e2e.conftest import MANIFEST

KILLS_MAX = 5


def _primary(service: str) -> str:
    return str(wait_green(service)["primary"])


@pytest.mark.alone
def test_a_drained_node_costs_no_write_and_the_member_comes_back_with_the_node(orders: str) -> None:
    pod = pod_of(orders, _primary(orders))
    node = get("pod", pod)["spec"]["nodeName"]
    selector = f"--pod-selector=app.kubernetes.io/instance={orders}"
    try:
        with Writer(uri(orders), "drained") as writer:
            kubectl("drain", node, selector, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=90s")
            writer.wait_for_more(50)
        assert writer.lost() == set()
        assert writer.history.longest_gap_seconds() < 5
        until("the empty place is said", lambda: "no node can take it" in status(orders).get("healthMsg", ""), seconds=30)
        assert f"node {node} is cordoned" in status(orders)["healthMsg"]
    finally:
        kubectl("uncordon", node)
    wait_green(orders)


def test_a_restart_of_all_members_costs_no_write(orders: str) -> None:
    wait_green(orders)
    before = {m: get("pod", pod_of(orders, m))["metadata"]["uid"] for m in status(orders)["healthInstances"]}
    with Writer(uri(orders), "restarted") as writer:
        moorage("restart", orders)

        def all_anew() -> bool:
            return all(get("pod", pod_of(orders, m))["metadata"]["uid"] != uid for m, uid in before.items())

        until("every member runs anew", lambda: _quietly(all_anew), seconds=180)
        writer.wait_for_more(50)
    assert writer.lost() == set()
    assert writer.history.longest_gap_seconds() < 5
    wait_green(orders)


def _done(name: str) -> str:
    """What there is of a service."""
    kinds = "secret,role,rolebinding,service,endpointslice,statefulset,poddisruptionbudget,pod"
    return kubectl("get", kinds, "-l", f"app.kubernetes.io/instance={name}", "-o", "name")


def _quietly(holds: object) -> bool:
    """A Pod that is between deletion and creation is not there: not yet."""
    try:
        return bool(callable(holds) and holds())
    except AssertionError:
        return False


@pytest.mark.alone
def test_an_operator_that_is_killed_again_and_again_still_finishes_a_deploy() -> None:
    """Whenever it has done something: how long it takes to start is the machine's affair."""
    kubectl("apply", "-f", "-", stdin=MANIFEST.format(name="stubborn"))
    killed_at: list[str] = []
    try:

        def green_after_a_kill() -> bool:
            if status("stubborn").get("healthCluster") == "green":
                return True
            done = _done("stubborn")
            if done not in killed_at and len(killed_at) < KILLS_MAX:
                killed_at.append(done)
                for pod in operator_pods():
                    kubectl(
                        "-n", "moorage-system", "delete", pod, "--grace-period=0", "--force", "--ignore-not-found", check=False
                    )
            return False

        until("stubborn is green in spite of it", green_after_a_kill, seconds=300, every_seconds=1)
        assert len(killed_at) >= 2
        kubectl("-n", "moorage-system", "rollout", "status", "deployment", "moorage", "--timeout=90s")
        wait_green("stubborn")
    finally:
        kubectl("delete", "mds", "stubborn", "--timeout=120s")


def test_a_pod_in_the_cluster_connects_with_the_secret_alone(orders: str) -> None:
    wait_green(orders)
    script = (
        "db.getSiblingDB('app').pods.insertOne({_id: new Date().toISOString()}, {writeConcern: {w: 'majority'}}).acknowledged"
    )
    env = [{"name": "URI", "valueFrom": {"secretKeyRef": {"name": f"{orders}-app", "key": "uri"}}}]
    container = {
        "name": "client",
        "image": "mongo:6.0",
        "env": env,
        # the URI comes from the environment: an argument would show it to everybody who lists processes
        "command": ["mongosh", "--nodb", "--quiet", "--eval", f"db = connect(process.env.URI); print({script})"],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "client"}, "spec": {"restartPolicy": "Never"}}
    pod["spec"] |= {"containers": [container]}  # type: ignore[operator]
    kubectl("apply", "-f", "-", stdin=json.dumps(pod))
    try:
        until("the client ended", lambda: get("pod", "client")["status"].get("phase") in ("Succeeded", "Failed"), seconds=60)
        assert kubectl("logs", "client").strip().endswith("true")
    finally:
        kubectl("delete", "pod", "client", "--ignore-not-found")
