"""Bringing images onto the nodes ahead, so that a first deployment does not wait for a pull."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from devcluster.config import Node
from devcluster.shell import run


def pull(nodes: Iterable[Node], images: list[str]) -> None:
    """Pull on every node what it does not hold in its newest form."""
    todo = list(nodes)
    with ThreadPoolExecutor(len(todo)) as threads:
        list(threads.map(lambda node: _pull(node, images), todo))


def _pull(node: Node, images: list[str]) -> None:
    ctr: tuple[str | Path, ...] = (*node.enter, "ctr", "--address", node.containerd_socket, "--namespace", "k8s.io")
    for image in images:
        run(*ctr, "images", "pull", "--hosts-dir", node.folder / "mirrors", image)
