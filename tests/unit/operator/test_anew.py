"""What is destroyed stays so: it is decided again from what the API server says, because watches may be late."""

import pytest

from moorage.core.facts import MemberFacts
from moorage.core.step import Apply, ClearRequest, Desired, DropClaim, Exclude, GrowClaim, Order, ReplacePod, StartAnew, Step
from moorage.operator.anew import is_destructive
from tests.unit.operator.kubernetes import claim
from tests.unit.operator.server import Operator, Server

MEMBER = MemberFacts("datanode2", 2, "orders-g1-2")


def _apply(kind: str) -> Apply:
    return Apply(Desired(kind, "orders-g1", "digest"), "why")


@pytest.mark.parametrize(
    ("step", "destroys"),
    [
        (ReplacePod(MEMBER, "why"), True),
        (StartAnew(("data-orders-g1-0",), "why"), True),
        (DropClaim("data-orders-g1-3", "why"), True),
        (_apply("StatefulSet"), True),
        (_apply("Service"), False),
        (Order(MEMBER, "id", "recover", {}, "why"), True),
        (Exclude(("orders-g1-0",), "why", MEMBER), True),
        (Order(MEMBER, "id", "hand-over", {}, "why"), False),
        (GrowClaim("data-orders-g1-0", "20Gi", "why"), False),
        (ClearRequest("moorage.dev/promote", "why"), False),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, bool) else str(value),
)
def test_what_takes_pods_or_volumes_away_destroys(step: Step, destroys: bool) -> None:
    assert is_destructive(step) is destroys


@pytest.mark.parametrize("late", [True, False], ids=["the watch is late", "it is still so"])
async def test_a_claim_that_has_a_volume_by_now_is_not_dropped(late: bool) -> None:
    operator = Operator(Server(), members=1)
    await operator.settle()
    operator.service["status"] = {"init": {"phase": "Succeeded"}}
    operator.server.put({"kind": "PersistentVolumeClaim", **claim(0, volume="pvc-0")})
    await operator.settle()
    operator.server.put({"kind": "PersistentVolumeClaim", **claim(1)})
    operator.hear()
    operator.late = frozenset({"PersistentVolumeClaim"})
    if late:
        operator.server.put({"kind": "PersistentVolumeClaim", **claim(1, volume="pvc-1")})
    done = await operator.look(1)
    assert (("PersistentVolumeClaim", "data-orders-g1-1") in operator.server.objects) is late
    assert done.again_seconds == (1.0 if late else 0.0)


@pytest.mark.parametrize("late", [True, False], ids=["the watch is late", "it is still so"])
async def test_no_pod_is_given_up_for_a_service_that_runs_by_now(late: bool) -> None:
    operator = Operator(Server())
    await operator.settle()
    operator.service["spec"]["members"] = 1
    operator.hear()
    operator.late = frozenset({"DataService"})
    if late:
        operator.service["status"]["init"] = {"phase": "Succeeded"}
    await operator.settle()
    assert operator.server.objects["StatefulSet", "orders-g1"]["spec"]["replicas"] == (3 if late else 1)
