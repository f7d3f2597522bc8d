"""Kubernetes without its API server: controllers and nodes. A round follows each change, as their watches would bring it."""

import asyncio
from random import Random

from moorage.api.quantity import to_bytes
from moorage.core.stand_in import OUT_OF_SERVICE
from moorage.kube.client import Object
from tests.sim import controllers
from tests.sim.controllers import WHO, is_leaving, is_ready
from tests.sim.engine import Folder, ReplicaSet
from tests.sim.member import Member
from tests.sim.nodes import Node
from tests.sim.server import ApiServer, Write
from tests.sim.workers import Workers

ROUND_SECONDS = 0.05
SILENT_SECONDS_MAX = 15.0
"""A node that is not heard from for this long is called not ready."""
EVICTION_SECONDS = 20.0
"""The Pods of a node that is not ready for this long are deleted; nobody takes them away before the node is back."""


class Cluster:
    """Three nodes or more, their Pods and volumes."""

    def __init__(self, server: ApiServer, replica_set: ReplicaSet, random: Random, count: int) -> None:
        self._server, self._replica_set = server, replica_set
        self._dirty = asyncio.Event()
        self.collects = True
        """Whether the garbage collector works; a real one may stand still after an outage of the API server."""
        self._silent_since: dict[str, float] = {}
        self.nodes = [Node(f"n{i}", server, replica_set, random, self.look_again) for i in range(count)]
        self.workers = Workers(server, replica_set, self.look_again)
        server.on_write.append(self._saw)
        for node in self.nodes:
            self.register(node)
        for number, name in enumerate(controllers.STORAGE_CLASSES):
            marks = {"storageclass.kubernetes.io/is-default-class": str(number == 0).lower()}
            meta = {"name": name, "annotations": marks}
            grows = {"allowVolumeExpansion": True}
            server.create(WHO, {"kind": "StorageClass", "metadata": meta, "provisioner": "sim.hostpath", **grows})

    def members(self) -> list[Member]:
        """All containers that run now."""
        return [member for node in self.nodes for member in node.members]

    def look_again(self, seconds: float = 0.0) -> None:
        asyncio.get_running_loop().call_later(seconds, self._dirty.set)

    async def run(self) -> None:
        while True:
            await self._dirty.wait()
            await asyncio.sleep(ROUND_SECONDS)
            self._dirty.clear()
            controllers.step(self._server, collects=self.collects)
            self._grow_file_systems()
            self.workers.look()
            for node in self.nodes:
                self._watch_over(node)
                if node.is_heard:
                    node.look(self._volume_of)
            self._collect_pods()

    def list_again(self) -> None:
        """What the agents' watches do after a gap."""
        for member in self.members():
            for item in self._server.list("Pod") + self._server.list("EndpointSlice"):
                if item["kind"] == "EndpointSlice" or item["metadata"]["name"] == member.name:
                    member.saw(item)

    def _grow_file_systems(self) -> None:
        """What a node does once a volume is larger. The agents look at their volumes from time to time."""
        for claim in self._server.list("PersistentVolumeClaim"):
            folder = self._replica_set.of(claim["metadata"]["name"]).folders.get(claim["spec"].get("volumeName", ""))
            size = ((claim.get("status") or {}).get("capacity") or {}).get("storage")
            if folder is not None and size:
                folder.size_mib = to_bytes(size) // 2**20

    def _volume_of(self, pod: Object) -> Folder:
        meta = pod["metadata"]
        claim = self._server.get("PersistentVolumeClaim", f"data-{meta['name']}", meta["namespace"])
        assert claim is not None, "a Pod that was placed has its claim"
        return self._replica_set.of(claim["metadata"]["name"]).folders.setdefault(claim["spec"]["volumeName"], Folder())

    def _saw(self, write: Write) -> None:
        if not write.changed or write.kind in ("Event", "Lease"):
            return
        self._dirty.set()
        if write.kind == "PersistentVolumeClaim" and write.after is None and write.before is not None:
            self._replica_set.of(write.key[1]).forget(write.before["spec"].get("volumeName", ""))
        if write.after is not None and write.kind in ("Pod", "EndpointSlice") and not self._server.is_gone:
            for member in self.members():
                if write.kind == "EndpointSlice" or write.key[1] == member.name:
                    member.saw(write.after)

    def register(self, node: Node) -> None:
        """What a kubelet does when it starts."""
        if self._server.get("Node", node.name) is None:
            self._server.create(WHO, {"kind": "Node", "metadata": {"name": node.name}, "status": _conditions("True")})
        self._dirty.set()

    def delete_node(self, node: Node) -> None:
        """A person, or the cloud, knows that the machine is gone for good."""
        self._server.delete("person", "Node", node.name, "")
        self._dirty.set()

    def declare_gone(self, node: Node) -> None:
        """`kubectl taint nodes NAME node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`."""
        taint = {"key": OUT_OF_SERVICE, "value": "nodeshutdown", "effect": "NoExecute"}
        self._server.merge("person", "Node", node.name, "", {"spec": {"taints": [taint]}})

    def _collect_pods(self) -> None:
        """The garbage collector: the Pods of a node that is gone are taken away by force, as nothing runs there any more."""
        for pod in self._server.list("Pod"):
            name = pod["spec"].get("nodeName")
            node = self._server.get("Node", name) if name else None
            is_declared = node is not None and bool((node.get("spec") or {}).get("taints")) and not is_ready(node)
            if name and (node is None or is_declared):
                self._server.remove(WHO, pod)

    def _watch_over(self, node: Node) -> None:
        """The node controller: after a while a silent node is not ready, and later its Pods are deleted."""
        now, found = self._server.seconds(), self._server.get("Node", node.name)
        if found is None:
            return
        if node.is_heard:
            self._silent_since.pop(node.name, None)
            if not is_ready(found):
                self._server.merge(WHO, "Node", node.name, "", {"status": _conditions("True")}, status=True)
            return
        if node.name not in self._silent_since:
            self._silent_since[node.name] = now
            self.look_again(SILENT_SECONDS_MAX)
            self.look_again(SILENT_SECONDS_MAX + EVICTION_SECONDS)
        silent_seconds = now - self._silent_since[node.name]
        if silent_seconds < SILENT_SECONDS_MAX:
            return
        if is_ready(found):
            silent = _conditions("Unknown", self._server.now())
            self._server.merge(WHO, "Node", node.name, "", {"status": silent}, status=True)
        for pod in node.pods():
            name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
            if is_ready(pod):
                self._server.merge(WHO, "Pod", name, namespace, {"status": _silenced(pod, self._server.now())}, status=True)
            if silent_seconds >= SILENT_SECONDS_MAX + EVICTION_SECONDS and not is_leaving(pod):
                self._server.delete(WHO, "Pod", name, namespace)


def _silenced(pod: Object, now: str) -> Object:
    """The kubelet's own word of the containers stays."""
    others = [c for c in (pod.get("status") or {}).get("conditions") or [] if c["type"] != "Ready"]
    return {"conditions": [*others, {"type": "Ready", "status": "False", "lastTransitionTime": now}]}


def _conditions(ready: str, since: str = "") -> Object:
    return {"conditions": [{"type": "Ready", "status": ready} | ({"lastTransitionTime": since} if since else {})]}
