"""Room is kept for repair, given up when it is needed, and made again where nobody needs it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.core.reserve import START_BYTES, STOP_BYTES, Held, Keep, judge, reserve_bytes
from moorage.core.volume import GIB, MIB, Room, is_full

sizes = st.integers(1 * GIB, 64 * 1024 * GIB)


@pytest.mark.parametrize(
    ("free_mib", "kept_mib", "is_running", "expected"),
    [
        (5000, 0, True, Held(Keep.MAKE, may_run=True)),
        (5000, 205, True, Held(Keep.AS_IT_IS, may_run=True)),
        (300, 205, True, Held(Keep.AS_IT_IS, may_run=True)),
        (10, 205, True, Held(Keep.GIVE_UP, may_run=True)),
        (10, 0, True, Held(Keep.AS_IT_IS, may_run=False)),
        (100, 0, True, Held(Keep.AS_IT_IS, may_run=True)),
        (100, 0, False, Held(Keep.AS_IT_IS, may_run=False)),
        (100, 205, False, Held(Keep.GIVE_UP, may_run=True)),
        (300, 0, False, Held(Keep.AS_IT_IS, may_run=True)),
    ],
    ids=str,
)
def test_the_reserve_is_a_table(free_mib: int, kept_mib: int, is_running: bool, expected: Held) -> None:
    assert judge(Room(10 * GIB, free_mib * MIB), kept_mib * MIB, is_running=is_running) == expected


@given(sizes, st.floats(0, 1), st.booleans())
def test_what_was_made_is_not_given_up_at_the_next_look_and_makes_nothing_full(size: int, share: float, is_running: bool) -> None:
    room = Room(size, int(size * share))
    if judge(room, 0, is_running=is_running).keep is not Keep.MAKE:
        return
    kept = reserve_bytes(size)
    after = Room(size, room.free_bytes - kept)
    assert judge(after, kept, is_running=is_running).keep is Keep.AS_IT_IS
    assert not is_full(after, was_full=True)


@given(sizes, st.integers(0, STOP_BYTES - 1))
def test_what_is_given_up_is_enough_to_start_with(size: int, free: int) -> None:
    kept = reserve_bytes(size)
    assert judge(Room(size, free), kept, is_running=False) == Held(Keep.GIVE_UP, may_run=True)
    assert kept >= START_BYTES
