"""Members as the CLI finds their Pods."""

import pytest

from moorage.api.dataservice import Health
from moorage.views.service import member_pods, service_view
from tests.unit.build import service


@pytest.mark.parametrize(
    ("members", "ordinals"),
    [
        (("datanode0", "datanode1", "datanode2"), (0, 1, 2)),
        (("datanode0", "datanode1", "arbiter"), (0, 1, 2)),
        (("datanode0", "datanode1", "datanode2", "datanode4"), (0, 1, 2, 4)),
        ((), ()),
    ],
    ids=["three", "with an arbiter", "while members leave", "not named yet"],
)
def test_every_member_has_its_pod(members: tuple[str, ...], ordinals: tuple[int, ...]) -> None:
    found = service()
    status = found.status.model_copy(update={"health_instances": dict.fromkeys(members, Health.GREEN)})
    pods = member_pods(found.model_copy(update={"status": status}))
    assert pods == {member: f"orders-g1-{i}" for member, i in zip(members, ordinals, strict=True)}


def test_what_a_person_asked_for_is_shown_so_that_it_can_be_changed() -> None:
    spec = {"engine": "mongodb", "arbiter": True, "members": 2, "timeZone": "Asia/Shanghai"}
    view = service_view({"metadata": {"name": "orders", "namespace": "shop", "generation": 1}, "spec": spec})
    assert (view.members_asked, view.has_arbiter, view.time_zone) == (2, True, "Asia/Shanghai")
    plain = service_view({"metadata": {"name": "orders", "namespace": "shop", "generation": 1}, "spec": {"engine": "mongodb"}})
    assert (plain.members_asked, plain.has_arbiter, plain.time_zone) == (None, False, None), "the engine's and the platform's"
