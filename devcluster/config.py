"""Every version, address and path of the development cluster, in one place."""

import os
from dataclasses import dataclass
from pathlib import Path

KUBERNETES_VERSION = "1.34.4"
ETCD_VERSION = "3.5.23"  # reads what an older one wrote; Debian 12 has 3.4, which Kubernetes does not support any more
COREDNS_VERSION = "1.12.4"
HELM_VERSION = "3.19.0"
VERSITYGW_VERSION = "1.8.0"
MONGO_TOOLS_VERSION = "100.10.0"
MONGO_TOOLS_REVISION = "v0.0.0-20240723193119-837c2bc263f4"  # that release's commit: its tag is none that Go modules know
PROMETHEUS_VERSION = "3.5.2"
ALERTMANAGER_VERSION = "0.28.1"
GO_VERSION = "1.25.5"  # fetched only when the machine has no Go that is new enough
OLDEST_GO = (1, 24)
NODE_VERSION = "24.19.0"  # fetched only when the machine has no Node.js that is new enough
OLDEST_NODE = (20, 19)

CHECKOUT = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "moorage"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "moorage"

PKI = STATE / "pki"
LOGS = STATE / "log"
RECORDS = STATE / "run"
BIN = STATE / "bin"
VOLUMES = STATE / "volumes"
KUBECONFIG = STATE / "kubeconfig"

HOST_ADDRESS = "10.89.0.1"
HOST_LINK = "moorage0"
SWITCH = "moorage"  # the network namespace that holds the bridge between the nodes
NODE_RANGE = "10.89.0.0/24"
ADDRESS_RANGE = "10.89.1.0/24"  # load-balancer addresses
POD_RANGE = "10.244.0.0/16"
SERVICE_RANGE = "10.96.0.0/16"
CLUSTER_RANGES = (NODE_RANGE, ADDRESS_RANGE, POD_RANGE, SERVICE_RANGE)

API_SERVER = f"https://{HOST_ADDRESS}:6443"
ETCD_PORT = 22379  # not etcd's own, so that an etcd that lives here already is left alone
ETCD_PEER_PORT = 22380
REGISTRY = f"{HOST_ADDRESS}:5000"
S3_PORT = 9443
MIRRORED = ("docker.io", "ghcr.io")

PAUSE_IMAGE = "docker.io/moorage/pause:1"
MONGO_IMAGE = "docker.io/library/mongo:6.0"
MYSQL_IMAGE = "docker.io/library/mysql:9.7"
MOORAGE_IMAGE = "ghcr.io/moorage/moorage"
CONSOLE_IMAGE = "ghcr.io/moorage/console"
PROMETHEUS_IMAGE = f"docker.io/prom/prometheus:v{PROMETHEUS_VERSION}"
ALERTMANAGER_IMAGE = f"docker.io/prom/alertmanager:v{ALERTMANAGER_VERSION}"

WITH_MONITORING = os.environ.get("MOORAGE_MONITORING") == "1"
"""Prometheus, Alertmanager and the relay in the cluster, too; every `up` must be told of the same."""


@dataclass(frozen=True)
class Node:
    """One node: a network namespace with its own containerd, kubelet and kube-proxy."""

    number: int

    @property
    def name(self) -> str:
        return f"n{self.number}"

    @property
    def address(self) -> str:
        return f"10.89.0.1{self.number}"

    @property
    def pod_range(self) -> str:
        return f"10.244.{self.number}.0/24"

    @property
    def folder(self) -> Path:
        return STATE / "nodes" / self.name

    @property
    def containerd_socket(self) -> Path:
        return self.folder / "containerd.sock"

    @property
    def enter(self) -> tuple[str, ...]:
        """The command prefix that runs a program in the node's network (`ip netns exec` would hide the cgroup mounts)."""
        return ("nsenter", f"--net=/run/netns/{self.name}")


NODES = tuple(Node(number) for number in range(1, int(os.environ.get("MOORAGE_NODES", "3")) + 1))
"""At most nine; every command must be told of the same."""


def node(name: str) -> Node:
    """The node of that name."""
    for candidate in NODES:
        if candidate.name == name:
            return candidate
    raise SystemExit(f"there is no node {name!r}: the nodes are {', '.join(n.name for n in NODES)}")
