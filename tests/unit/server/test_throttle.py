"""Guessing is slowed down, and whoever knows their password is not."""

from hypothesis import given
from hypothesis import strategies as st

from moorage.server.people.throttle import FORGET_SECONDS, FREE_TRIES, REMEMBERED_MAX, WAIT_SECONDS_MAX, Throttle


def fail(throttle: Throttle, count: int, *, account: str = "li", address: str = "10.0.0.1", now: float = 0.0) -> None:
    for _ in range(count):
        throttle.failed(account, address, now)


def test_the_first_failures_cost_nothing_and_then_each_doubles_the_wait() -> None:
    throttle = Throttle()
    fail(throttle, FREE_TRIES["pair"] - 1)
    assert throttle.wait_seconds("li", "10.0.0.1", 0.0) == 0.0
    waits = []
    for _ in range(4):
        fail(throttle, 1)
        waits.append(throttle.wait_seconds("li", "10.0.0.1", 0.0))
    assert waits == [1.0, 2.0, 4.0, 8.0]


def test_an_office_behind_one_address_signs_in_all_day() -> None:
    throttle = Throttle()
    for number in range(10 * FREE_TRIES["address"]):
        account = f"person{number}"
        assert throttle.wait_seconds(account, "10.0.0.1", 0.0) == 0.0
        throttle.failed(account, "10.0.0.1", 0.0)
        throttle.succeeded(account, "10.0.0.1")


def test_an_account_of_ones_own_does_not_make_guessing_at_others_free() -> None:
    throttle = Throttle()
    for number in range(FREE_TRIES["address"]):
        fail(throttle, 1, account=f"victim{number}")
        throttle.failed("mallory", "10.0.0.1", 0.0)
        throttle.succeeded("mallory", "10.0.0.1")
    assert throttle.wait_seconds("somebody-else", "10.0.0.1", 0.0) > 0.0


def test_many_addresses_slow_down_one_account_late() -> None:
    throttle = Throttle()
    for number in range(FREE_TRIES["account"]):
        fail(throttle, 1, address=f"10.0.{number}.1")
    assert throttle.wait_seconds("li", "10.9.9.9", 0.0) > 0.0
    assert throttle.wait_seconds("wang", "10.9.9.9", 0.0) == 0.0


@given(st.integers(min_value=0, max_value=200))
def test_no_wait_is_longer_than_allowed_and_all_is_forgotten(count: int) -> None:
    throttle = Throttle()
    fail(throttle, count)
    assert throttle.wait_seconds("li", "10.0.0.1", 0.0) <= WAIT_SECONDS_MAX
    assert throttle.wait_seconds("li", "10.0.0.1", FORGET_SECONDS + 1.0) == 0.0


def test_what_is_remembered_does_not_grow_without_end() -> None:
    throttle = Throttle()
    for number in range(REMEMBERED_MAX):
        throttle.failed(f"a{number}", f"10.{number}", 0.0)
    assert len(throttle._failures) == REMEMBERED_MAX
