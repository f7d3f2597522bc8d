"""What stays of a deleted service says what it belonged to, and since when it stays."""

from moorage.core import names
from moorage.views.retained import retained
from tests.unit.operator.kubernetes import stamp
from tests.unit.operator.server import Operator, Server

VOLUME = names.claim("orders", 1, 0)


def claim(server: Server) -> None:
    meta = {"name": VOLUME, "labels": names.labels("orders", "mongodb")}
    server.put({"kind": "PersistentVolumeClaim", "metadata": meta, "spec": {"volumeName": "v1"}})


async def test_a_volume_that_is_kept_says_when_its_service_was_deleted() -> None:
    operator = Operator(Server())
    await operator.settle()
    claim(operator.server)
    operator.service["metadata"]["deletionTimestamp"] = stamp(60)
    operator.seconds = 200
    await operator.settle()
    (kept,) = retained([operator.server.objects["PersistentVolumeClaim", VOLUME]], set())
    assert (kept.name, kept.deleted) == ("orders", stamp(60))


async def test_a_volume_that_is_on_its_way_out_brings_nobody_back() -> None:
    operator = Operator(Server())
    claim(operator.server)
    item = operator.server.objects["PersistentVolumeClaim", VOLUME]
    item["metadata"]["annotations"] = {names.ANNOTATION_SERVICE: '{"spec": {"engine": "mongodb"}}'}
    assert len(retained([item], set())) == 1
    item["metadata"]["deletionTimestamp"] = stamp(60)
    assert retained([item], set()) == []
