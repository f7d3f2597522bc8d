"""Which slices of a log lead from a backup to a moment, and where some are missing."""

from hypothesis import given
from hypothesis import strategies as st

from moorage.backup.layout import Slice
from moorage.worker.slices import chain, gaps, superfluous


def at(number: int) -> str:
    return f"{number:010d}.{0:010d}"


def of(start: int, end: int) -> Slice:
    return Slice("t", at(start), at(end), "bson")


stretches = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: (pair[0], pair[0] + pair[1])), min_size=0, max_size=12
)


def covered(found: list[tuple[int, int]]) -> set[int]:
    """Every position that some slice holds: a slice holds what follows its start."""
    return {p for start, end in found for p in range(start + 1, end + 1)}


@given(stretches, st.integers(0, 60))
def test_a_chain_holds_every_position_up_to_its_end_and_ends_only_where_one_is_missing(
    found: list[tuple[int, int]], after: int
) -> None:
    path = chain([of(*pair) for pair in found], at(after))
    end = int(path.end[:10])
    held = covered([(int(s.start[:10]), int(s.end[:10])) for s in path.slices])
    assert set(range(after + 1, end + 1)) <= held
    assert end + 1 not in covered(found)


@given(stretches)
def test_gaps_are_exactly_the_positions_between_first_and_last_that_no_slice_holds(found: list[tuple[int, int]]) -> None:
    missing = {p for start, end in gaps([of(*pair) for pair in found]) for p in range(int(start[:10]) + 1, int(end[:10]) + 1)}
    if not found:
        assert missing == set()
        return
    whole = set(range(min(s for s, _ in found) + 1, max(e for _, e in found) + 1))
    assert missing == whole - covered(found)


@given(stretches, st.integers(0, 80))
def test_what_is_deleted_is_needed_by_nothing_that_is_kept(found: list[tuple[int, int]], keep_from: int) -> None:
    every = [of(*pair) for pair in found]
    gone = superfluous(every, at(keep_from))
    left = [s for s in every if s not in gone]
    assert chain(left, at(keep_from)).end == chain(every, at(keep_from)).end


def test_behind_a_gap_the_chain_says_where_the_log_goes_on() -> None:
    path = chain([of(1, 5), of(5, 9), of(12, 20)], at(3))
    assert (path.slices, path.end, path.next_start) == ((of(1, 5), of(5, 9)), at(9), at(12))


def test_two_workers_side_by_side_leave_no_gap() -> None:
    assert gaps([of(1, 5), of(3, 8), of(8, 9)]) == []
    assert chain([of(1, 5), of(3, 8), of(4, 6), of(8, 9)], at(1)).end == at(9)
