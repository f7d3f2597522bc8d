"""Places of repairs that copy data are taken before anybody else may ask."""

from hypothesis import given
from hypothesis import strategies as st

from moorage.kube.reflector import Store
from moorage.operator.places import Places
from tests.unit.operator.kubernetes import at

NAMES = st.sampled_from([("shop", name) for name in "abcdefgh"])


@given(st.lists(NAMES), st.integers(1, 4))
def test_however_they_come_no_more_take_a_place_than_there_are(order: list[tuple[str, str]], at_once: int) -> None:
    places = Places(Store(), lambda: at(0), at_once)
    taken = set()
    for one in order:
        if not places.why_full(one):
            places.take(one)
            taken.add(one)
    assert len(taken) == min(at_once, len(set(order)))


def test_a_place_is_free_again_when_nothing_came_of_it() -> None:
    places = Places(Store(), lambda: at(0), 1)
    places.take(("shop", "a"))
    assert places.why_full(("shop", "b"))
    places.told(("shop", "a"))
    assert places.why_full(("shop", "b")) == ""
