"""What can go wrong and what people do meanwhile. Each begins at once; what it returns puts an end to it."""

import json
from collections.abc import Callable
from datetime import timedelta

from moorage.api.dataservice import MEMBERS_MAX
from moorage.api.drill_kinds import DrillKind
from moorage.core import names
from moorage.core.recovery import wish
from moorage.core.report import from_json
from moorage.kube.client import Object
from tests.sim.clock import rfc3339
from tests.sim.kube import Line
from tests.sim.nodes import BAD_IMAGE
from tests.sim.world import NAME, NAMESPACE, World

End = Callable[[], None] | None
Happening = Callable[[World], End]
CALLS_BETWEEN_DEATHS_MAX = 30
FULL_SHARE, DRILLED_SHARE = 0.3, 0.8
BY_HAND = ("Service", "Secret", "ServiceAccount", "Role", "RoleBinding", "EndpointSlice", "PodDisruptionBudget", "StatefulSet")


def _healing(lines: list[Line]) -> Callable[[], None]:
    def heal() -> None:
        for line in lines:
            line.heal()

    return heal


def operator_killed(world: World) -> End:
    """Between any two API calls; often between a write and its answer."""
    replica = world.random.choice(world.operators)
    number = replica.line.calls + world.random.randint(1, CALLS_BETWEEN_DEATHS_MAX)
    replica.kill_at_call(number, world.random.uniform(0.5, 20.0))
    return None


def api_server_gone(world: World) -> End:
    world.server.is_gone = True
    _break_watches(world)

    def back() -> None:
        world.server.is_gone = False
        world.cluster.list_again()

    return back


def operator_cut_off(world: World) -> End:
    line = world.random.choice(world.operators).line
    line.is_cut = True
    _break_watches(world)
    return line.heal


def calls_fail(world: World) -> End:
    """Some are refused, some are done and the answer is lost."""
    lines = world.lines()
    for line in lines:
        line.refused_share, line.unanswered_share = 0.2, 0.2
    return _healing(lines)


def calls_are_slow(world: World) -> End:
    lines = world.lines()
    for line in lines:
        line.slow_seconds_max = 0.9
    return _healing(lines)


def answers_come_late(world: World) -> End:
    """Later than a leader may lead without a renewal."""
    line = world.random.choice(world.operators).line
    line.answer_seconds_max = 12.0
    return line.heal


def watches_tell_late(world: World) -> End:
    line = world.random.choice(world.operators).line
    kinds = world.random.sample(("DataService", "Pod", "Node", "EndpointSlice", "StatefulSet", "Secret"), 2)
    line.late_seconds = {kind: world.random.uniform(1.0, 15.0) for kind in kinds}
    return line.heal


def watches_have_a_gap(world: World) -> End:
    """What happens until they list again is never told to them (410)."""
    for line in world.lines():
        line.gaps += 1
    world.server.compact()
    _break_watches(world)
    return None


def _break_watches(world: World) -> None:
    for kind in list(world.server.histories):
        world.server.poke(kind)


def pod_deleted(world: World) -> End:
    member = world.member()
    if member is not None and world.server.get("Pod", member.name, NAMESPACE) is not None:
        world.server.delete("person", "Pod", member.name, NAMESPACE)
    return None


def pod_deleted_by_force(world: World) -> End:
    member = world.member()
    pod = None if member is None else world.server.get("Pod", member.name, NAMESPACE)
    if pod is not None and member is not None and not member.kube.line.is_cut:
        world.server.remove("person", pod)
    return None


def node_lost(world: World) -> End:
    node = world.random.choice(world.cluster.nodes)
    node.lose()
    world.cluster.look_again()

    def back() -> None:
        node.is_up = True
        world.cluster.look_again()

    return back


def node_gone(world: World) -> End:
    """Its machine is lost and somebody says so; later another machine of that name comes."""
    node = world.random.choice(world.cluster.nodes)
    if world.server.get("Node", node.name) is None:
        return None
    node.lose()
    world.cluster.delete_node(node)

    def comes() -> None:
        node.is_up = True
        world.cluster.register(node)

    return comes


def node_cut_off(world: World) -> End:
    node = world.random.choice(world.cluster.nodes)
    node.cut(is_cut=True)
    world.cluster.look_again()

    def back() -> None:
        node.cut(is_cut=False)
        world.cluster.list_again()
        world.cluster.look_again()

    return back


def engine_crashes(world: World) -> End:
    member = world.member()
    if member is not None:
        world.trace.add("fault", f"the engine of {member.name} is killed")
        member.crash(world.random.choice((1.0, 1.0, 5.0, 30.0)))
    return None


def agent_dies(world: World) -> End:
    nodes = [node for node in world.cluster.nodes if node.is_heard and node.members]
    if nodes:
        node = world.random.choice(nodes)
        node.restart(world.random.choice(node.members))
    return None


def object_deleted_by_hand(world: World) -> End:
    """Any one of a service; the two Secrets that hold each other's copy not at once."""
    kind = world.random.choice(BY_HAND)
    secrets = {i["metadata"]["name"] for i in world.server.list("Secret")}
    spared = KEPT if kind == "Secret" and not secrets >= KEPT else frozenset()
    found = [name for i in world.server.list(kind) if (name := i["metadata"]["name"]) not in spared]
    if found:
        world.server.delete("person", kind, world.random.choice(found), NAMESPACE)
    return None


