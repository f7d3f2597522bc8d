"""The number of members changes one by one, and no step of it ever costs the majority."""

import copy
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.api.dataservice import Health
from moorage.core import resize
from moorage.core.facts import AddressFacts, Known, MemberReport, Role
from moorage.core.health import judge
from moorage.core.plan import plan
from moorage.core.step import Apply, Order, Rest, Step, Wait
from tests.unit.build import service, target
from tests.unit.core.model import Pod, World, pod_name

SIZES = (1, 3, 5, 7)


def ordered(world: World) -> Order:
    step = world.step()
    assert isinstance(step, Order), step
    return step


def grown_to_wait(wanted: int, *, start: int, nodes: int = 7) -> World:
    """A running service that is asked to grow; its new Pods run and were heard."""
    world = World.running(start, nodes)
    world.wanted = wanted
    assert isinstance(world.step(), Apply)
    world.report()
    return world


def test_the_pods_come_first_and_join_one_by_one() -> None:
    world = grown_to_wait(3, start=1)
    assert (world.replicas, world.configured) == (3, (0,))
    step = ordered(world)
    assert (step.member.name, step.action) == ("datanode0", "add-member")
    assert step.body == {"entry": 1, "member": "orders-g1-1", "configuration": "1:1"}
    assert step.why == "datanode1 joins the cluster: 3 members are asked for"


def test_the_next_one_joins_only_when_the_one_before_is_a_healthy_secondary() -> None:
    world = grown_to_wait(3, start=1)
    world.step()
    world.carry_out()
    world.report()
    assert world.step() == Wait("datanode2 joins the cluster later: datanode1 is catching up")
    world.progress()
    world.report()
    assert ordered(world).body["member"] == "orders-g1-2"


def test_a_member_that_cannot_be_placed_is_not_waited_for_by_those_that_serve() -> None:
    world = grown_to_wait(5, start=3, nodes=3)
    verdict = judge(world.snapshot())
    assert verdict.colour is Health.YELLOW
    assert verdict.message == "datanode3 and datanode4 cannot run: no node can take it"
    assert world.step() == Wait(verdict.message)
    world.wanted = 3
    assert world.step() == Apply(target().objects[0], "StatefulSet/orders-g1 has 5 Pods, and 3 are needed")
    assert world.step() == Rest()


def test_a_member_joins_only_when_its_volume_is_as_large_as_those_of_the_others() -> None:
    """A new volume is as small as the first ones were made, and what it copies may be larger."""
    world = grown_to_wait(3, start=1)
    sizes = {"data-orders-g1-0": "20Gi", "data-orders-g1-1": "10Gi", "data-orders-g1-2": "20Gi"}
    small = replace(world.snapshot(), capacities=sizes)
    assert small.smallest_volume() == "20Gi"
    assert resize.grow(small) == resize.NotYet(
        "datanode2 joins the cluster together with datanode1, which cannot yet: 2 members could lose no more than 1"
    )
    large = replace(small, capacities=dict.fromkeys(sizes, "20Gi"))
    assert isinstance(resize.grow(large), resize.Join)


def test_a_node_that_a_member_left_for_a_moment_is_taken_by_nobody_new() -> None:
    """Two of five find no place; while one of the three is replaced, one of the two is quicker to its node."""
    world = grown_to_wait(5, start=3, nodes=3)
    del world.pods[2]
    world.pods[3] = Pod()
    world.progress()
    world.report()
    assert world.step() == Apply(target().objects[0], "StatefulSet/orders-g1 has 5 Pods, and 3 are needed")
    assert sorted(world.pods) == [0, 1, 2]
    world.report()
    assert world.step() == Apply(target().objects[0], "StatefulSet/orders-g1 has 3 Pods, and 5 are needed")
    assert sorted(world.pods) == [0, 1, 2]
    assert world.configured == (0, 1, 2)


