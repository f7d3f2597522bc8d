"""Clients are passed on only while nobody can move the address, and no member is ever taken for one."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from moorage.agent.forwarding import (
    STALE_ROUTES_SECONDS_MAX,
    End,
    Leaving,
    Place,
    Routes,
    Sight,
    next_of,
    routes,
    why_not_forwarded,
)
from moorage.engines.member import Primary

ME, ENGINE, PORT = "orders-g1-0", Place("127.0.0.1", 27117), 27017
OWN = frozenset({"127.0.0.1", "10.0.1.0"})
PEERS = {"orders-g1-1": frozenset({"10.0.1.1"}), "orders-g1-2": frozenset({"10.0.1.2"})}
STRANDED = Sight(ME, leads_here=True, held_term=7, is_answered=False, primary=Primary("orders-g1-1", 8), peers=PEERS)

pods = st.sampled_from([ME, *PEERS, "orders-g1-3"])
addresses = st.frozensets(st.sampled_from(["10.0.1.1", "10.0.1.2", "10.0.1.3"]), max_size=2)
primaries = st.none() | st.builds(Primary, pods, st.integers(0, 9))
peers_of = st.dictionaries(pods.filter(lambda pod: pod != ME), addresses, max_size=3)
sights = st.builds(
    Sight,
    pod=st.just(ME),
    leads_here=st.booleans(),
    held_term=st.integers(0, 9),
    is_answered=st.booleans(),
    primary=primaries,
    peers=peers_of,
    engine_runs=st.booleans(),
    peers_down=st.lists(pods, max_size=2).map(tuple),
)
befores = st.builds(
    Routes, st.just(ENGINE), st.none() | st.builds(Place, st.sampled_from(["10.0.1.1", "10.0.1.9"]), st.just(PORT))
)
own_terms = st.none() | st.integers(0, 9)


def why_not(**changes: object) -> str:
    return str(why_not_forwarded(replace(STRANDED, **changes)))  # type: ignore[arg-type]


def test_clients_are_passed_on_when_the_address_leads_here_and_nobody_can_move_it() -> None:
    assert why_not_forwarded(STRANDED) is None


def test_what_speaks_against_it_is_a_sentence() -> None:
    assert why_not(is_answered=True) == "the API server answers, so the primary moves the address"
    assert why_not(peers=PEERS | {"orders-g1-2": frozenset()}) == (
        "it is not known where orders-g1-2 connects from, and a member must never be taken for a client"
    )
    assert why_not(engine_runs=True, peers_down=("orders-g1-2",)) == (
        "orders-g1-2 is not heard, so this engine is not restarted now"
    )
    assert why_not(primary=Primary("orders-g1-1", 7)) == ("orders-g1-1 is primary in term 7, and the address was claimed in 7")


@given(sights)
def test_nothing_is_passed_on_while_the_api_server_answers_or_the_address_leads_elsewhere(sight: Sight) -> None:
    if sight.is_answered or not sight.leads_here:
        assert why_not_forwarded(sight)


@given(sights)
def test_nothing_is_passed_on_without_another_primary_of_a_later_term(sight: Sight) -> None:
    if sight.primary is None or sight.primary.pod == ME or sight.primary.term <= sight.held_term:
        assert why_not_forwarded(sight)


@given(sights)
def test_nothing_is_passed_on_while_it_is_not_known_where_a_member_connects_from(sight: Sight) -> None:
    if not all(sight.peers.values()):
        assert why_not_forwarded(sight)


@given(sights)
def test_an_engine_that_runs_is_not_restarted_while_another_member_is_not_heard(sight: Sight) -> None:
    if sight.engine_runs and sight.peers_down:
        assert why_not_forwarded(sight)


@given(befores, peers_of, primaries, own_terms)
def test_what_comes_from_a_member_or_from_here_ends_at_this_member_s_engine(
    before: Routes, peers: dict[str, frozenset[str]], primary: Primary | None, own_term: int | None
) -> None:
    now = routes(before, own=OWN, peers=peers, primary=primary, port=PORT, own_term=own_term)
    for caller in OWN.union(*peers.values()):
        assert now.leads(caller, is_known=False) == ENGINE


@given(befores, peers_of.map(lambda peers: {**peers, "orders-g1-1": OWN}), primaries, own_terms)
def test_a_client_is_never_led_in_a_circle(
    before: Routes, peers: dict[str, frozenset[str]], primary: Primary | None, own_term: int | None
) -> None:
    led = routes(before, own=OWN, peers=peers, primary=primary, port=PORT, own_term=own_term).leads("10.0.9.9", is_known=True)
    assert led is None or led == ENGINE or led.host not in OWN


@given(befores, primaries, own_terms)
def test_a_client_ends_here_only_while_this_member_is_the_latest_primary(
    before: Routes, primary: Primary | None, own_term: int | None
) -> None:
    led = routes(before, own=OWN, peers=PEERS, primary=primary, port=PORT, own_term=own_term).leads("10.0.9.9", is_known=True)
    is_primary = own_term is not None and (primary is None or primary.term <= own_term)
    assert (led == ENGINE) == is_primary


def led(before: Routes, primary: Primary | None, own_term: int | None = None) -> Routes:
    return routes(before, own=OWN, peers=PEERS, primary=primary, port=PORT, own_term=own_term)


def test_a_stranger_is_no_client_while_a_member_is_missing_that_it_could_be() -> None:
    missing = replace(led(Routes(ENGINE), Primary("orders-g1-1", 8)), is_one_missing=True)
    assert missing.leads("10.0.9.9", is_known=False) is None
    assert missing.leads("10.0.9.9", is_known=True) == Place("10.0.1.1", PORT)


def test_nobody_is_turned_away_from_a_primary_for_want_of_another_member() -> None:
    own = replace(led(Routes(ENGINE), None, own_term=9), is_one_missing=True)
    assert own.leads("10.0.9.9", is_known=False) == ENGINE


def test_clients_follow_the_role_and_stay_while_nobody_is_seen_to_have_it() -> None:
    first = led(Routes(ENGINE), Primary("orders-g1-1", 8))
    assert first.primary == Place("10.0.1.1", PORT)
    assert led(first, None) == first
    assert led(first, Primary("orders-g1-2", 9)).primary == Place("10.0.1.2", PORT)
    assert led(first, Primary("orders-g1-1", 8), own_term=9).primary == ENGINE


seconds = st.floats(0, 100)


@given(st.builds(Leaving, moved=seconds, cut=st.none() | seconds, came=st.none() | seconds, cuts=st.integers(0, 6)))
def test_who_came_back_is_passed_on_until_the_nodes_have_followed_for_certain(leaving: Leaving) -> None:
    came_back = leaving.cut is not None and leaving.came is not None and leaving.came < leaving.cut
    if next_of(leaving) is End.OVER and leaving.moved < STALE_ROUTES_SECONDS_MAX:
        assert leaving.cut is not None
        assert not came_back
    if leaving.moved >= STALE_ROUTES_SECONDS_MAX:
        assert next_of(leaving) is End.OVER


def test_clients_are_cut_less_and_less_often_while_they_come_back() -> None:
    assert next_of(Leaving(moved=1.0)) is End.WAIT
    assert next_of(Leaving(moved=2.0)) is End.CUT
    assert next_of(Leaving(moved=3.0, cut=1.0, came=0.5, cuts=1)) is End.WAIT
    assert next_of(Leaving(moved=6.0, cut=4.0, came=3.5, cuts=1)) is End.CUT
    assert next_of(Leaving(moved=10.0, cut=4.0, came=3.5, cuts=2)) is End.WAIT
    assert next_of(Leaving(moved=10.0, cut=2.0, came=9.0, cuts=2)) is End.OVER