KEPT = frozenset({names.internal_secret(NAME), names.authority_secret(NAME)})
NEXT_VERSION = {"6.0": "7.0", "7.0": "8.0"}
EDITS: dict[str, Object] = {
    "Service": {"spec": {"ports": [{"name": "engine", "port": 1, "targetPort": 1, "protocol": "TCP"}]}},
    "Role": {"rules": []},
    "PodDisruptionBudget": {"spec": {"maxUnavailable": 3}},
    "StatefulSet": {"spec": {"replicas": 9}},
    "Secret": {"data": {"password": "d3Jvbmc="}},
}


def object_edited_by_hand(world: World) -> End:
    kind = world.random.choice(list(EDITS))
    found = [i for i in world.server.list(kind) if i["metadata"]["name"] not in {*KEPT, names.WORKER}]
    if found:
        world.server.merge("person", kind, world.random.choice(found)["metadata"]["name"], NAMESPACE, EDITS[kind])
    return None


def rebuild(world: World) -> End:
    """Not every volume has room for a second copy."""
    who = world.random.choice(("datanode0", "datanode1", "datanode2", "arbiter", "nobody"))
    if (member := world.member()) is not None and world.random.random() < FULL_SHARE:
        world.trace.add("fault", f"the volume of {member.name} has no room for a second copy")
        member.fill()
    world.change({"metadata": {"annotations": {names.ANNOTATION_REBUILD: f"{who}@{rfc3339(world.loop.utc())}"}}})
    return None


def drill(world: World) -> End:
    """A person wants to see what happens, of a service that may be drilled or not."""
    kind = world.random.choice([kind for kind in DrillKind if kind is not DrillKind.POD_DELETE])
    if world.random.random() < DRILLED_SHARE:
        world.change({"spec": {"drills": {"allowed": True}}})
    when = world.loop.utc().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    world.change({"metadata": {"annotations": {names.ANNOTATION_DRILL: f"{kind}@{when}"}}})
    return None


def recover(world: World) -> End:
    """Asked for while the majority may be well, or a member may run unseen; also for a configuration of before."""
    if (member := world.member()) is not None:
        keep(world, int(member.name.rpartition("-")[2]), world.random.choice((None, None, "1:1")))
    return None


def keep(world: World, ordinal: int, mark: str | None = None) -> None:
    """As `moorage recover` asks for it. `mark`: of another configuration than the member says."""
    pods = [p for p in world.server.list("Pod") if p["metadata"]["name"].endswith(f"-{ordinal}")]
    texts = [(p["metadata"].get("annotations") or {}).get(names.ANNOTATION_REPORT) for p in pods]
    known = next((from_json(text).configuration for text in texts if text), "")
    who = names.member_name(ordinal, data_members=MEMBERS_MAX)
    text = wish(who, mark or known, rfc3339(world.loop.utc()))
    world.change({"metadata": {"annotations": {names.ANNOTATION_RECOVER: text}}})


def maintenance(world: World) -> End:
    """It ends by itself, or it never was one."""
    until = rfc3339(world.loop.utc() + timedelta(seconds=world.random.uniform(1.0, 40.0)))
    text = world.random.choice((json.dumps({"until": until, "reason": "a switch is replaced"}), "for ever"))
    world.change({"metadata": {"annotations": {names.ANNOTATION_MAINTENANCE: text}}})
    return lambda: world.change({"metadata": {"annotations": {names.ANNOTATION_MAINTENANCE: None}}})


def status_wiped(world: World) -> End:
    """As a restored backup of the cluster's objects would do."""
    if world.service() is not None:
        world.server.merge("person", "DataService", NAME, NAMESPACE, {"status": None}, status=True)
    return None


def another_image(world: World) -> End:
    world.change({"spec": {"image": f"mongo:{version_of(world)}.{world.random.randint(6, 9)}"}})
    return None


def an_image_that_is_not_there(world: World) -> End:
    world.change({"spec": {"image": BAD_IMAGE}})
    return lambda: world.change({"spec": {"image": None}})


LIVE = "setParameter.cursorTimeoutMillis"


def another_parameter(world: World) -> End:
    """One that needs a restart, or one that running members are told."""
    name, value = world.random.choice(("net.maxIncomingConnections", LIVE)), str(world.random.randint(1000, 9999))
    world.change({"spec": {"parameters": {name: value}}})
    return None


def a_parameter_that_is_refused(world: World) -> End:
    world.change({"spec": {"parameters": {"nosuch": "1"}}})
    return lambda: world.change({"spec": {"parameters": None}})


def larger_volumes(world: World) -> End:
    world.change({"spec": {"storage": {"size": f"{world.random.randint(11, 20)}Gi"}}})
    return None


def restart(world: World) -> End:
    who = world.random.choice(("all", "datanode0", "datanode1", "datanode2"))
    world.change({"metadata": {"annotations": {names.ANNOTATION_RESTART: f"{who}@{rfc3339(world.loop.utc())}"}}})
    return None


def promote(world: World) -> End:
    who = world.random.choice(("datanode0", "datanode1", "datanode2", "arbiter", "nobody"))
    world.change({"metadata": {"annotations": {names.ANNOTATION_PROMOTE: f"{who}@{rfc3339(world.loop.utc())}"}}})
    return None


def version_of(world: World) -> str:
    """That the service asks for."""
    return str((world.service() or {"spec": {}})["spec"].get("version", "6.0"))


def other_size(world: World) -> End:
    """More members, or fewer; only where every one of them has a node."""
    if len(world.cluster.nodes) >= 5 and not (world.service() or {"spec": {}})["spec"].get("arbiter"):
        world.change({"spec": {"members": world.random.choice((1, 3, 5))}})
    return None


def next_version(world: World) -> End:
    before = version_of(world)
    if world.replica_set.compatibility == before and before in NEXT_VERSION:
        world.change({"spec": {"version": NEXT_VERSION[before], "image": None}})
    return None
