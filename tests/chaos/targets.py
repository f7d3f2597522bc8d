"""From a target word to the members it means in this run. Pure: the primary of the moment and the dice are given."""

import random

from tests.chaos.bench import MEMBERS, Member
from tests.chaos.faults.fault import ALL, MAJORITY, NODE_OF_SECONDARY, SECONDARY


def victims(target: str, primary: Member, dice: random.Random) -> tuple[Member, ...]:
    """In the order in which they are hit. Words that name no member (`service`, `dns` …) mean the primary, if any."""
    others = [m for m in MEMBERS if m != primary]
    match target:
        case _ if target in (ALL, MAJORITY):
            chosen = list(MEMBERS)
            dice.shuffle(chosen)
            return tuple(chosen if target == ALL else chosen[:2])
        case _ if target in (SECONDARY, NODE_OF_SECONDARY):
            return (dice.choice(others),)
        case _:
            return (primary,)
