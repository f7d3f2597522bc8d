"""One simulated world: a fake Kubernetes, a fake engine, the real operator, and one service."""

import asyncio
from collections.abc import Callable
from random import Random
from random import seed as seed_jitter

import structlog

from moorage.core import names
from moorage.kube.client import Object
from moorage.operator.main import Settings
from moorage.operator.observe import OBJECT_KINDS
from tests.sim.clock import SimLoop, rfc3339, spawn
from tests.sim.cluster import Cluster
from tests.sim.controllers import is_leaving
from tests.sim.engine import ReplicaSet
from tests.sim.kube import Line
from tests.sim.member import Member
from tests.sim.operators import LEASE, Replica
from tests.sim.operators import NAMESPACE as OPERATOR_NAMESPACE
from tests.sim.promises import Promises
from tests.sim.server import ApiServer
from tests.sim.trace import Trace

NAMESPACE, NAME = "shop", "orders"
GREEN_SECONDS_MAX = 240.0
"""Once faults stop. The longest wait in it is a watch that tries again after its longest pause, and one that stays silent."""
WRITES_MAX = 250
REST_SECONDS = 70.0
"""Longer than the operator goes without looking at everything."""


class BrokenPromiseError(AssertionError):
    """With the last events; the seed is in the test's name."""


