"""The primary role moves without a pause: who is asked what, in which order. The replica set is pretended."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from bson import Timestamp

from moorage.engines.member import EngineError
from moorage.engines.mongodb.succession import Succession

PRIMARY, SECONDARY = 1, 2
A, B, C = (f"orders-g1-{i}.orders-members.shop.svc.cluster.local:27017" for i in range(3))


@dataclass
class Node:
    """One mongod: it keeps a source only when something comes from there, as MongoDB does."""

    host: str
    state: int = SECONDARY
    source: str = ""
    applied: int = 0
    drops_source_times: int = 0
    refuses_times: int = 0
    silent: bool = False


@dataclass
class ReplicaSet:
    """Answers commands like the real one; `asked` is what was changed, in order."""

    nodes: dict[str, Node]
    term: int = 5
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def command(self, client: Any, command: dict[str, Any]) -> dict[str, Any]:
        node: Node = client
        if node.silent:
            raise EngineError("the engine does not answer")
        name = next(iter(command))
        match name:
            case "replSetGetStatus":
                return self._status(node)
            case "replSetSyncFrom":
                self.asked.append((f"follow {command[name][:11]}", node.host[:11]))
                node.source = "" if node.drops_source_times else command[name]
                node.drops_source_times = max(0, node.drops_source_times - 1)
            case "appendOplogNote":
                for other in self.nodes.values():
                    other.applied += 1 if other is node or other.source else 0
            case "replSetStepUp":
                if node.refuses_times:
                    node.refuses_times -= 1
                    raise EngineError("Election failed.")
                self.asked.append(("step up", node.host[:11]))
        return {}

    def _status(self, node: Node) -> dict[str, Any]:
        me = {"self": True, "name": node.host, "state": node.state, "optime": {"t": self.term, "ts": Timestamp(node.applied, 1)}}
        return {"term": self.term, "members": [me], "syncSourceHost": node.source}

    def succession(self, host: str) -> Succession:
        peers: Any = {h: n for h, n in self.nodes.items() if h != host}
        return Succession(self.command, lambda: self.nodes[host], peers, line_up_seconds_max=0.2)  # type: ignore[arg-type, return-value]


def three(**of_c: Any) -> ReplicaSet:
    """A leads; B and C copy from it."""
    return ReplicaSet({A: Node(A, PRIMARY), B: Node(B, source=A), C: Node(C, **{"source": A, **of_c})})


async def test_before_a_hand_over_the_other_secondary_copies_from_the_heir() -> None:
    found = three()
    await found.succession(A).hand_over_to("orders-g1-1", term=5)
    assert found.asked == [("follow orders-g1-1", "orders-g1-2"), ("step up", "orders-g1-1")]
    assert found.nodes[C].source == B


async def test_an_heir_that_copies_from_the_other_secondary_copies_from_the_primary_first() -> None:
    """Else the two would copy from each other."""
    found = three()
    found.nodes[B].source = C
    await found.succession(A).hand_over_to("orders-g1-1", term=5)
    assert found.nodes[B].source == A
    assert [what for what, _ in found.asked] == ["follow orders-g1-0", "follow orders-g1-1", "step up"]


async def test_a_secondary_that_gives_the_heir_up_again_is_asked_again() -> None:
    found = three(drops_source_times=3)
    await found.succession(A).hand_over_to("orders-g1-1", term=5)
    assert found.asked.count(("follow orders-g1-1", "orders-g1-2")) == 4
    assert found.asked[-1] == ("step up", "orders-g1-1")


async def test_a_hand_over_does_not_wait_for_ever_for_a_secondary_that_does_not_follow() -> None:
    found = three(drops_source_times=10**6)
    await found.succession(A).hand_over_to("orders-g1-1", term=5)
    assert found.asked[-1] == ("step up", "orders-g1-1")


async def test_an_order_of_an_older_term_does_nothing() -> None:
    found = three()
    await found.succession(A).hand_over_to("orders-g1-1", term=4)
    assert found.asked == []


async def test_a_refused_step_up_is_tried_again() -> None:
    found = three()
    found.nodes[B].refuses_times = 2
    await found.succession(A).hand_over_to("orders-g1-1", term=5)
    assert found.asked[-1] == ("step up", "orders-g1-1")


async def test_a_hand_over_goes_to_a_member_of_the_set_only() -> None:
    with pytest.raises(EngineError, match="orders-g1-7 is not a data member of this replica set"):
        await three().succession(A).hand_over_to("orders-g1-7", term=5)


async def test_the_freshest_peer_is_the_one_that_is_rescued_by() -> None:
    found = three(applied=9)
    found.nodes[A].silent = True
    await found.succession(A).rescue()
    assert found.asked == [("step up", "orders-g1-2")]


async def test_when_the_freshest_refuses_the_other_one_is_asked_at_once() -> None:
    found = three(applied=9, refuses_times=1)
    found.nodes[A].silent = True
    await found.succession(A).rescue()
    assert found.asked == [("step up", "orders-g1-1")]


async def test_a_rescue_counts_on_no_peer_that_does_not_answer() -> None:
    found = three(applied=9, silent=True)
    found.nodes[A].silent = True
    await found.succession(A).rescue()
    assert found.asked == [("step up", "orders-g1-1")]


async def test_a_member_on_its_own_has_nobody_to_be_rescued_by() -> None:
    found = ReplicaSet({A: Node(A, PRIMARY)})
    await found.succession(A).rescue()
    assert found.asked == []


async def test_a_dead_secondarys_data_is_spared_only_once_all_others_hold_what_the_primary_had() -> None:
    found = three()
    found.nodes[A].applied = 7
    waiting = asyncio.create_task(found.succession(C).why_not_held_by_all())
    await asyncio.sleep(0.15)
    assert not waiting.done(), "the other secondary is behind"
    found.nodes[B].applied = 7
    assert await waiting == ""


@pytest.mark.parametrize("of", ["silent", "no primary", "behind"])
async def test_a_dead_secondary_keeps_its_data_while_anybody_else_may_not_hold_everything(
    of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("moorage.engines.mongodb.succession.HELD_SECONDS_MAX", 0.0)
    found = three()
    found.nodes[A].applied, found.nodes[B].applied = 7, 6 if of == "behind" else 7
    found.nodes[B].silent = of == "silent"
    found.nodes[A].state = SECONDARY if of == "no primary" else PRIMARY
    assert "not all of the others held everything" in await found.succession(C).why_not_held_by_all()


@dataclass
class Stopping(ReplicaSet):
    """Each member goes away when it is asked to take over."""

    async def command(self, client: Any, command: dict[str, Any]) -> dict[str, Any]:
        if "replSetStepUp" in command:
            self.asked.append(("step up", client.host[:11]))
            client.silent = True
        return await super().command(client, command)


async def test_nobody_waits_long_for_an_heir_that_stops_as_well() -> None:
    """All three are deleted at once: each try to reach one that is gone takes a second."""
    found = Stopping(three().nodes)
    with pytest.raises(EngineError, match="nobody who could take over answers any more"):
        await found.succession(A).hand_over()
    assert [who for what, who in sorted(found.asked) if what == "step up"] == ["orders-g1-1", "orders-g1-1", "orders-g1-2"]


@pytest.mark.parametrize(("applied", "heir"), [((7, 7), B), ((7, 8), C), ((9, 8), B)])
@pytest.mark.parametrize("witness", [B, C])
async def test_after_the_death_of_a_whole_container_whoever_sees_it_asks_the_freshest(
    applied: tuple[int, int], heir: str, witness: str
) -> None:
    found = three()
    found.nodes[A].silent = True
    found.nodes[B].applied, found.nodes[C].applied = applied
    await found.succession(witness).succeed(A)
    assert found.asked == [("step up", heir[:11])]


async def test_who_sees_a_new_primary_leaves_it_alone() -> None:
    found = three(state=PRIMARY)
    found.nodes[A].silent = True
    await found.succession(B).succeed(A)
    assert found.asked == []


async def test_one_that_is_refused_because_it_came_too_early_stands_again() -> None:
    found = three(refuses_times=2, applied=9)
    found.nodes[A].silent = True
    await found.succession(C).succeed(A)
    assert found.asked == [("step up", "orders-g1-2")]


async def test_an_arbiter_and_a_member_that_copies_ask_nobody() -> None:
    found = three(state=7, applied=9)
    await found.succession(C).succeed(A)
    assert found.asked == []


async def test_before_a_stop_a_peer_whose_volume_is_full_is_asked_last_and_asked_all_the_same() -> None:
    found = three()
    await found.succession(A).hand_over({B})
    assert found.asked[-1] == ("step up", "orders-g1-2")
    alone = ReplicaSet({A: Node(A, PRIMARY), B: Node(B, source=A)})
    await alone.succession(A).hand_over({B})
    assert alone.asked[-1] == ("step up", "orders-g1-1")