def test_an_even_number_of_members_is_not_stayed_at() -> None:
    world = grown_to_wait(5, start=3, nodes=4)
    assert world.step() == Wait(
        "datanode3 joins the cluster together with datanode4, which cannot yet: 4 members could lose no more than 3"
    )
    world.nodes = 5
    world.scale(5)
    world.report()
    assert ordered(world).body["member"] == "orders-g1-3"


def test_a_cluster_of_two_grows_before_anything_is_rolled_out() -> None:
    """Of two members both are needed, so each replacement would be an outage; of three one may be away."""
    world = World.running(1)
    world.wanted = 3
    world.scale(3)
    world.report()
    ordered(world)
    world.carry_out()
    world.progress()
    world.report()
    assert world.configured == (0, 1)
    seen = world.snapshot()
    step = plan(seen, replace(world.target(seen), template="t2"))
    assert isinstance(step, Order)
    assert (step.action, step.body["member"]) == ("add-member", "orders-g1-2")


def test_a_cluster_of_two_that_nobody_can_join_is_rolled_out_all_the_same() -> None:
    world = World.running(2, nodes=2)
    world.wanted = 3
    world.scale(3)
    world.report()
    seen = world.snapshot()
    new = [replace(m, pod=replace(m.pod, template="t2")) if m.pod and m.pod.trouble else m for m in seen.members]
    step = plan(replace(seen, members=tuple(new)), replace(world.target(seen), template="t2"))
    assert step.why == "datanode1 is replaced: its settings, image or resources changed"


def test_settings_that_change_do_not_wait_for_members_that_found_no_place() -> None:
    world = grown_to_wait(5, start=3, nodes=3)
    seen = world.snapshot()
    step = plan(seen, replace(world.target(seen), template="t2"))
    assert step.why.startswith("datanode3 is replaced: it cannot run as it was asked for before")
    new = [replace(m, pod=replace(m.pod, template="t2")) if m.pod and m.pod.trouble else m for m in seen.members]
    step = plan(replace(seen, members=tuple(new)), replace(world.target(seen), template="t2"))
    assert step.why == "datanode2 is replaced: its settings, image or resources changed"


def test_the_engine_lets_a_member_go_before_its_pod_goes_and_its_volume_is_kept() -> None:
    world = World.running(3)
    world.wanted = 1
    step = ordered(world)
    assert (step.action, step.body) == ("remove-member", {"member": "orders-g1-2", "configuration": "1:1"})
    assert step.why == "datanode2 leaves the cluster: 1 member is asked for; its volume data-orders-g1-2 is kept"
    assert world.replicas == 3
    world.carry_out()
    world.report()
    assert world.step().why == "StatefulSet/orders-g1 has 3 Pods, and 2 are needed"


def test_health_tells_of_a_member_as_long_as_the_engine_counts_it() -> None:
    world = World.running(3)
    world.wanted = 1
    assert judge(world.snapshot()).message == "all 3 members are normal"
    world.pods[2].is_alive = False
    assert judge(world.snapshot()).members["datanode2"] is Health.RED
    world.reconfigure((0, 1), world.mark())
    world.report()
    assert set(judge(world.snapshot()).members) == {"datanode0", "datanode1"}


@pytest.mark.parametrize("primary", [1, 2])
def test_a_primary_that_is_to_leave_hands_over_before_anybody_leaves(primary: int) -> None:
    world = World.running(3)
    world.wanted, world.primary = 1, primary
    world.report()
    step = ordered(world)
    assert (step.action, step.body["to"]) == ("hand-over", "orders-g1-0")
    assert step.why == f"datanode{primary} is to leave the cluster and hands over first"


def test_an_abnormal_member_leaves_first() -> None:
    world = World.running(5)
    world.wanted = 3
    world.pods[3].is_alive = False
    assert ordered(world).body["member"] == "orders-g1-3"


def test_nobody_leaves_while_one_that_stays_is_abnormal() -> None:
    world = World.running(5)
    world.wanted = 3
    world.pods[1].is_alive = False
    step = world.step()
    assert step == Wait("datanode4 leaves the cluster later: datanode1 is not heard from: the agent does not answer the kubelet")


