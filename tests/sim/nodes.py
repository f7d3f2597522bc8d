"""A node and its kubelet: containers start, get ready, stop in order, and die with their node."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from moorage.core import names
from moorage.kube.client import Object
from tests.sim.clock import spawn
from tests.sim.controllers import WHO, is_leaving, is_ready
from tests.sim.engine import Folder, ReplicaSet
from tests.sim.kube import Line, SimKube
from tests.sim.member import Member, pod_ip
from tests.sim.server import ApiServer

START_SECONDS = 1.0
PROBE_SECONDS = 1.0
BLIND_SECONDS = 45.0
"""For so long a real kubelet's watch may pause after it could not reach the API server; its own news go out at once."""
BAD_IMAGE = "mongo:nosuch"


@dataclass
class Container:
    """What runs in a Pod."""

    since: float
    """When it began to start, then when it began to run."""
    member: Member | None = None
    """None while it starts."""
    is_stopping: bool = False
    is_posted: bool = False
    """Its kubelet has said that it is ready, and says so again only when it hears that somebody else says otherwise."""


class Node:
    """A machine. Its kubelet looks at its Pods after each change; `look_again` asks for one more look."""

    def __init__(
        self, name: str, server: ApiServer, replica_set: ReplicaSet, random: Random, look_again: Callable[[float], None]
    ) -> None:
        self.name, self._server, self._replica_set, self._random = name, server, replica_set, random
        self._look_again = look_again
        self.is_up = self.is_reachable = True
        self._blind_until = 0.0
        """When its kubelet hears again what others say of its Pods."""
        self.containers: dict[str, Container] = {}
        """By the Pod's uid."""

    @property
    def is_heard(self) -> bool:
        return self.is_up and self.is_reachable

    @property
    def members(self) -> list[Member]:
        return [c.member for c in self.containers.values() if c.member is not None]

    def group(self) -> int:
        """Members of different groups cannot reach each other: the nodes that are cut off are alone."""
        return 0 if self.is_reachable else 1 + int(self.name.removeprefix("n"))

    def lose(self) -> None:
        """The power is gone: nothing on it runs any more, and nobody is told."""
        self.is_up = False
        for member in self.members:
            member.kill()
        self.containers.clear()

    def cut(self, *, is_cut: bool) -> None:
        """No packet passes, but what runs there goes on."""
        self.is_reachable = not is_cut
        self._blind_until = 0.0 if is_cut else self._server.seconds() + BLIND_SECONDS
        for member in self.members:
            member.kube.line.is_cut = is_cut
            if mongod := self._replica_set.of(member.name).running.get(member.name):
                mongod.group = self.group()

    def pods(self) -> list[Object]:
        return [pod for pod in self._server.list("Pod") if pod["spec"].get("nodeName") == self.name]

    def look(self, volumes: Callable[[Object], Folder]) -> None:
        """One round of the kubelet."""
        pods = {pod["metadata"]["uid"]: pod for pod in self.pods()}
        for uid in [uid for uid in self.containers if uid not in pods]:
            if (member := self.containers.pop(uid).member) is not None:
                member.kill()  # the Pod was taken away by force
        for uid, pod in pods.items():
            container = self.containers.get(uid)
            if is_leaving(pod):
                self._stop(uid, pod, container)
            elif container is None:
                self._start(uid, pod)
            elif not container.is_stopping:
                self._go_on(pod, container, volumes)

    def restart(self, member: Member) -> None:
        """The container ends, as it does when the agent dies, and the kubelet starts it again in the same Pod."""
        member.kill()
        uid = next(uid for uid, container in self.containers.items() if container.member is member)
        self.containers[uid] = Container(self._server.seconds())
        self._set_ready(next(pod for pod in self.pods() if pod["metadata"]["uid"] == uid), is_ready=False)
        self._look_again(START_SECONDS)

    def _start(self, uid: str, pod: Object) -> None:
        (container,) = pod["spec"]["containers"]
        if container["image"] == BAD_IMAGE:
            waiting = {"reason": "ErrImagePull", "message": "not found"}
            status = {"containerStatuses": [{"name": "member", "image": BAD_IMAGE, "state": {"waiting": waiting}}]}
            self._set(pod, status)
            return
        if not self._can_mount(pod):
            self._look_again(START_SECONDS)
            return
        self.containers[uid] = Container(self._server.seconds())
        self._look_again(START_SECONDS)

    def _can_mount(self, pod: Object) -> bool:
        """A container does not start before every Secret that it mounts exists."""
        mounted = [volume["secret"]["secretName"] for volume in pod["spec"].get("volumes", []) if "secret" in volume]
        return all(self._server.get("Secret", name, pod["metadata"]["namespace"]) is not None for name in mounted)

    def _go_on(self, pod: Object, container: Container, volumes: Callable[[Object], Folder]) -> None:
        age_seconds = self._server.seconds() - container.since
        if container.member is None and age_seconds >= START_SECONDS:
            line = Line(self._random)
            kube = SimKube(self._server, line, f"agent {pod['metadata']['name']}")
            container.member = Member(kube, pod, self._replica_set.of(pod["metadata"]["name"]), volumes(pod), self.group)
            container.since = self._server.seconds()
            of = pod["metadata"]["labels"][names.LABEL_INSTANCE]
            found = [a for a in self._server.list("EndpointSlice") if a["metadata"]["name"] == of]
            container.member.start(next(iter(found), None) if not self._server.is_gone else None)
            for address in self._server.list("EndpointSlice"):
                container.member.saw(address)
            self._look_again(PROBE_SECONDS)
        elif container.member is not None and age_seconds >= PROBE_SECONDS and not is_ready(pod):
            if container.is_posted and self._server.seconds() < self._blind_until:
                self._look_again(self._blind_until - self._server.seconds())
            else:
                self._set_ready(pod, is_ready=True)
                container.is_posted = True

    def _stop(self, uid: str, pod: Object, container: Container | None) -> None:
        if container is None or container.member is None:
            self.containers.pop(uid, None)
            self._server.remove(WHO, pod)
        elif not container.is_stopping:
            container.is_stopping = True
            stopping = spawn(container.member.stop())
            stopping.add_done_callback(lambda _: self._stopped(container))

    def _stopped(self, container: Container) -> None:
        container.member = None
        self._look_again(0.0)

    def _set_ready(self, pod: Object, *, is_ready: bool) -> None:
        now = self._server.now()
        conditions = [{"type": kind, "status": str(is_ready), "lastTransitionTime": now} for kind in ("ContainersReady", "Ready")]
        (container,) = pod["spec"]["containers"]
        running = {"name": container["name"], "image": container["image"], "state": {"running": {"startedAt": now}}}
        status = {"conditions": conditions, "containerStatuses": [running]}
        self._set(pod, status | {"podIP": pod_ip(pod["metadata"]["name"])})

    def _set(self, pod: Object, status: Object) -> None:
        meta = pod["metadata"]
        self._server.merge(WHO, "Pod", meta["name"], meta["namespace"], {"status": status}, status=True)
