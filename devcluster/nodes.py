"""A node's life: start, stop as by a power cut, orderly end."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from devcluster import network, process, sweep
from devcluster.config import BIN, NODES, PKI, Node
from devcluster.controller.routes import answers
from devcluster.kube import ApiError, Client
from devcluster.node_config import files
from devcluster.process import Service
from devcluster.shell import succeeds
from devcluster.wait import until

READY_SECONDS = 90
KUBELET_TRIES = 30
"""containerd answers a moment before it serves a kubelet, and a kubelet that comes too early ends."""
CLOSE_SECONDS = 10  # how long databases may take to close their files at `down`


def names(node: Node) -> tuple[str, str, str]:
    """The node's recorded processes, in the order they are stopped."""
    return f"{node.name}-kubelet", f"{node.name}-kube-proxy", f"{node.name}-containerd"


def start(nodes: Iterable[Node] = NODES) -> None:
    """Start what is not running of these nodes."""
    todo = list(nodes)
    with ThreadPoolExecutor(len(todo)) as threads:
        list(threads.map(_start, todo))


def _start(node: Node) -> None:
    _write_files(node)
    kubelet, proxy, containerd = _services(node)
    if process.record_of(containerd.name) is None:
        sweep.kill(node.folder)
        sweep.clean(node)
    network.set_link(node, "up")
    process.ensure(containerd)
    process.ensure(proxy)
    until(f"containerd of {node.name}", lambda: _answers(node), 30)
    process.ensure(kubelet)


def wait_ready(nodes: Iterable[Node] = NODES) -> None:
    """Wait until the API server has heard from the nodes that they are ready."""
    client = Client()
    for node in nodes:
        tries = iter(range(KUBELET_TRIES))

        def ready(node: Node = node, tries: Iterator[int] = tries) -> bool:
            if process.record_of(names(node)[0]) is None and next(tries, None) is not None:
                process.ensure(_services(node)[0])
            for name in names(node):
                process.require(name)
            return is_ready(client, node) and answers(node)

        until(f"node {node.name} to be ready", ready, READY_SECONDS)


def forget_others() -> None:
    """A node that an earlier cluster had and this one has not: Kubernetes removes its Pods and makes them elsewhere."""
    client = Client()
    for item in client.get("/api/v1/nodes")["items"]:
        name = item["metadata"]["name"]
        if name not in {node.name for node in NODES}:
            client.request("DELETE", f"/api/v1/nodes/{name}")


def is_ready(client: Client, node: Node) -> bool:
    """Whether its kubelet that runs now has said so: after a crash the API server still holds what the one before it said."""
    try:
        conditions = client.get(f"/api/v1/nodes/{node.name}").get("status", {}).get("conditions", [])
    except ApiError as error:
        if error.status == 404:
            return False
        raise
    started = process.started_at(names(node)[0])
    return any(c["type"] == "Ready" and c["status"] == "True" and c["lastHeartbeatTime"] >= started for c in conditions)


def cut_power(node: Node) -> None:
    """Stop a node as a power cut does: the link first, so that nothing says good-bye, then every process."""
    network.set_link(node, "down")
    process.kill(*names(node))
    sweep.kill(node.folder)
    sweep.clean(node)


def shut_down(nodes: Iterable[Node] = NODES) -> None:
    """End nodes in order: nobody restarts containers, containers may close their files, then the rest."""
    todo = list(nodes)
    process.stop(*(name for node in todo for name in names(node)[:2]))
    with ThreadPoolExecutor(len(todo)) as threads:
        list(threads.map(_empty, todo))


def _empty(node: Node) -> None:
    sweep.ask_containers_to_end(node.folder, CLOSE_SECONDS)
    process.stop(names(node)[2])
    sweep.kill(node.folder)
    sweep.clean(node)


def _answers(node: Node) -> bool:
    process.require(names(node)[2])
    return succeeds("ctr", "--address", node.containerd_socket, "version")


def _write_files(node: Node) -> None:
    for name in ("root", "kubelet", "pod-logs"):
        (node.folder / name).mkdir(parents=True, exist_ok=True)
    for name, text in files(node).items():
        path = node.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text() != text:  # kube-proxy ends when its file is written, whatever is written
            path.write_text(text)


def _services(node: Node) -> tuple[Service, Service, Service]:
    folder = node.folder
    config = {name: folder / name for name in ("containerd.toml", "kubelet.yaml", "proxy.yaml")}
    kubelet_name, proxy_name, containerd_name = names(node)
    kubelet = (
        BIN / "kubelet",
        f"--config={config['kubelet.yaml']}",
        f"--kubeconfig={PKI / f'{node.name}.conf'}",
        f"--hostname-override={node.name}",
        f"--node-ip={node.address}",
        f"--root-dir={folder}/kubelet",
        f"--cert-dir={folder}/pki",
    )
    credentials = PKI / f"{node.name}.crt"
    return (
        # Kubelet 1.34 may panic when a Pod is deleted by force while it starts: "Missing actuated resource record".
        Service(kubelet_name, kubelet, node, (config["kubelet.yaml"], credentials), is_kept=True),
        Service(
            proxy_name, (BIN / "kube-proxy", f"--config={config['proxy.yaml']}"), node, (config["proxy.yaml"], PKI / "proxy.crt")
        ),
        Service(containerd_name, ("containerd", "-c", config["containerd.toml"]), node, (config["containerd.toml"],)),
    )