class World:
    """Everything of one run. The seed drives all that is left to chance."""

    def __init__(
        self, seed: int = 0, *, replicas: int = 1, nodes: int = 3, settings: Settings | None = None, has_local_disks: bool = False
    ) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SimLoop)
        random = Random(seed)  # noqa: S311 - a simulation, not a secret
        seed_jitter(seed)  # the operator's own pauses between its tries
        self.loop, self.random, self.trace = loop, random, Trace(loop.time)
        structlog.configure(processors=[self.trace.log])
        self.server = ApiServer(loop.time, lambda: rfc3339(loop.utc()))
        self.server.has_local_disks = has_local_disks
        self.replica_set = ReplicaSet(loop.time)
        self.operators: list[Replica] = []
        self.promises = Promises(self.server, self.replica_set, self.operators, self.trace, NAMESPACE, NAME, self.now)
        self.cluster = Cluster(self.server, self.replica_set, random, nodes)
        self.operators += [Replica(f"operator-{i}", self.server, loop, random, self.trace, settings) for i in range(replicas)]
        self._tasks = [spawn(self.cluster.run()), spawn(self.replica_set.beat())]

    def service(self) -> Object | None:
        return self.server.get("DataService", NAME, NAMESPACE)

    def leader(self) -> str:
        """The operator that holds the Lease."""
        lease = self.server.get("Lease", LEASE, OPERATOR_NAMESPACE)
        return "" if lease is None else str(lease["spec"]["holderIdentity"])

    def deploy(self, **spec: object) -> None:
        """A person declares the service."""
        meta = {"name": NAME, "namespace": NAMESPACE}
        self.server.create("person", {"kind": "DataService", "metadata": meta, "spec": {"engine": "mongodb", **spec}})

    def change(self, patch: Object) -> None:
        """A person changes the service."""
        if self.service() is not None:
            self.server.merge("person", "DataService", NAME, NAMESPACE, patch)

    def lines(self) -> list[Line]:
        """Every process' way to the API server."""
        return [o.line for o in self.operators] + [m.kube.line for m in self.cluster.members()]

    def member(self) -> Member | None:
        """Any one that runs now."""
        found = self.cluster.members()
        return self.random.choice(found) if found else None

    def data_members(self) -> tuple[str, ...]:
        """Pods of the members that hold data, as the replica set has it."""
        known = (f.configuration for f in self.replica_set.folders.values() if f.configuration is not None)
        newest = max(known, default=None)
        return () if newest is None else tuple(m for m in newest.members if m not in newest.arbiters)

    def why_not_done(self) -> str | None:
        """The reason why the service is not yet as its spec asks for, or None."""
        service = self.service()
        if service is None:
            return None
        meta, status = service["metadata"], service.get("status") or {}
        if any(o.kube.unheard_seconds(tuple(o.line.heard)) for o in self.operators if not o.line.is_dead):
            return "the operator has not heard of everything"
        if status.get("observedGeneration") != meta["generation"] or status.get("healthCluster") != "green":
            return f"{status.get('healthCluster')}: {status.get('healthMsg')}"
        if status.get("repair"):
            return f"{status['repair']}"
        requests = {
            names.ANNOTATION_PROMOTE,
            names.ANNOTATION_RESTART,
            names.ANNOTATION_REBUILD,
            names.ANNOTATION_DRILL,
            names.ANNOTATION_RECOVER,
        }
        asked = requests & (meta.get("annotations") or {}).keys()
        if asked:
            return f"asked for: {asked}"
        generation = names.generation_of(meta.get("annotations") or {})
        statefulset = self.server.get("StatefulSet", names.statefulset(NAME, generation), NAMESPACE)
        if statefulset is None:
            return "its StatefulSet is gone, and the status is of before"
        wanted = _runs(statefulset["spec"]["template"])
        pods = [p for p in self.pods(generation) if _runs(p) != wanted]
        return f"{len(pods)} Pods run something else" if pods else self.server.why_edited()

    def pods(self, generation: int) -> list[Object]:
        """Of the members of a generation."""
        return [p for p in self.server.list("Pod") if names.generation_named(NAME, p["metadata"]["name"]) == generation]

    def delete(self, on_delete: str) -> None:
        """A person deletes the service."""
        self.change({"spec": {"onDelete": on_delete}})
        self.server.delete("person", "DataService", NAME, NAMESPACE)

    def why_unfinished(self) -> str | None:
        """The reason why what a person asked for last is not done, or None."""
        service = self.service()
        return self.why_not_gone() if service is None or is_leaving(service) else self.why_not_done()

    def now(self) -> str:
        return rfc3339(self.loop.utc())

    def why_not_gone(self) -> str | None:
        """The reason why a deleted service is not yet gone with everything that does not stay, or None."""
        if self.service() is not None:
            return "the service is still there"
        left = [i for kind in (*OBJECT_KINDS, "Pod") for i in self.server.list(kind) if i["metadata"].get("ownerReferences")]
        return f"{left[0]['kind']}/{left[0]['metadata']['name']} is still there" if left else None

    def kept(self) -> tuple[int, Object | None]:
        """What stays of a deleted service: how many volumes, and the passwords."""
        claims = [c for c in self.server.list("PersistentVolumeClaim") if c["spec"].get("volumeName") and not is_leaving(c)]
        return len(claims), self.server.get("Secret", names.internal_secret(NAME), NAMESPACE)

    async def until(self, done: Callable[[], str | None], seconds_max: float = GREEN_SECONDS_MAX) -> None:
        """Goes on until the reason why not is gone."""
        deadline = self.loop.time() + seconds_max
        writes = self.promises.writes
        while (why := done()) is not None or self.trace.broken:
            if why is not None and self.loop.time() > deadline:
                self.trace.breaks(f"not done after {seconds_max:.0f} s: {why}")
            if self.promises.writes - writes > WRITES_MAX:
                self.trace.breaks(f"not done after {WRITES_MAX} writes: {why}")
            self.stop_when_broken()
            await asyncio.sleep(0.5)

    async def rest(self) -> None:
        """A service that is as asked for causes no writes at all."""
        await asyncio.sleep(2.0)
        before = self.promises.writes
        await asyncio.sleep(REST_SECONDS)
        if self.promises.writes != before:
            self.trace.breaks(f"an idle service caused {self.promises.writes - before} writes")
        self.stop_when_broken()

    def stop_when_broken(self) -> None:
        if self.loop.failures:
            raise self.loop.failures[0]
        if self.trace.broken:
            message = f"{self.trace.broken[0]}\n\nthe last events:\n{self.trace}"
            raise BrokenPromiseError(message)


def _runs(pod: Object) -> tuple[str | None, ...]:
    """What it was made from, and what its running engine was told."""
    return tuple(pod["metadata"]["annotations"].get(name) for name in (names.ANNOTATION_TEMPLATE, names.ANNOTATION_SETTINGS))
