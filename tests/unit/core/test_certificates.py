"""When members get another certificate: a rule over what it says and the time."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from moorage.core.certificates import LIFE, SPREAD, Certificate, hosts, trusts_former, why_renewed

DRAWN = datetime(2026, 1, 1, tzinfo=UTC)
WANTED = hosts("orders", "shop", "10.89.1.1")
OLD = DRAWN - timedelta(days=1000)


def certificate(**facts: object) -> Certificate:
    return Certificate(**{"hosts": WANTED, "drawn": DRAWN, "ends": DRAWN + LIFE, **facts})  # type: ignore[arg-type]


def days(number: float) -> datetime:
    return DRAWN + timedelta(days=number)


ages = st.timedeltas(min_value=timedelta(0), max_value=LIFE * 2)


@given(ages)
def test_a_certificate_is_renewed_in_the_last_third_of_its_life_and_not_before(age: timedelta) -> None:
    is_due = age > LIFE * 2 / 3
    assert (why_renewed(certificate(), WANTED, OLD, DRAWN + age) is not None) is is_due


@given(ages, ages, st.booleans(), st.sets(st.sampled_from(sorted(WANTED))))
def test_what_was_just_drawn_is_never_drawn_again(
    age: timedelta, authority_age: timedelta, is_signed: bool, named: set[str]
) -> None:
    """Else every pass would draw one: whatever the reason was, the fresh certificate takes it away."""
    now = DRAWN + age
    before = certificate(hosts=frozenset(named), is_signed=is_signed)
    if why_renewed(before, WANTED, now - authority_age, now) is not None:
        fresh = certificate(drawn=now, ends=now + LIFE)
        assert why_renewed(fresh, WANTED, now - authority_age, now) is None


def test_an_address_that_came_or_changed_is_named_by_the_next_certificate() -> None:
    assert why_renewed(certificate(), hosts("orders", "shop", "10.89.1.2"), OLD, days(1)) == (
        "the certificate does not name 10.89.1.2"
    )


def test_an_address_that_is_taken_back_for_a_moment_costs_no_certificate() -> None:
    assert why_renewed(certificate(), hosts("orders", "shop", ""), OLD, days(1)) is None


def test_a_load_balancer_may_give_a_name_in_capitals_or_an_address_of_the_sixth_version() -> None:
    assert "lb-1.example.com" in hosts("orders", "shop", "LB-1.example.com")
    assert "fd00::1" in hosts("orders", "shop", "FD00:0::1")


def test_every_name_by_which_a_member_is_reached_is_named() -> None:
    assert hosts("orders", "shop", "") == {
        "*.orders-members.shop.svc.cluster.local",
        "orders",
        "orders.shop",
        "orders.shop.svc",
        "orders.shop.svc.cluster.local",
        "orders-replicas",
        "orders-replicas.shop",
        "orders-replicas.shop.svc",
        "orders-replicas.shop.svc.cluster.local",
        "localhost",
        "127.0.0.1",
    }


@given(ages)
def test_a_new_authority_signs_only_once_every_member_had_time_to_trust_it(authority_age: timedelta) -> None:
    """While the certificate of the authority before still lives."""
    now = days(1)
    why = why_renewed(certificate(is_signed=False), WANTED, now - authority_age, now)
    assert (why is not None) is (authority_age >= SPREAD)


def test_a_dead_certificate_is_replaced_whoever_signed_it() -> None:
    now = days(91)
    assert "ended at 2026-04-01" in (why_renewed(certificate(is_signed=False), WANTED, now, now) or "")


@given(ages)
def test_the_authority_of_before_stays_trusted_until_every_member_has_a_certificate_of_the_new_one(age: timedelta) -> None:
    assert trusts_former(certificate(is_signed=False), DRAWN + age)
    assert trusts_former(certificate(), DRAWN + age) is (age < SPREAD)