def test_nobody_leaves_while_a_majority_is_not_heard() -> None:
    world = World.running(3)
    world.wanted = 1
    for i in (1, 2):
        world.pods[i].is_heard = False
    assert world.step() == Wait("datanode2 leaves the cluster later: only 1 of 3 members are normal")


def test_nobody_leaves_before_the_address_leads_to_the_primary() -> None:
    world = World.running(3)
    world.wanted = 1
    seen = replace(world.snapshot(), address=AddressFacts(holder="orders-g1-2"))
    step = plan(seen, world.target(seen))
    assert step == Wait("datanode2 leaves the cluster later: the address does not lead to the primary datanode0 yet")


def test_nothing_is_taken_away_while_there_is_no_primary() -> None:
    world = World.running(3)
    world.wanted = 1
    world.pods[0].is_alive = False
    world.primary = None
    world.report()
    assert resize.replicas(world.snapshot()) == 3
    assert isinstance(world.step(), Wait)


def test_nothing_is_taken_away_while_nobody_is_heard() -> None:
    world = World.running(3)
    world.wanted = 1
    for pod in world.pods.values():
        pod.is_heard = False
    assert resize.replicas(world.snapshot()) == 3


def test_a_member_that_may_have_been_added_already_keeps_its_pod() -> None:
    """The primary's agent did the order and cannot say so: its reports do not come through."""
    world = grown_to_wait(3, start=1)
    world.step()
    world.carry_out()
    world.progress()
    world.wanted = 1
    assert set(world.configured) == {0, 1}
    assert resize.replicas(world.snapshot()) == 2
    for _ in range(5):
        world.step()
        assert world.replicas >= 2
        assert world.has_majority()
    assert world.settle() == Rest()
    assert world.configured == (0,)
    assert world.replicas == 1


def test_an_order_that_the_engine_refuses_is_withdrawn_when_nobody_wants_it_any_more() -> None:
    world = grown_to_wait(3, start=1)
    world.step()
    world.wanted = 1
    assert world.step().why == "StatefulSet/orders-g1 has 3 Pods, and 2 are needed"
    step = ordered(world)
    assert (step.action, step.body["member"]) == ("remove-member", "orders-g1-1")
    world.carry_out()  # a new configuration with the same members: the order before is out of date
    world.report()
    assert world.step().why == "StatefulSet/orders-g1 has 2 Pods, and 1 is needed"


def test_a_volume_of_an_earlier_life_joins_with_its_data() -> None:
    world = grown_to_wait(3, start=1)
    world.with_data |= {1, 2}
    world.report()
    assert judge(world.snapshot()).message == "datanode1 and datanode2 are not part of the cluster"
    assert ordered(world).body["member"] == "orders-g1-1"


def test_a_cluster_that_came_back_with_more_members_than_asked_for_gets_all_its_pods_first() -> None:
    """Volumes of five members under a service of one: alone it has no majority."""
    world = World.running(5)
    world.primary, world.wanted, world.replicas = None, 1, 1
    world.pods, world.reported = {0: Pod()}, {}
    world.report()
    seen = replace(world.snapshot(), service=service(members=1, initialized=False))
    assert resize.replicas(seen) == 5


def test_a_service_that_never_ran_changes_its_size_at_once() -> None:
    world = World(wanted=3, replicas=5)
    world.scale(5)
    world.report()
    seen = replace(world.snapshot(), service=service(initialized=False))
    assert resize.replicas(seen) == 3
    assert isinstance(plan(seen, world.target(seen)), Apply)


def test_a_refused_spec_changes_no_size() -> None:
    world = World.running(3)
    world.wanted = 1
    seen = world.snapshot()
    step = plan(seen, replace(world.target(seen), refused="parameter 'x' cannot be set"))
    assert step == Wait("what runs stays as it is: parameter 'x' cannot be set")


def test_a_statefulset_that_was_scaled_by_hand_is_put_back() -> None:
    world = World.running(3)
    world.replicas = 1
    assert world.step().why == "StatefulSet/orders-g1 has 1 Pods, and 3 are needed"


