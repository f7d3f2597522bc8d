"""The judge of the bank."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given

from tests.chaos.checkers import Verdict, check_bank
from tests.unit.chaos.stories import Story, live, randoms, unhurried

ACCOUNTS, BALANCE = 3, 50


def judged(story: Story) -> Verdict:
    return check_bank(story.history(), accounts=ACCOUNTS, balance=BALANCE)


def a_right_life(random: Random) -> Story:
    balances = {str(n): BALANCE for n in range(ACCOUNTS)}
    ledger: list[int] = []
    highest = 0

    def draw(random: Random) -> tuple[str, Any]:
        nonlocal highest
        if random.random() < 0.3:
            return "read", None
        highest += 1
        source, target = random.sample(range(ACCOUNTS), 2)
        return "transfer", {"id": highest, "from": str(source), "to": str(target), "amount": random.randint(1, 30)}

    def take(f: str, asked: Any) -> Any:
        if f == "read":
            return dict(balances)
        if balances[asked["from"]] < asked["amount"]:
            raise LookupError
        balances[asked["from"]] -= asked["amount"]
        balances[asked["to"]] += asked["amount"]
        ledger.append(asked["id"])
        return asked

    story = live(random, draw, take)
    source = max(balances, key=lambda account: balances[account])
    last = {"id": 1000, "from": source, "to": str((int(source) + 1) % ACCOUNTS), "amount": 1}
    story.call(90, "transfer", last)
    take("transfer", last)
    return story.call(91, "final-read", "primary", answered={"balances": dict(balances), "ledger": ledger}, node="primary")


@unhurried
@given(randoms)
def test_what_a_service_with_one_copy_answers_is_valid(random: Random) -> None:
    verdict = judged(a_right_life(random))
    assert verdict.valid, verdict


def elsewhere(balances: dict[str, int]) -> dict[str, int]:
    poorest, *_, richest = sorted(balances, key=lambda account: balances[account])
    return {**balances, poorest: balances[poorest] + 1, richest: balances[richest] - 1}


def _changed(**changes: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda final: final | {key: change(final[key]) for key, change in changes.items()}


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        pytest.param(
            _changed(ledger=lambda ids: ids[:-1]), "lost 1 acknowledged transfers: 1000", id="an acknowledged transfer is lost"
        ),
        pytest.param(_changed(ledger=lambda ids: [*ids, 2000]), "nobody tried: 2000", id="a phantom"),
        pytest.param(_changed(ledger=lambda ids: [*ids, 1000]), "more than once", id="a duplicate"),
        pytest.param(_changed(balances=lambda b: b | {"0": b["0"] + 1}), "in all, not 150", id="money is made"),
        pytest.param(_changed(balances=elsewhere), "ledger makes", id="it is elsewhere"),
        pytest.param(_changed(balances=lambda b: {"0": -1, "1": 151, "2": 0}), "below zero", id="a negative balance"),
        pytest.param(_changed(balances=lambda b: {"0": b["0"]}), "not all 3", id="an account is missing"),
    ],
)
@unhurried
@given(random=randoms)
def test_a_right_life_made_wrong_is_seen(random: Random, change: Callable[[Any], Any], finding: str) -> None:
    story = a_right_life(random).changed(lambda op: op.f == "final-read" and op.type == "ok", change)
    verdict = judged(story)
    assert not verdict.valid
    assert any(finding in said for said in verdict.findings), verdict


@pytest.mark.parametrize("balances", [{"0": 40, "1": 50, "2": 50}, {"0": -10, "1": 110, "2": 50}])
def test_a_wrong_total_on_the_way_is_seen_also_when_the_end_is_right(balances: dict[str, int]) -> None:
    story = Story().call(0, "read", None, answered=balances)
    story.call(1, "transfer", {"id": 1, "from": "0", "to": "1", "amount": 1})
    final = {"balances": {"0": 49, "1": 51, "2": 50}, "ledger": [1]}
    assert len(judged(story.call(2, "final-read", "primary", answered=final, node="primary")).findings) == 1


def test_without_a_final_read_nothing_is_proven() -> None:
    assert not judged(Story().call(1, "transfer", {"id": 1, "from": "0", "to": "1", "amount": 1})).valid
