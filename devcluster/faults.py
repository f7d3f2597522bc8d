"""Breaking the cluster on purpose, for tests, and putting it right again."""

from collections.abc import Callable
from functools import partial

from devcluster import addons, control_plane, host_services, nodes, process, s3
from devcluster.config import NODES, Node, node
from devcluster.install import NAMESPACE, RELEASE
from devcluster.kube import Client, Json

HOST_PROCESSES: dict[str, Callable[[], None]] = {
    "apiserver": control_plane.start_apiserver,
    "dns": host_services.start_dns,
    "registry": host_services.start_registry,
    "controller": addons.start_controller,
    "s3": s3.start,
}


def stop_node(name: str) -> None:
    nodes.cut_power(node(name))


def start_node(name: str) -> None:
    nodes.start([node(name)])
    nodes.wait_ready([node(name)])


def stop_process(name: str) -> None:
    process.kill(name)


def start_process(name: str) -> None:
    HOST_PROCESSES[name]()


def status() -> tuple[list[str], bool]:
    """One line for each thing that should run, and whether all of them do."""
    expected = ["etcd", "apiserver", "controller-manager", "scheduler", "dns", "registry", "s3", "controller"]
    expected += [name for each in NODES for name in nodes.names(each)]
    up = set(process.running())
    found = {name: name in up for name in expected}
    found |= {f"node {each.name}": found["apiserver"] and _holds(partial(_is_ready, each)) for each in NODES}
    found["Moorage"] = found["apiserver"] and _holds(lambda: is_available(Client().get(_OPERATOR)))
    return [f"{name:<22}{'runs' if runs else 'stopped'}" for name, runs in found.items()], all(found.values())


_OPERATOR = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{RELEASE}"


def is_available(deployment: Json) -> bool:
    """Whether the operator's Deployment says that enough of its Pods run."""
    conditions = deployment.get("status", {}).get("conditions", [])
    return any(c["type"] == "Available" and c["status"] == "True" for c in conditions)


def _is_ready(each: Node) -> bool:
    return nodes.is_ready(Client(), each)


def _holds(question: Callable[[], bool]) -> bool:
    try:
        return question()
    except OSError:
        return False
