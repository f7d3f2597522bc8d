"""While maintenance holds nothing is repaired; it ends by itself."""

import pytest

from moorage.core import names
from moorage.core.plan import plan
from moorage.core.step import ClearRequest, Order, Wait
from tests.unit.build import target
from tests.unit.core.rebuilds import NOW, looked, maintained, one_damaged


def test_during_maintenance_nothing_is_repaired_and_that_is_said() -> None:
    step = plan(looked(*one_damaged(), annotations=maintained("2026-12-01T12:00:00Z")), target(template="t2"))
    assert step == Wait(
        "maintenance until 2026-12-01T12:00:00Z (a switch is replaced): nothing is repaired and nothing is rolled out"
    )


def test_during_maintenance_a_person_may_still_have_a_member_promoted() -> None:
    asked = maintained("2026-12-01T12:00:00Z") | {names.ANNOTATION_PROMOTE: f"datanode1@{NOW}"}
    step = plan(looked(*one_damaged(), annotations=asked), target())
    assert isinstance(step, Order)
    assert step.action == "hand-over"


def test_maintenance_ends_by_itself() -> None:
    step = plan(looked(*one_damaged(), annotations=maintained(NOW)), target())
    assert step == ClearRequest(names.ANNOTATION_MAINTENANCE, "the maintenance is over: repairs and roll-outs go on")


@pytest.mark.parametrize(
    "text", ["for ever", "{}", "[]", '{"until": "2026-12-01T12:00:00"}', '{"until": "2027-12-01T12:00:00Z"}']
)
def test_a_maintenance_that_cannot_be_read_holds_nothing_up(text: str) -> None:
    assert isinstance(plan(looked(*one_damaged(), annotations={names.ANNOTATION_MAINTENANCE: text}), target()), Order)
