"""What always holds (docs/invariants.md), looked at with every write. Reads the server, never the operator."""

from collections.abc import Callable

from moorage.api.dataservice import MEMBERS_MAX
from moorage.core import names
from moorage.core.readiness import silenced_at
from moorage.core.report import Role, from_json
from moorage.kube.client import Object
from tests.sim.controllers import is_leaving, is_ready
from tests.sim.engine import ReplicaSet
from tests.sim.operators import LEASE, NAMESPACE, Replica
from tests.sim.server import ApiServer, Write
from tests.sim.trace import Trace


def _marks(item: Object | None) -> dict[str, str]:
    return (item["metadata"].get("annotations") or {}) if item is not None else {}


def generation_of(address: Object | None) -> int:
    return 1 if address is None else names.generation_of(address["metadata"].get("annotations") or {})


CALLS_BEFORE_STEP, CALLS_BEFORE_STATUS = 6, 16
"""So many calls may lie between what a decision was made from and its write: a status is written after the step."""
NOTICED_SECONDS = 10.0
"""A node that loses its power says nothing of it: so long after it nobody can know."""
TOLD_SECONDS = 5.0
"""After that the members of the generation before have stopped."""
SEEN_KINDS = ("DataService", "Pod", "Node", "EndpointSlice")


class Promises:
    """Listens to the server. A broken promise is written into the trace, which then stands still."""

    def __init__(
        self,
        server: ApiServer,
        replica_set: ReplicaSet,
        replicas: list[Replica],
        trace: Trace,
        namespace: str,
        name: str,
        now: Callable[[], str],
    ) -> None:
        self._server, self._replica_set, self._replicas, self._trace = server, replica_set, replicas, trace
        self._namespace, self._name, self._now = namespace, name, now
        self._abnormal_since: dict[str, float] = {}
        """Pod → since when it does not serve, as far as the API server can tell."""
        self._led_since = 0.0
        self._replaced: dict[str, str] = {}
        """Pod that the operator deleted while it ran → its uid, until the one after it serves."""
        self._primary_until: dict[str, float] = {}
        """When a Pod of any generation was last seen as a primary, while a restore runs."""
        self._counted = set[str]()
        """Pods that the engine counted at any time."""
        self._passwords: Object | None = None
        self._switched_at: float | None = None
        self._acknowledged_before: dict[int, tuple[int, int]] = {}
        self.writes = 0
        """By the operator and the agents, leadership apart."""
        server.on_write.append(self.saw)

    def saw(self, write: Write) -> None:
        by_operator = next((r for r in self._replicas if r.name == write.who), None)
        if write.kind == "Lease":
            return
        if write.who.startswith(("agent", "operator")):
            self.writes += 1
        if write.kind != "Event":
            self._trace.add(write.who, str(write))
        self._counted.update(self._members())
        if self._restores():
            self._note_primaries()
        if by_operator is not None:
            self._of_operator(by_operator, write)
        if write.kind == "EndpointSlice":
            self._address_only_rises(write)
            self._address_leads_to_verified_data(write)
        self.look_at_writers()
        if write.kind == "Secret" and write.key[1] == names.internal_secret(self._name):
            self._passwords_stay(write)
        if write.kind in ("Pod", "Node"):
            self._look()
        if write.kind == "Pod" and write.after is None:
            self._abnormal_since.setdefault(write.key[1], self._server.seconds())
        for one in self._replica_set.every():
            if one.lost:
                self._trace.breaks(one.lost)

    def _of_operator(self, replica: Replica, write: Write) -> None:
        self._only_the_leader_writes(replica)
        if write.verb == "delete" and write.kind == "Pod":
            self._replacement(replica, write)
        if write.verb == "delete" and write.kind == "StatefulSet":
            self._nothing_that_ran_is_started_anew(write)
        if write.verb == "apply" and write.kind == "StatefulSet":
            self._nobody_is_taken_away_who_counts(write)
        is_its = names.generation_named(self._name, write.key[1]) is not None
        if write.verb == "delete" and write.kind == "PersistentVolumeClaim" and is_its:
            self._no_volume_is_deleted_unasked(write)
        if write.verb == "merge status" and (write.kind, write.key[1]) == ("DataService", self._name):
            self._green_means_heard(replica, write)
            self._status_says_something_new(replica, write)
        if write.kind in ("StatefulSet", "PersistentVolumeClaim"):  # Pods are replaced as a person asks, one at a time
            self._what_serves_is_left_alone(write)
        self._create_only(write)

    @staticmethod
    def _age_seconds_max(replica: Replica, calls: int = CALLS_BEFORE_STEP) -> float:
        """How old the facts of a decision may be when it is carried out."""
        return calls * replica.line.slowest_call_seconds + 0.05

    def _only_the_leader_writes(self, replica: Replica) -> None:
        """At most one operator acts."""
        lease = self._server.get("Lease", LEASE, NAMESPACE)
        holder = "" if lease is None else lease["spec"]["holderIdentity"]
        if holder != replica.name:
            self._trace.breaks(f"{replica.name} writes while '{holder}' leads")

    def _replacement(self, replica: Replica, write: Write) -> None:
        """No running Pod is replaced unless the service is green; one at a time; the primary last, after a hand-over."""
        assert write.before is not None
        pod, now = write.before, self._server.seconds()
        name = write.key[1]
        if is_leaving(pod) or not is_ready(pod) or self._is_deleting_service():
            return
        for other, uid in self._replaced.items():
            if not self._is_with(other, name) or (other != name and other not in self._counted):
                continue  # one that never joined is none that the others do without
            if self._is_kept(other) and (other != name or uid != pod["metadata"]["uid"]):
                self._trace.breaks(f"{name} is replaced while {other} is")
        for other, since in self._abnormal_since.items():
            if other != name and other in self._members(name) and now - since > self._age_seconds_max(replica):
                self._trace.breaks(f"{name} is replaced although {other} does not serve since {now - since:.1f} s")
        self._replaced[name] = pod["metadata"]["uid"]
        if self._leader() == name and now - self._led_since > self._age_seconds_max(replica) and self._heirs(name):
            self._trace.breaks(f"{name} is replaced although it is the primary and {self._heirs(name)} could take over")

    def _is_kept(self, pod: str) -> bool:
        """Whether its StatefulSet is to keep it: one that left for good after it was replaced is waited for by nobody."""
        stem, _, ordinal = pod.rpartition("-")
        found = self._server.get("StatefulSet", stem, self._namespace)
        return found is None or int(ordinal) < found["spec"]["replicas"]

    def _is_with(self, other: str, pod: str) -> bool:
        """Whether they are members of one generation."""
        return names.generation_named(self._name, other) == names.generation_named(self._name, pod)

    def _serves_now(self) -> int:
        """Generation that the address leads to."""
        return generation_of(self._server.get("EndpointSlice", self._name, self._namespace))

    def _set(self) -> ReplicaSet:
        """The engine behind the address."""
        return self._replica_set.of(names.pod(self._name, self._serves_now(), 0))

    def _members(self, pod: str = "") -> tuple[str, ...]:
        """Those that the engine counts: the one behind the address, or that of a Pod."""
        of = self._replica_set.of(pod) if pod else self._set()
        known = (f.configuration for f in of.folders.values() if f.configuration is not None)
        newest = max(known, default=None)
        return newest.members if newest is not None else ()

    def _nobody_is_taken_away_who_counts(self, write: Write) -> None:
        """A member leaves the engine's configuration before its Pod goes."""
        assert write.after is not None
        for ordinal in range(write.after["spec"]["replicas"], write.before["spec"]["replicas"] if write.before else 0):
            if (pod := f"{write.key[1]}-{ordinal}") in self._members():
                self._trace.breaks(f"{write}: {pod} goes, and the engine still counts it")

    def _heirs(self, primary: str) -> list[str]:
        running = self._set().running.values()
        return [m.pod for m in running if m.pod != primary and m.role is Role.SECONDARY and m.pod in self._members()]

    def _leader(self) -> str:
        slice_ = self._server.get("EndpointSlice", self._name, self._namespace)
        return "" if slice_ is None else (slice_["metadata"].get("annotations") or {}).get(names.ANNOTATION_HOLDER, "")

    def _nothing_that_ran_is_started_anew(self, write: Write) -> None:
        """The members of a service that holds data are not taken away."""
        is_serving = names.generation_named(self._name, write.key[1]) == self._serves_now()
        if not self._is_deleting_service() and is_serving and self._set().exists:
            self._trace.breaks(f"{write} although its members hold data")

    def _no_volume_is_deleted_unasked(self, write: Write) -> None:
        """A claim that has a volume goes only with a service whose `onDelete` is Delete, or when its volume is lost."""
        assert write.before is not None
        is_lost = (write.before.get("status") or {}).get("phase") == "Lost" or self._is_lost_with_its_node(write.before)
        if is_lost and not self._is_deleting_service():
            replica_set, volume = self._replica_set.of(write.key[1]), write.before["spec"]["volumeName"]
            pod, folder = write.key[1].removeprefix("data-"), replica_set.folders.get(volume)
            if (risk := replica_set.why_at_risk(pod, folder, is_useless=True)) is not None:
                self._trace.breaks(f"{write} {risk}")
            return
        service = self._server.get("DataService", self._name, self._namespace)
        asked = self._is_deleting_service() and service is not None and service["spec"].get("onDelete") == "Delete"
        if write.before["spec"].get("volumeName") and not asked and not self._may_be_discarded(write):
            self._trace.breaks(f"{write} although it has a volume")

    def _is_lost_with_its_node(self, claim: Object) -> bool:
        """It is tied to a node that was deleted, or declared out of service while it is silent."""
        volume = self._server.get("PersistentVolume", claim["spec"].get("volumeName") or "")
        if volume is None:
            return False
        (term,) = volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
        node = self._server.get("Node", term["matchExpressions"][0]["values"][0])
        return node is None or bool((node.get("spec") or {}).get("taints") and not is_ready(node))

    def _may_be_discarded(self, write: Write) -> bool:
        """A volume of a generation that never served, or that was kept for as long as was promised."""
        claim = write.key[1]
        generation = names.generation_named(self._name, claim)
        service = self._server.get("DataService", self._name, self._namespace)
        if generation is None or generation in (self._serves_now(), generation_of(service)):
            return False
        first = self._server.get("PersistentVolumeClaim", names.claim(self._name, generation, 0), self._namespace)
        first = write.before if claim == names.claim(self._name, generation, 0) else first
        until = _marks(write.before).get(names.ANNOTATION_KEPT_UNTIL)
        return names.ANNOTATION_RESTORE in _marks(first) or (until is not None and until <= self._now())

    def _what_serves_is_left_alone(self, write: Write) -> None:
        """While a restore runs, nothing of the generation that the address leads to is taken away or put aside."""
        generation = names.generation_named(self._name, write.key[1])
        if self._is_deleting_service() or generation != self._serves_now() or not self._restores():
            return
        is_gone = write.verb == "delete" or (write.after is not None and is_leaving(write.after))
        is_stopped = write.kind == "StatefulSet" and write.after is not None and not write.after["spec"]["replicas"]
        is_kept = write.verb == "merge" and names.ANNOTATION_KEPT_UNTIL in _marks(write.after) and write.changed
        if is_gone or is_stopped or is_kept:
            self._trace.breaks(f"{write} although generation {generation} serves and a restore runs")

    def _note_primaries(self) -> None:
        for pod in self._server.list("Pod"):
            name = pod["metadata"]["name"]
            running = self._replica_set.of(name).running.get(name)
            if running is not None and running.role is Role.PRIMARY:
                self._primary_until[name] = self._server.seconds()

    def _restores(self) -> bool:
        over = ("Succeeded", "Failed")
        return any((r.get("status") or {}).get("phase") not in over for r in self._server.list("DataRestore"))

    def _address_leads_to_verified_data(self, write: Write) -> None:
        """To another generation only when a restore filled and verified it, or when it served before; its holder is a primary."""
        before, after = generation_of(write.before), generation_of(write.after)
        if write.after is None or write.before is None or before == after or write.who == "person":
            return
        claim = self._server.get("PersistentVolumeClaim", names.claim(self._name, after, 0), self._namespace)
        if after != 1 and names.ANNOTATION_SEEDED not in _marks(claim):
            self._trace.breaks(f"{write}: generation {after} serves, and nothing verified its data")
        if names.ANNOTATION_RESTORE in _marks(claim):
            self._trace.breaks(f"{write}: generation {after} serves, and its volume may still be thrown away")
        holder = _marks(write.after)[names.ANNOTATION_HOLDER]
        running = self._replica_set.of(holder).running.get(holder)
        is_primary = running is not None and running.role is Role.PRIMARY
        was_primary = self._server.seconds() - self._primary_until.get(holder, -NOTICED_SECONDS) < NOTICED_SECONDS
        if not (is_primary or was_primary) or names.generation_named(self._name, holder) != after:
            self._trace.breaks(f"{write}: the address leads to {holder}, which is no primary of generation {after}")
        self._switched_at, self._acknowledged_before = self._server.seconds(), {}

    def look_at_writers(self) -> None:
        """At most one generation acknowledges writes once the address has moved and everybody was told."""
        if self._switched_at is None or self._server.seconds() - self._switched_at < TOLD_SECONDS:
            return
        for one in self._replica_set.every():
            number = names.generation_named(self._name, one.stem)
            if number is None:
                continue  # of another service
            known = self._acknowledged_before.setdefault(number, one.acknowledged)
            if number != self._serves_now() and one.acknowledged > known and not self._restores():
                self._trace.breaks(f"generation {number} acknowledges writes although {self._serves_now()} serves")

    def _green_means_heard(self, replica: Replica, write: Write) -> None:
        """A member that is not heard from is never green."""
        assert write.asked is not None
        status = write.asked["status"]
        colours, now = status.get("healthInstances", {}), self._server.seconds()
        age_seconds_max = self._age_seconds_max(replica, CALLS_BEFORE_STATUS)
        age_seconds_max += replica.kube.unheard_seconds(SEEN_KINDS, age_seconds_max)
        generation = generation_of(self._server.get("DataService", self._name, self._namespace))
        for member, colour in colours.items():
            ordinal = names.ordinal_of(member, data_members=2 if member == "arbiter" else MEMBERS_MAX)
            assert ordinal is not None
            since = self._abnormal_since.get(names.pod(self._name, generation, ordinal))
            if colour == "green" and since is not None and now - since > age_seconds_max:
                self._trace.breaks(f"{member} is called green although it does not serve since {now - since:.1f} s")

    def _status_says_something_new(self, replica: Replica, write: Write) -> None:
        """The status is written only when it differs."""
        assert write.after is not None
        since = self._server.seconds() - self._server.histories["DataService"][-1].at_seconds
        age_seconds_max = self._age_seconds_max(replica, CALLS_BEFORE_STATUS)
        if not write.changed and since > age_seconds_max + replica.kube.unheard_seconds(("DataService",), age_seconds_max):
            self._trace.breaks("a status was written that says nothing new")

    def _create_only(self, write: Write) -> None:
        """Passwords and the address's slice are made once and never overwritten."""
        is_internal = write.kind == "Secret" and write.key[1] in (
            names.internal_secret(self._name),
            names.authority_secret(self._name),
        )
        moves = write.verb == "replace" and generation_of(write.before) != generation_of(write.after)
        if write.kind == "EndpointSlice" and moves and generation_of(write.after) == generation_of(self._service()):
            return
        if write.kind == "EndpointSlice" and write.verb == "replace" and self._only_gives_members_up(write):
            return
        if (write.kind == "EndpointSlice" or is_internal) and write.verb != "create" and not self._is_deleting_service():
            self._trace.breaks(f"{write}: it may only be created")

    def _only_gives_members_up(self, write: Write) -> bool:
        """Or takes that back: where the address leads to stays. Nobody is given up unless a person asked for it."""
        before, after = (
            {k: v for k, v in _marks(s).items() if k != names.ANNOTATION_EXCLUDED} for s in (write.before, write.after)
        )
        is_given_up = names.excluded_in(_marks(write.after)) - names.excluded_in(_marks(write.before))
        if is_given_up and names.ANNOTATION_RECOVER not in _marks(self._service()):
            self._trace.breaks(f"{write}: {', '.join(is_given_up)} given up unasked")
        return before == after and write.before is not None and write.after is not None

    def _passwords_stay(self, write: Write) -> None:
        """Whoever deletes the Secret by hand: the same keyfile and passwords come back. They go with the volumes alone."""
        if write.after is not None:
            if self._passwords not in (None, write.after["data"]):
                self._trace.breaks(f"{write}: other passwords than before")
            self._passwords = write.after["data"]
        elif write.who != "person":
            self._passwords = None

    def _address_only_rises(self, write: Write) -> None:
        """A claim of an older term loses."""
        if write.after is None or write.who.startswith("person"):
            return
        term = int((write.after["metadata"].get("annotations") or {}).get(names.ANNOTATION_TERM) or 0)
        before = write.before
        held = int((before["metadata"].get("annotations") or {}).get(names.ANNOTATION_TERM) or 0) if before is not None else 0
        if generation_of(write.after) != generation_of(before):
            held = -1  # another engine, with terms of its own
        if term < held:
            self._trace.breaks(f"the address went from term {held} back to {term}")
        if term != held:
            self._led_since = self._server.seconds()

    def _look(self) -> None:
        """Notes since when each member does not serve, as far as the API server can tell."""
        nodes = {n["metadata"]["name"]: is_ready(n) for n in self._server.list("Node")}
        for pod in self._server.list("Pod"):
            name = pod["metadata"]["name"]
            if self._serves(pod, nodes):
                self._abnormal_since.pop(name, None)
                if pod["metadata"]["uid"] != self._replaced.get(name):
                    self._replaced.pop(name, None)
            else:
                self._abnormal_since.setdefault(name, self._server.seconds())

    def _serves(self, pod: Object, nodes: dict[str, bool]) -> bool:
        text = (pod["metadata"].get("annotations") or {}).get(names.ANNOTATION_REPORT)
        if not text or is_leaving(pod) or not self._runs(pod) or not nodes.get(pod["spec"].get("nodeName", ""), False):
            return False
        return from_json(text).role in (Role.PRIMARY, Role.SECONDARY, Role.ARBITER)

    def _runs(self, pod: Object) -> bool:
        """By the kubelet's word; or in truth, when a Pod is called not ready by the word of its node and the kubelet is late."""
        name = pod["metadata"]["name"]
        is_late = bool(silenced_at((pod.get("status") or {}).get("conditions") or ()))
        return is_ready(pod) or (is_late and name in self._replica_set.of(name).running)

    def _service(self) -> Object | None:
        return self._server.get("DataService", self._name, self._namespace)

    def _is_deleting_service(self) -> bool:
        service = self._server.get("DataService", self._name, self._namespace)
        return service is None or is_leaving(service)
