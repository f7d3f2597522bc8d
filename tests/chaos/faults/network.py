"""The network between nodes: cut both ways, one way, again and again, or lossy."""

import threading

from devcluster import links
from devcluster.config import NODES, SWITCH
from devcluster.shell import run
from tests.chaos.faults.fault import NODE_OF_PRIMARY, PRIMARY, SECONDARY, Fault, Named, NotNamed, Scene

LOSS_PERCENT = 20
LONG = (10.0, 25.0)
_NOT_HEARD = r"{victim} (is not heard|is down)|does not hear {victim}|no primary|does not lead to the primary"
_NFT = ("nsenter", f"--net=/run/netns/{SWITCH}", "nft", "-f", "-")
_VIA = "the machine's own way to the address may lead through the very node that its peers do not hear"


def _cut(scene: Scene) -> None:
    scene.notes["node"] = scene.node()
    links.cut(scene.notes["node"], "all")


def _others(node: str) -> list[str]:
    return [n.name for n in NODES if n.name != node]


def _cut_from_peers(scene: Scene) -> None:
    scene.notes["node"] = scene.node()
    for other in _others(scene.notes["node"]):
        links.cut(scene.notes["node"], other)


def _cut_outgoing(scene: Scene) -> None:
    scene.notes["node"] = scene.node()
    for other in _others(scene.notes["node"]):
        links.cut(scene.notes["node"], other, one_way=True)


def _cut_incoming(scene: Scene) -> None:
    scene.notes["node"] = scene.node()
    for other in _others(scene.notes["node"]):
        links.cut(other, scene.notes["node"], one_way=True)


def _heal(scene: Scene) -> None:
    links.heal(scene.notes["node"])


def _flap(scene: Scene) -> None:
    """Until it is taken back."""
    node = scene.notes["node"] = scene.node()
    stop = scene.notes["stop"] = threading.Event()
    pauses = [scene.random.uniform(1.0, 5.0) for _ in range(40)]

    def flap() -> None:
        for index, seconds in enumerate(pauses):
            (links.heal if index % 2 else links.cut)(node, "all")
            if stop.wait(seconds):
                return

    scene.notes["thread"] = threading.Thread(target=flap, daemon=True)
    scene.notes["thread"].start()


def _stop_flapping(scene: Scene) -> None:
    scene.notes["stop"].set()
    scene.notes["thread"].join(30)
    links.heal(scene.notes["node"])


def _lose(scene: Scene) -> None:
    node = scene.node()
    rule = f"numgen random mod 100 < {LOSS_PERCENT} drop"
    rules = [f'    iifname "{node}" {rule}', f'    oifname "{node}" {rule}']
    head = ["table bridge chaos", "delete table bridge chaos", "table bridge chaos {", "  chain loss {"]
    run(*_NFT, stdin="\n".join([*head, "    type filter hook forward priority 0;", *rules, "  }", "}", ""]))


def _lose_nothing(scene: Scene) -> None:
    run(*_NFT, stdin="table bridge chaos\ndelete table bridge chaos\n")


FAULTS = (
    Fault(
        name="isolate",
        targets=(PRIMARY, SECONDARY),
        does="its node is cut off from all, both ways, for 10 to 25 s",
        happens="a primary without a majority steps down; the others elect, the winner claims the address",
        start=_cut,
        heal=_heal,
        lasts_seconds=LONG,
        gap_seconds={PRIMARY: 7.0, SECONDARY: 7.0},
        named=Named(_NOT_HEARD),
    ),
    Fault(
        name="isolate-from-peers",
        targets=(PRIMARY,),
        does="its peers do not hear it, nor it them; clients and the API server do",
        happens="it stops acknowledging within the election timeout; what it had acknowledged stays",
        start=_cut_from_peers,
        heal=_heal,
        lasts_seconds=LONG,
        gap_seconds={PRIMARY: 7.0},
        named=Named(_NOT_HEARD),
        via="replica-set",
        why_via=_VIA,
    ),
    Fault(
        name="one-way-out",
        targets=(PRIMARY, SECONDARY),
        does="what it sends does not reach its peers; what they send reaches it",
        happens="at most one change of primary",
        start=_cut_outgoing,
        heal=_heal,
        lasts_seconds=LONG,
        gap_seconds={PRIMARY: 7.0, SECONDARY: 7.0},
        changes_max={PRIMARY: 1, SECONDARY: 1},
        named=Named(_NOT_HEARD),
        via="replica-set",
        why_via=_VIA,
    ),
    Fault(
        name="one-way-in",
        targets=(PRIMARY, SECONDARY),
        does="what its peers send does not reach it; what it sends reaches them",
        happens="at most one change of primary",
        start=_cut_incoming,
        heal=_heal,
        lasts_seconds=LONG,
        gap_seconds={PRIMARY: 7.0, SECONDARY: 7.0},
        changes_max={PRIMARY: 1, SECONDARY: 1},
        named=Named(_NOT_HEARD),
        via="replica-set",
        why_via=_VIA,
    ),
    Fault(
        name="flapping",
        targets=(PRIMARY,),
        does="its node is cut off and back again every 1 to 5 s, for 20 to 30 s",
        happens="the others elect and stay with it; nobody is copied anew",
        start=_flap,
        heal=_stop_flapping,
        lasts_seconds=(20.0, 30.0),
        gap_seconds={PRIMARY: 7.0},
        changes_max={PRIMARY: 1},
        named=Named(_NOT_HEARD),
    ),
    Fault(
        name="lossy",
        targets=(NODE_OF_PRIMARY,),
        does=f"{LOSS_PERCENT} % of all packets to and from its node are lost, for 20 to 30 s",
        happens="everything is slower; at most two changes of primary, and nobody is copied anew",
        start=_lose,
        heal=_lose_nothing,
        lasts_seconds=(20.0, 30.0),
        gap_seconds={NODE_OF_PRIMARY: 7.0},
        changes_max={NODE_OF_PRIMARY: 2},
        named=NotNamed("no member is away: packets are sent again"),
    ),
)
