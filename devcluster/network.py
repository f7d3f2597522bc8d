"""The cluster's network: nodes are network namespaces on a bridge that has a namespace of its own.

The bridge does not stand in the machine's own namespace, so the machine's firewall never sees traffic between nodes, the
machine need not forward packets, and cutting two nodes apart is one rule at the bridge. Nodes have no default route:
a packet for anywhere else ends at the node.
"""

import json

from devcluster.config import (
    ADDRESS_RANGE,
    CLUSTER_RANGES,
    HOST_ADDRESS,
    HOST_LINK,
    NODE_RANGE,
    NODES,
    SERVICE_RANGE,
    SWITCH,
    Node,
)
from devcluster.shell import run, succeeds

BLACKHOLE_METRIC = 4096
SERVICE_LINK = "svc0"


def blackholes() -> None:
    """Before anything else: with no better route, a packet for a cluster range ends here and never leaves the machine."""
    for cidr in CLUSTER_RANGES:
        run("ip", "route", "replace", "blackhole", cidr, "metric", str(BLACKHOLE_METRIC))


def check_ranges() -> None:
    """Refuse to shadow a network that the machine already reaches some other way."""
    for cidr in CLUSTER_RANGES:
        for route in json.loads(run("ip", "-j", "-4", "route", "show", "root", cidr) or "[]"):
            ours = route.get("type") == "blackhole" or route.get("dev") == HOST_LINK
            if not ours and route["dst"] != "default":
                raise SystemExit(
                    f"the cluster needs {cidr} for itself, but this machine has a route {route['dst']} by {route.get('dev')}"
                )


def ensure() -> None:
    """Make what is missing of the namespaces, links, addresses and routes; touch nothing that is right."""
    _ensure_switch()
    for node in NODES:
        _ensure_node(node)


def remove() -> None:
    """Take the namespaces away; links and routes that led to them vanish with them."""
    for name in (*(node.name for node in NODES), SWITCH):
        if name in _namespaces():
            run("ip", "netns", "del", name)
    succeeds("ip", "link", "del", HOST_LINK)


def set_link(node: Node, state: str) -> None:
    """Pull or plug the node's cable at the switch: `up` or `down`."""
    run("ip", "-n", SWITCH, "link", "set", node.name, state)


def _ensure_switch() -> None:
    _ensure_namespace(SWITCH)
    if not succeeds("ip", "-n", SWITCH, "link", "show", "bridge"):
        _batch(SWITCH, "link add bridge type bridge", "link set bridge up", "link set lo up")
    if not succeeds("ip", "link", "show", HOST_LINK):
        run("ip", "link", "add", HOST_LINK, "type", "veth", "peer", "name", "host", "netns", SWITCH)
    _batch(SWITCH, "link set host master bridge up")
    run("ip", "address", "replace", f"{HOST_ADDRESS}/24", "dev", HOST_LINK)
    run("ip", "link", "set", HOST_LINK, "up")
    for node in NODES:
        run("ip", "route", "replace", node.pod_range, "via", node.address, "dev", HOST_LINK)


def _ensure_node(node: Node) -> None:
    fresh = _ensure_namespace(node.name)
    if fresh or not succeeds("ip", "-n", node.name, "link", "show", "eth0"):
        succeeds("ip", "-n", SWITCH, "link", "del", node.name)
        run("ip", "-n", SWITCH, "link", "add", node.name, "type", "veth", "peer", "name", "eth0", "netns", node.name)
    if not succeeds("ip", "-n", node.name, "link", "show", SERVICE_LINK):
        # A link to nowhere: gives Service addresses a route, so that kube-proxy's rules see packets from the node itself.
        _batch(node.name, f"link add {SERVICE_LINK} type bridge", f"link set {SERVICE_LINK} arp off up")
    _batch(SWITCH, f"link set {node.name} master bridge up")
    others = [f"route replace {other.pod_range} via {other.address}" for other in NODES if other != node]
    services = [f"route replace {cidr} dev {SERVICE_LINK} src {node.address}" for cidr in (SERVICE_RANGE, ADDRESS_RANGE)]
    _batch(
        node.name,
        "link set lo up",
        f"address replace {node.address}/{NODE_RANGE.split('/')[1]} dev eth0",
        "link set eth0 up",
        *others,
        *services,
    )
    run(*node.enter, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.eth0.rp_filter=0")
    # Replies between Pods of one node must pass the rules that turn the Service's address back.
    succeeds(*node.enter, "sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=1")


def _ensure_namespace(name: str) -> bool:
    """Make the namespace unless a usable one is there; whether it was made."""
    if succeeds("nsenter", f"--net=/run/netns/{name}", "true"):
        return False
    succeeds("ip", "netns", "del", name)  # a leftover name without a namespace behind it
    run("ip", "netns", "add", name)
    return True


def _namespaces() -> set[str]:
    return {line.split()[0] for line in run("ip", "netns", "list").splitlines() if line}


def _batch(namespace: str, *lines: str) -> None:
    run("ip", "-n", namespace, "-batch", "-", stdin="\n".join(lines) + "\n")
