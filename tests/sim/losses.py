"""What a member can lose: its volume, its data, its place in the oplog, room. Two losses of data at once are one too many."""

from tests.sim.faults import End
from tests.sim.member import Member
from tests.sim.world import NAMESPACE, World

LOST = {"status": {"phase": "Lost"}}


def _are_all_well(world: World) -> bool:
    """Two losses are one too many, and so is one while a member has no vote yet. The status may be old."""
    known = (f.configuration for f in world.replica_set.folders.values() if f.configuration is not None)
    newest = max(known, default=None)
    have_votes = newest is not None and not newest.copying
    return have_votes and len(world.replica_set.running) >= 3 and world.why_not_done() is None


def volume_lost(world: World) -> End:
    """One member's data is gone for good."""
    member = world.member()
    if member is None or not _are_all_well(world):
        return None
    world.server.delete("person", "PersistentVolumeClaim", f"data-{member.name}", NAMESPACE)
    world.server.delete("person", "Pod", member.name, NAMESPACE)
    return None


def claim_lost(world: World) -> End:
    """The PersistentVolume of a member is deleted, arbiters' too; who has it mounted runs on."""
    if (member := world.member()) is None or not _are_all_well(world):
        return None
    world.trace.add("fault", f"the claim of {member.name} is Lost")
    world.server.merge("kubernetes", "PersistentVolumeClaim", f"data-{member.name}", NAMESPACE, LOST, status=True)
    return None


def _well_member(world: World) -> Member | None:
    """One that holds data, while all are well."""
    found = [m for m in world.cluster.members() if m.name in world.data_members()]
    return world.random.choice(found) if found and _are_all_well(world) else None


def data_damaged(world: World) -> End:
    """Its engine does not start on it any more."""
    if (member := _well_member(world)) is not None:
        world.trace.add("fault", f"the data of {member.name} is damaged")
        member.damage("its data is damaged: WiredTiger.wt is corrupted")
    return None


def member_left_behind(world: World) -> End:
    """No other member's oplog reaches back to its last write."""
    if (member := _well_member(world)) is not None:
        world.trace.add("fault", f"{member.name} can never catch up")
        member.damage("it fell so far behind", is_out_of_date=True)
    return None


def volume_fills(world: World) -> End:
    """Somebody writes into one volume or into all, until it is nearly full or full; somebody else takes it away."""
    folders = list(world.replica_set.folders.values())
    if not folders:
        return None
    filled = folders if world.random.random() < 0.5 else [world.random.choice(folders)]
    share = world.random.uniform(0.8, 1.0)
    for folder in filled:
        folder.used_mib = int(folder.size_mib * share)
    _look_at_volumes(world)

    def back() -> None:
        for folder in filled:
            folder.used_mib = 0
        _look_at_volumes(world)

    return back


def _look_at_volumes(world: World) -> None:
    for member in world.cluster.members():
        member.look_at_volume()
