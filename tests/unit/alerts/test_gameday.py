"""The judge of a game day sees a message too many, one too few and one of another fault."""

from datetime import UTC, datetime, timedelta

from tests.alerts.faults import FAULTS, OF_THE_DAY, Fault, alerting, nothing, recovered
from tests.alerts.gameday import Ran, judged, of_the_day, shared, since
from tests.alerts.people import Told

BEGAN = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
RED = alerting("MoorageServiceRed", "shop/orders")


def ran(minute: int, *expected: str) -> Ran:
    return Ran(Fault(f"fault {minute}", "does", nothing, expected, "because"), BEGAN + timedelta(minutes=minute), 60.0 * minute)


def told(title: str, minute: float) -> Told:
    """Of something that began in that minute."""
    moment = (BEGAN + timedelta(minutes=minute)).isoformat(" ", "seconds")
    return Told("webhook", 60 * minute, title, f"{title}\nSince: {moment}\nDuration: 2m13s")


def verdict(*messages: Told) -> list[str]:
    """Of a day with two faults, the second of which is to be told, and its end."""
    day = [ran(0), ran(10, RED, recovered("shop/orders"))]
    return judged(day, shared(day, messages))


def test_what_is_wanted_and_nothing_else_is_a_good_day() -> None:
    assert verdict(told(RED, 11), told("[OK] 🟢 shop/orders recovered after 2m13s", 11)) == []


def test_one_too_many_one_too_few_and_one_of_another_fault_are_seen() -> None:
    end = told("[OK] 🟢 shop/orders recovered after 13s", 11)
    assert verdict(told(RED, 11), told(RED, 11), end) == [f"fault 10: nobody wants '{RED}'"]
    assert verdict(end) == [f"fault 10: nobody was told '{RED}'"]
    assert verdict(told(RED, 5), end) == [f"fault 0: nobody wants '{RED}'", f"fault 10: nobody was told '{RED}'"]
    assert verdict(told(RED, -1), told(RED, 11), end) == [f"before the first fault: {RED}"]


def test_that_elections_repeat_is_told_once_a_day() -> None:
    (often,) = OF_THE_DAY
    whole = [told(RED, 11), told("[OK] 🟢 shop/orders recovered after 13s", 11)]
    assert verdict(*whole, told(often, 12)) == []
    assert verdict(*whole, told(often, 2), told(often, 12)) == [f"fault 10: nobody wants '{often}'"]


def test_a_message_belongs_to_when_that_began_and_not_to_when_it_came() -> None:
    late = told(RED, 3)
    assert since(late) == BEGAN + timedelta(minutes=3)
    day = [ran(0, RED), ran(10)]
    assert judged(day, shared(day, [Told("webhook", 900.0, late.title, late.text)])) == []


def test_what_began_before_the_day_is_none_of_its_messages() -> None:
    before, within = told("[OK] 🟢 shop/others recovered after 13s", -30), told(RED, -1)
    assert of_the_day([before, within], BEGAN - timedelta(minutes=2)) == [within]


def test_there_are_ten_faults_and_each_says_why() -> None:
    assert len({fault.name for fault in FAULTS}) == 10
    assert all(fault.because for fault in FAULTS)
