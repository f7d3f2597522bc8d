"""The operator's orders as the fake engine carries them out, with what MongoDB refuses."""

from dataclasses import replace

from moorage.core.beginning import INITIATE
from moorage.core.promotion import HAND_OVER
from moorage.core.recovery import RECOVER
from moorage.core.report import Role
from moorage.core.resize import ADD_MEMBER, REMOVE_MEMBER
from moorage.core.rollout import FINISH_UPGRADE
from moorage.engines.member import OrderRefusedError
from moorage.kube.client import Object
from tests.sim.configuration import Configuration
from tests.sim.engine import Mongod, ReplicaSet


def carry_out(replica_set: ReplicaSet, pod: str, action: str, body: Object) -> None:
    """Raises ConnectionError when the engine refuses: the agent then tries again. An order that is out of date does nothing."""
    mongod = replica_set.running.get(pod)
    if mongod is None:
        raise ConnectionError("the engine was not reached yet")
    if action == INITIATE:
        _initiate(replica_set, mongod, body)
    elif action == HAND_OVER:
        _hand_over(replica_set, mongod, body)
    elif action == RECOVER:
        _keep_alone(replica_set, mongod, body)
    elif action == FINISH_UPGRADE:
        _finish_upgrade(replica_set, mongod, body)
    else:
        _reconfigure(replica_set, mongod, action, body)


def _initiate(replica_set: ReplicaSet, first: Mongod, body: Object) -> None:
    """`replSetInitiate`; done already is fine."""
    if first.folder.configuration is not None:
        return
    members = {m["host"].partition(".")[0]: bool(m.get("arbiterOnly")) for m in body["members"]}
    reached = {m.pod for m in replica_set.running.values() if m.group == first.group}
    if missing := members.keys() - reached:
        raise ConnectionError(f"replSetInitiate: {', '.join(sorted(missing))} cannot be reached")
    if replica_set.exists:
        replica_set.lost = "a replica set was made although a volume belongs to one"
    arbiters = frozenset(member for member, is_arbiter in members.items() if is_arbiter)
    first.folder.configuration = Configuration(0, 1, tuple(members), arbiters)
    first.role = Role.SECONDARY
    replica_set.compatibility = _release(first.version)
    replica_set.elect(first)


def _keep_alone(replica_set: ReplicaSet, kept: Mongod, body: Object) -> None:
    """By force, and against what the real agent looks at in the last moment. Whoever still runs then may elect without it."""
    before = kept.configuration
    if before.members == (kept.pod,):
        return
    peers = replica_set.peers(kept)
    if before.mark != body["configuration"] or kept.role is not Role.SECONDARY:
        raise OrderRefusedError("it is another one by now")
    if before.is_majority(len(peers) + 1) or any(peer.role is Role.PRIMARY for peer in peers):
        raise OrderRefusedError("the others elect among themselves")
    if running := [m.pod for m in replica_set.running.values() if m is not kept]:
        replica_set.lost = f"{kept.pod} was forced to go on alone while {', '.join(running)} ran"
    replica_set.forced.append(kept.pod)
    replica_set.acknowledged = kept.folder.newest  # what a person gave up is no promise any more
    kept.folder.configuration = replace(before, version=before.version + 1000, members=(kept.pod,))
    kept.changed()


def _hand_over(replica_set: ReplicaSet, primary: Mongod, body: Object) -> None:
    if primary.folder.term != body["term"]:
        return
    heir = replica_set.running.get(body["to"])
    if heir is None or heir.role is not Role.SECONDARY or not replica_set.elect(heir):
        raise ConnectionError(f"{body['to']} was not elected")


def _finish_upgrade(replica_set: ReplicaSet, primary: Mongod, body: Object) -> None:
    """From now on an older engine cannot open the data any more."""
    if primary.folder.term != body["term"]:
        return
    running = [m for m in replica_set.running.values() if m.pod in primary.configuration.members]
    if len(running) < len(primary.configuration.members) or any(_release(m.version) < body["version"] for m in running):
        replica_set.lost = f"the data was made unusable for older engines although not every member runs {body['version']}"
    replica_set.compatibility = max(replica_set.compatibility, body["version"])


def _reconfigure(replica_set: ReplicaSet, primary: Mongod, action: str, body: Object) -> None:
    """By the primary alone, for the configuration that it has, and carried by a majority of the old and of the new one."""
    if primary.folder.configuration is None or primary.configuration.mark != body["configuration"]:
        return
    if primary.role is not Role.PRIMARY:
        raise ConnectionError("replSetReconfig: it is not the primary")
    member = body["member"]
    change = {ADD_MEMBER: primary.configuration.with_member, REMOVE_MEMBER: primary.configuration.without}[action]
    fresh = change(member)
    if primary.pod not in fresh.members:
        raise ConnectionError("replSetReconfig: the primary cannot take itself out")
    _refuse_arbiters(primary.configuration, fresh, action)
    heard = {p.pod for p in replica_set.peers(primary)} | {primary.pod}
    known = {p.pod for p in replica_set.peers(primary) if p.configuration >= primary.configuration} | {primary.pod}
    if not primary.configuration.is_majority(len(known & set(primary.configuration.voters))):
        raise ConnectionError("replSetReconfig: the configuration before is not committed yet")
    for configuration in (primary.configuration, fresh):
        if not configuration.is_majority(len(heard & set(configuration.voters))):
            raise ConnectionError("replSetReconfig: no majority carries it")
    primary.folder.configuration = fresh
    primary.changed()


def _refuse_arbiters(before: Configuration, fresh: Configuration, action: str) -> None:
    """As MongoDB 6 does: its answers were tried."""
    if action == REMOVE_MEMBER and before.arbiters and not fresh.arbiters:
        raise ConnectionError("replSetReconfig: it would change the implicit default write concern")
    if fresh.arbiters and len(before.data_members) == 1 and len(fresh.data_members) > 1:
        raise ConnectionError("replSetReconfig: the new config has a PSA topology and the secondary is electable")


def _release(version: str) -> str:
    """`6.0` of `6.0.5`."""
    return ".".join(version.split(".")[:2])
