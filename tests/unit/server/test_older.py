"""Whoever goes back through a long list, part by part, sees each entry once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from moorage.server.older import Part

START = datetime(2026, 11, 6, 12, tzinfo=UTC)
Entry = tuple[str, int]
LISTS = st.lists(st.lists(st.integers(0, 6), max_size=12), min_size=1, max_size=3)
"""Seconds after the start; many entries share a second."""


def entries(seconds: list[int]) -> list[Entry]:
    """Newest first, each with a number of its own."""
    found = sorted(seconds, reverse=True)
    return [((START + timedelta(seconds=s)).isoformat().replace("+00:00", "Z"), number) for number, s in enumerate(found)]


def part_of(lists: list[list[Entry]], before: str | None, at_most: int) -> tuple[list[list[Entry]], str | None]:
    part = Part(datetime.fromisoformat(before) if before else None, at_most)
    for one in lists:
        part.reaches(time for time, _ in one)
    return [part.of(one, lambda e: e[0]) for one in lists], part.next


@given(LISTS, st.integers(1, 4))
def test_each_entry_of_each_list_is_told_once_and_in_order(seconds: list[list[int]], at_most: int) -> None:
    lists = [entries(one) for one in seconds]
    told: list[list[Entry]] = [[] for _ in lists]
    before = None
    for _ in range(20):
        found, before = part_of(lists, before, at_most)
        told = [had + more for had, more in zip(told, found, strict=True)]
        if before is None:
            break
        assert any(found), "each part brings something"
    assert told == lists


def test_a_part_ends_between_two_moments_and_says_where_the_next_begins() -> None:
    found, following = part_of([entries([3, 2, 2, 2, 1])], None, 2)
    assert [number for _, number in found[0]] == [0, 1, 2, 3], "the rest of the second comes along"
    assert following == "2026-11-06T12:00:02Z"


def test_what_has_no_time_comes_last() -> None:
    timeless = ("", 9)
    lists = [[*entries([2, 1]), timeless]]
    assert part_of(lists, None, 1) == ([lists[0][:1]], "2026-11-06T12:00:02Z")
    assert part_of(lists, "2026-11-06T12:00:01Z", 1) == ([[timeless]], None)