def test_an_agent_that_says_nothing_of_configurations_is_given_no_order_to_change_one() -> None:
    world = World.running(3)
    world.wanted = 1
    world.reported = {i: replace(report, configuration="") for i, report in world.reported.items()}
    assert resize.shrink(world.snapshot()) is None
    assert resize.replicas(world.snapshot()) == 3


def test_an_outsider_that_believes_in_an_old_configuration_is_not_green() -> None:
    world = World.running(3)
    world.reported[2] = MemberReport(role=Role.SECONDARY, configured=tuple(map(pod_name, range(3))), configuration="1:1")
    for i in (0, 1):
        world.reported[i] = replace(world.reported[i], configured=tuple(map(pod_name, range(2))), configuration="1:2")
    assert judge(world.snapshot()).message == "datanode2 is not part of the cluster"
    assert ordered(world).body["member"] == "orders-g1-2"


sizes = st.sampled_from(SIZES)


@settings(deadline=None)
@given(sizes, sizes, st.integers(0, 6))
def test_replayed_from_after_every_step_the_change_ends_as_asked_for(start: int, wanted: int, primary: int) -> None:
    world = World.running(start)
    world.wanted, world.primary = wanted, primary % start
    world.report()
    step: Step = Wait("")
    while step != Rest():
        again = copy.deepcopy(world)
        assert again.settle() == Rest()
        assert (again.configured, again.replicas) == (tuple(range(wanted)), wanted)
        step = world.step()
        world.carry_out()
        world.progress()
        world.report()


happenings = st.lists(
    st.one_of(
        st.tuples(st.just("step")),
        st.tuples(st.just("step")),
        st.tuples(st.just("carry out")),
        st.tuples(st.just("progress")),
        st.tuples(st.just("report"), st.sets(st.integers(0, 6))),
        st.tuples(st.just("want"), sizes),
        st.tuples(st.just("lose"), st.integers(0, 6)),
        st.tuples(st.just("deafen"), st.sets(st.integers(0, 6))),
        st.tuples(st.just("heal")),
    ),
    max_size=60,
)


def _happen(world: World, what: tuple[object, ...]) -> None:
    match what:
        case ("carry out",):
            world.carry_out()
        case ("progress",):
            world.progress()
        case ("report", set(only)):
            world.report(only)
        case ("want", int(count)):
            world.wanted = count
        case ("lose", int(i)) if i in world.pods:
            world.pods[i].is_alive = False
            world.progress()
        case ("deafen", set(some)):
            for i, pod in world.pods.items():
                pod.is_heard = i not in some
        case ("heal",):
            for pod in world.pods.values():
                pod.is_alive = pod.is_heard = True


@settings(deadline=None, max_examples=400)
@given(sizes, st.integers(1, 7), happenings)
def test_no_step_of_a_change_of_size_ever_costs_the_majority(start: int, nodes: int, story: list[tuple[object, ...]]) -> None:
    """Whatever fails, whoever is not heard, however late reports come; and once faults stop the change ends as asked for."""
    world = World.running(start, max(start, nodes))
    for what in story:
        if what != ("step",):
            _happen(world, what)
            continue
        had_majority = world.has_majority()
        world.step()
        assert world.has_majority() or not had_majority
        assert world.replicas > max(world.voters()) or not had_majority
    _happen(world, ("heal",))
    world.nodes = 7
    world.scale(max(world.replicas, world.wanted))
    assert world.settle() == Rest()
    assert (sorted(world.configured), world.replicas) == (list(range(world.wanted)), world.wanted)


@pytest.mark.parametrize("role", [Role.DOWN, Role.PRIMARY, None])
def test_only_a_member_whose_engine_runs_and_leads_nobody_can_join(role: Role | None) -> None:
    world = grown_to_wait(3, start=1)
    seen = world.snapshot()
    broken = [
        replace(m, report=Known(MemberReport(role=role)) if role else m.report, pod=m.pod if role else None)
        for m in seen.members[1:]
    ]
    assert resize.grow(replace(seen, members=(seen.members[0], *broken))) is None
