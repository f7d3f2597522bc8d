"""Members as the CLI finds their Pods."""

import pytest

from moorage.api.dataservice import Health
from moorage.views.service import member_pods
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
