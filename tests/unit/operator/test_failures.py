"""Steps that the API server does not take: whose fault it is, when it is said, and when it is tried again."""

import pytest

from moorage.core.step import Apply, ClearRequest, Desired, DropClaim, GrowClaim, Order, ReplacePod, StartAnew, Step
from moorage.operator.failures import Tried, backoff_seconds, failed, of_step
from moorage.operator.told import Finding
from tests.unit.build import NORMAL
from tests.unit.operator.kubernetes import at, quota

STEP = Apply(Desired("Service", "orders", "d1"), "Service/orders does not exist")
QUOTA = quota('services "orders"', "services=1", "services=0", "services=0")
SENTENCE = (
    "Service/orders cannot be made or changed: ResourceQuota 'small' does not allow it: "
    "services is limited to 0, and 1 more is wanted; raise the quota or ask for less"
)


def refused(before: Tried | None = None, seconds: float = 0) -> Tried:
    return failed(before, STEP, QUOTA, refused=True, now=at(seconds))


def test_a_refusal_is_said_when_it_is_repeated() -> None:
    """An API server that has just started refuses what it allows a second later."""
    first = refused()
    assert first.failure.finding(at(0), "") is None
    assert refused(first, 1).failure.finding(at(1), "") == Finding(SENTENCE)


def test_a_refusal_that_the_status_tells_of_stays_there_when_the_operator_is_started_anew() -> None:
    assert refused().failure.finding(at(0), f"all 3 members are normal; {SENTENCE}") == Finding(SENTENCE)


def test_what_is_nobodys_fault_is_said_only_when_it_lasts_and_as_nobodys_fault() -> None:
    conflict = failed(None, STEP, "the object has been modified", refused=False, now=at(0))
    conflict = failed(conflict, STEP, "the object has been modified", refused=False, now=at(29))
    assert conflict.failure.finding(at(29), "") is None
    lasts = failed(conflict, STEP, "the object has been modified", refused=False, now=at(30)).failure.finding(at(30), "")
    assert lasts == Finding(
        "Service/orders cannot be made or changed yet: the API server says: the object has been modified; it is tried again",
        needs_somebody=False,
    )


def test_a_refusal_is_tried_again_after_1_2_4_and_at_most_30_seconds() -> None:
    tried, waits = None, []
    for _ in range(7):
        tried = refused(tried)
        waits.append((tried.again_at - at(0)).total_seconds())
    assert waits == [1, 2, 4, 8, 16, 30, 30]


def test_a_step_that_fails_for_weeks_is_still_tried_every_30_seconds() -> None:
    assert backoff_seconds(100_000, 1.0, 30.0) == 30.0


def test_a_step_with_another_content_is_not_the_one_that_was_refused() -> None:
    tried = (refused(),)
    assert of_step(tried, STEP) is tried[0]
    assert of_step(tried, Apply(Desired("Service", "orders", "d1"), "it was edited")) is tried[0]
    assert of_step(tried, Apply(Desired("Service", "orders", "d2"), STEP.why)) is None


def test_a_certificate_that_is_drawn_in_every_pass_is_refused_as_one_step() -> None:
    why = "there is no certificate yet"
    first, second = (Apply(Desired("Secret", "orders-tls", digest, why), why) for digest in ("d1", "d2"))
    tried = failed(None, first, QUOTA, refused=True, now=at(0))
    assert of_step((tried,), second) is tried


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Order(NORMAL[0], "hand-over-1", "hand-over", {}, "why"), "datanode0 cannot be given the order hand-over"),
        (ReplacePod(NORMAL[2], "why"), "Pod orders-g1-2 cannot be deleted"),
        (GrowClaim("data-orders-g1-0", "20Gi", "why"), "claim data-orders-g1-0 cannot be changed to 20Gi"),
        (DropClaim("data-orders-g1-3", "why"), "claim data-orders-g1-3 cannot be deleted"),
        (StartAnew(("data-orders-g1-0",), "why"), "the members and data-orders-g1-0 cannot be removed to be made anew"),
        (ClearRequest("moorage.dev/promote", "why"), "the request moorage.dev/promote cannot be removed"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_what_was_tried_stands_in_the_sentence(step: Step, words: str) -> None:
    assert failed(None, step, "x is forbidden: no", refused=True, now=at(0)).failure.says == f"{words}: no"
