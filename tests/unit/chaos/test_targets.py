"""A target word always means the same members, for the same dice."""

import random

import pytest

from tests.chaos.bench import MEMBERS
from tests.chaos.resolver import first_address
from tests.chaos.targets import victims


def dice(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311


@pytest.mark.parametrize("seed", range(20))
def test_a_secondary_is_never_the_primary_and_the_same_dice_choose_the_same(seed: int) -> None:
    chosen = victims("secondary", MEMBERS[1], dice(seed))
    assert len(chosen) == 1
    assert chosen[0] != MEMBERS[1]
    assert victims("secondary", MEMBERS[1], dice(seed)) == chosen


def test_all_are_all_and_a_majority_is_two() -> None:
    assert set(victims("all", MEMBERS[0], dice(1))) == set(MEMBERS)
    assert len(set(victims("majority", MEMBERS[0], dice(1)))) == 2


def test_a_word_that_names_no_member_leads_to_the_primary() -> None:
    assert victims("dns", MEMBERS[2], dice(1)) == (MEMBERS[2],)


def test_the_address_is_read_from_an_answer_with_a_compressed_name() -> None:
    question = b"\x01a\x00" + b"\x00\x01\x00\x01"
    answer = b"\xc0\x0c" + b"\x00\x01\x00\x01" + b"\x00\x00\x00\x05" + b"\x00\x04" + bytes([10, 244, 1, 7])
    head = b"\x00\x01\x81\x80" + b"\x00\x01" + b"\x00\x01" + b"\x00\x00\x00\x00"
    assert first_address(head + question + answer) == "10.244.1.7"
    assert first_address(b"\x00\x01\x81\x83" + b"\x00\x01" + b"\x00\x00" + b"\x00\x00\x00\x00" + question) is None
