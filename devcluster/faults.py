"""Breaking the cluster on purpose, for tests, and putting it right again."""

from collections.abc import Callable

from devcluster import addons, control_plane, host_services, nodes, process
from devcluster.config import NODES, node

HOST_PROCESSES: dict[str, Callable[[], None]] = {
    "apiserver": control_plane.start_apiserver,
    "dns": host_services.start_dns,
    "registry": host_services.start_registry,
    "controller": addons.start_controller,
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


def status() -> list[str]:
    """One line for each thing that should run."""
    expected = ["etcd", "apiserver", "controller-manager", "scheduler", "dns", "registry", "controller"]
    expected += [name for each in NODES for name in nodes.names(each)]
    up = set(process.running())
    return [f"{name:<22}{'runs' if name in up else 'stopped'}" for name in expected]
