"""Who may form the group again: the one that holds everything, or nobody."""

from hypothesis import given
from hypothesis import strategies as st

from moorage.engines.mysql import gtid
from moorage.engines.mysql.outage import fullest

A, B = "3f1b6e0a-0000-4000-8000-000000000001", "00000000-0000-0000-0000-0000000000ab"


def test_the_one_that_holds_what_all_do_is_chosen() -> None:
    assert fullest({"m-0": f"{A}:1-10", "m-1": f"{A}:1-12", "m-2": ""}).pod == "m-1"
    assert fullest({"m-1": f"{A}:1-10", "m-0": f"{A}:1-10"}).pod == "m-0", "of equals the first by name"
    assert fullest({}).pod == ""


def test_of_sets_that_differ_nobody_is_chosen_and_what_is_at_stake_is_said() -> None:
    found = fullest({"m-0": f"{A}:1-10", "m-1": f"{A}:1-9,{B}:1"})
    assert found.pod == ""
    assert found.at_stake == (
        "the members hold different transactions: "
        f"with m-0 alone 1 transaction ({B}:1) would be lost; with m-1 alone 1 transaction ({A}:10) would be lost"
    )


def test_a_position_that_cannot_be_read_is_no_proof() -> None:
    assert "what m-1 holds cannot be read" in fullest({"m-0": f"{A}:1", "m-1": "?"}).at_stake


runs = st.integers(min_value=0, max_value=6)


@given(st.dictionaries(st.sampled_from(("m-0", "m-1", "m-2")), st.tuples(runs, runs), min_size=1))
def test_nobody_is_ever_chosen_that_lacks_anything(counts: dict[str, tuple[int, int]]) -> None:
    texts = {pod: ",".join(f"{u}:1-{n}" for u, n in ((A, a), (B, b)) if n) for pod, (a, b) in counts.items()}
    found, sets = fullest(texts), {pod: gtid.parse(text) for pod, text in texts.items()}
    holders = [pod for pod, held in sets.items() if all(other <= held for other in sets.values())]
    assert bool(found.pod) == bool(holders)
    assert not found.pod or found.pod in holders
    assert bool(found.at_stake) != bool(found.pod)
