"""A node loses its power, or only its kubelet."""

import time

from devcluster import faults, nodes, process
from devcluster.config import node
from tests.chaos import bench
from tests.chaos.faults.fault import ALL, NODE_OF_PRIMARY, NODE_OF_SECONDARY, Fault, Named, Scene

GRACE_SECONDS = 16
"""`--node-monitor-grace-period` of this cluster."""


def _cut_power(scene: Scene) -> None:
    scene.notes["nodes"] = [scene.node()]
    faults.stop_node(scene.notes["nodes"][0])


def _cut_power_one_after_the_other(scene: Scene) -> None:
    """The last one stands alone for a while, so the others miss what it may have been told."""
    scene.notes["nodes"] = [bench.node_of(member) for member in scene.victims]
    for name in scene.notes["nodes"]:
        faults.stop_node(name)
        time.sleep(scene.random.uniform(3.0, 12.0))  # the moment is the dice's


def _give_power(scene: Scene) -> None:
    names = list(scene.notes["nodes"])
    scene.random.shuffle(names)
    nodes.start([node(name) for name in names])
    nodes.wait_ready([node(name) for name in names])


def _kill_kubelet(scene: Scene) -> None:
    scene.notes["nodes"] = [scene.node()]
    process.kill(nodes.names(node(scene.notes["nodes"][0]))[0])


FAULTS = (
    Fault(
        name="node-loss",
        targets=(NODE_OF_PRIMARY, NODE_OF_SECONDARY),
        does="its node loses power for 20 to 40 s",
        happens="the others elect; the member comes back with the node, as the same one",
        start=_cut_power,
        heal=_give_power,
        lasts_seconds=(20.0, 40.0),
        gap_seconds={NODE_OF_PRIMARY: 7.0, NODE_OF_SECONDARY: 7.0},
        named=Named(r"{victim} (is not heard|is down)|does not hear {victim}|no primary"),
    ),
    Fault(
        name="staggered",
        targets=(ALL,),
        does="all three nodes lose power, 3 to 12 s apart, while clients write; later they come back in any order",
        happens="a majority of what was acknowledged is among any two: they elect the one that has everything",
        start=_cut_power_one_after_the_other,
        heal=_give_power,
        lasts_seconds=(5.0, 10.0),
        gap_seconds={ALL: 30.0},
        gap_since_heal=True,
        green_seconds=240.0,
        named=Named(r"(is not heard|is down)|does not hear|no primary"),
        pairs=False,
    ),
    Fault(
        name="kubelet-dead",
        targets=(NODE_OF_PRIMARY,),
        does="the kubelet of its node is dead for 30 to 40 s; the engine runs on",
        happens="nobody takes over: a primary that serves is left alone, and the address with it",
        start=_kill_kubelet,
        heal=_give_power,
        lasts_seconds=(30.0, 40.0),
        gap_seconds={NODE_OF_PRIMARY: 1.0},
        changes_max={NODE_OF_PRIMARY: 0},
        named=Named(
            r"{victim} is not heard from: its node",
            within_seconds=GRACE_SECONDS + 10.0,
            why_longer=f"engine and agent are well, and Kubernetes itself calls a node not ready only after {GRACE_SECONDS} s",
        ),
    ),
)
