"""The machine's way to load-balancer and Service addresses: through one node that works, another one within a second.

A node works when something answers at kube-proxy's health port. A node that was silent twice in a row does not.
"""

import socket
import sys
import threading
from collections.abc import Mapping

from devcluster.config import ADDRESS_RANGE, HOST_LINK, NODES, SERVICE_RANGE, Node
from devcluster.shell import CommandError, run

PROBE_SECONDS = 0.3
PROBE_PORT = 10256
SILENCES = 2
METRIC = "10"


def choose(current: Node | None, silences: Mapping[Node, int]) -> Node | None:
    """Stay with the node in use while it works; else the first that does."""
    working = [node for node in NODES if silences.get(node, SILENCES) < SILENCES]
    if current in working:
        return current
    return working[0] if working else None


class Router:
    """Watches all nodes and keeps the routes on one that works."""

    def __init__(self) -> None:
        self._silences: dict[Node, int] = {}
        self._current: Node | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        for node in NODES:
            threading.Thread(target=self._watch, args=(node,), name=f"probe {node.name}", daemon=True).start()

    def _watch(self, node: Node) -> None:
        pause = threading.Event()
        while True:
            heard = answers(node)
            with self._lock:
                self._silences[node] = 0 if heard else self._silences.get(node, SILENCES) + 1
                self._steer()
            if heard or self._silences[node] > SILENCES:
                pause.wait(PROBE_SECONDS)

    def _steer(self) -> None:
        node = choose(self._current, self._silences)
        if node is None or node == self._current:
            return
        try:
            for cidr in (ADDRESS_RANGE, SERVICE_RANGE):
                run("ip", "route", "replace", cidr, "via", node.address, "dev", HOST_LINK, "metric", METRIC)
        except CommandError as error:
            print(f"routes: {error}", file=sys.stderr, flush=True)
            return
        self._current = node
        print(f"addresses are reached through {node.name}", file=sys.stderr, flush=True)


def answers(node: Node) -> bool:
    try:
        socket.create_connection((node.address, PROBE_PORT), timeout=PROBE_SECONDS).close()
    except OSError:
        return False
    return True
