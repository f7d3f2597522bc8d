"""The operator's page tells of every service, once over all replicas, and costs little while nothing changes."""

import asyncio
import copy
import time
from typing import Any, cast

import pytest
from prometheus_client.parser import text_string_to_metric_families

from moorage.kube.client import Kube, KubeError
from moorage.kube.lease import Lease
from moorage.kube.reflector import Store
from moorage.monitoring.document import document
from moorage.operator import health, metrics
from moorage.operator.metrics import Page, Standing, Tally
from tests.ports import free_port
from tests.unit.monitoring.full import service
from tests.unit.operator.backup_world import KINDS

LEADER = Standing(is_leading=True, is_telling=True, is_synced=True, queue_length=2, failing={"DataBackup": 1})
FOLLOWER = Standing(is_leading=False, is_telling=False, is_synced=True, queue_length=0, failing={})
Object = dict[str, Any]


class World:
    """The operator's copies, and its page."""

    def __init__(self) -> None:
        self.stores = {kind: Store() for kind in (*KINDS, "StorageClass")}
        self.tally = Tally()
        self.page = Page(self.stores, self.tally)
        self.version = 0

    def put(self, kind: str, item: Object, **meta: Any) -> None:
        self.version += 1
        fresh = copy.deepcopy(item)
        fresh["metadata"] |= {"resourceVersion": str(self.version), "uid": f"{kind}-{item['metadata']['name']}", **meta}
        self.stores[kind].event("MODIFIED", fresh)

    def put_service(self, name: str = "orders", members: int = 3, **status: Any) -> None:
        item, *_ = service(members)
        self.put("DataService", {**item, "metadata": {**item["metadata"], "name": name}, "status": {**item["status"], **status}})

    async def values(self, name: str, standing: Standing = LEADER) -> dict[tuple[str, ...], float]:
        """Values of the labels → value."""
        found = text_string_to_metric_families(await self.page.text(standing))
        return {tuple(s.labels.values()): s.value for f in found for s in f.samples if s.name == f"moorage_{name}"}


@pytest.fixture
def world() -> World:
    made = World()
    made.put_service()
    return made


async def test_a_service_is_told_of_with_its_members_pods_backups_and_restores(world: World) -> None:
    _, backups, restores = service(3)
    for item in backups:
        world.put("DataBackup", item)
    for item in restores:
        world.put("DataRestore", item)
    assert (await world.values("service_health"))["shop", "orders", "yellow"] == 1
    assert (await world.values("service_member_info"))["shop", "orders", "datanode1", "orders-g2-1"] == 1
    assert (await world.values("service_backups"))["shop", "orders", "Failed"] == 1
    assert await world.values("service_restore_serving_seconds") == {("shop", "orders"): 77.0}


async def test_a_backup_of_another_service_or_namespace_is_not_counted(world: World) -> None:
    _, (backup, *_), _ = service(3)
    world.put("DataBackup", backup, namespace="elsewhere")
    world.put("DataBackup", {**backup, "spec": {"service": "others"}})
    assert sum((await world.values("service_backups")).values()) == 0


async def test_who_does_not_lead_tells_of_itself_alone(world: World) -> None:
    assert await world.values("service_health", FOLLOWER) == {}
    assert await world.values("operator_leading", FOLLOWER) == {(): 0.0}
    assert await world.values("operator_leading") == {(): 1.0}
    assert await world.values("operator_failing_resources") == {("DataBackup",): 1.0}


async def test_what_changed_is_told_anew_and_what_vanished_no_more(world: World) -> None:
    await world.values("service_health")
    world.put_service(healthCluster="red")
    assert (await world.values("service_health"))["shop", "orders", "red"] == 1
    item = world.stores["DataService"].get("shop", "orders")
    assert item is not None
    world.stores["DataService"].event("DELETED", item)
    assert await world.values("service_health") == {}


async def test_a_new_backup_changes_its_service(world: World) -> None:
    assert (await world.values("service_backups"))["shop", "orders", "Succeeded"] == 0
    _, (backup, *_), _ = service(3)
    world.put("DataBackup", backup)
    assert (await world.values("service_backups"))["shop", "orders", "Succeeded"] == 1


async def test_only_what_changed_is_written_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        world.put_service(f"s{number}")
    written: list[str] = []

    def noted(item: Object, *more: Any) -> Object:
        written.append(item["metadata"]["name"])
        return document(item, *more)

    monkeypatch.setattr(metrics, "document", noted)
    await world.values("service_health")
    assert len(written) == 51
    written.clear()
    world.put_service("s7", healthCluster="green")
    assert (await world.values("service_health"))["shop", "s7", "green"] == 1
    assert written == ["s7"]


async def test_a_service_that_another_version_wrote_is_told_of_all_the_same(world: World) -> None:
    world.put_service("new", isRepairing=["of", "another", "kind"], healthCluster="purple", expectedNodes=5)
    assert (await world.values("service_members_expected"))["shop", "new"] == 5
    assert (await world.values("service_members_expected"))["shop", "orders"] == 3


async def test_a_store_is_told_of(world: World) -> None:
    status = {"phase": "NotReady", "message": "no route", "checked": "2026-11-28T01:00:00Z", "services": [{}, {}]}
    world.put("BackupStore", {"metadata": {"name": "main", "namespace": "shop"}, "spec": {}, "status": status})
    assert await world.values("store_phase") == {("shop", "main", "NotReady"): 1.0}
    assert await world.values("store_services") == {("shop", "main"): 2.0}


async def test_looks_are_counted_with_those_that_fail(world: World) -> None:
    with world.tally.timed("DataService"):
        pass
    with pytest.raises(KubeError), world.tally.timed("DataService"):
        raise KubeError("no")
    assert await world.values("operator_passes_total") == {("DataService",): 2.0}
    assert await world.values("operator_pass_failures_total") == {("DataService",): 1.0}


async def test_whoever_led_last_goes_on_telling_while_no_lease_can_be_had() -> None:
    """Else every alert would be over the moment the API server is away."""
    clock = [0.0]

    class Away:
        is_there = True

        async def get(self, *_: Any) -> None:
            if not self.is_there:
                raise KubeError("no route")

        async def create(self, *_: Any) -> None: ...

    kube = Away()
    lease = Lease(cast("Kube", kube), "system", "operator", "me", lambda: clock[0])
    assert not lease.was_held_last
    leads = asyncio.Event()
    keeping = asyncio.create_task(lease.keep(leads.set))
    try:
        await asyncio.wait_for(leads.wait(), 20)
        kube.is_there, clock[0] = False, 60.0
        assert not lease.is_held
        assert lease.was_held_last
    finally:
        keeping.cancel()


async def test_the_page_is_served_where_the_kubelet_asks_and_asking_for_another_costs_nothing() -> None:
    asked = 0

    async def page() -> str:
        nonlocal asked
        asked += 1
        return "moorage_x 1\n"

    port = free_port()
    serving = asyncio.create_task(health.serve(port, page))
    try:
        assert (await _get(port, b"/healthz")).endswith(b"\r\n\r\nok\n")
        assert asked == 0
        assert (await _get(port, b"/metrics")).endswith(b"\r\n\r\nmoorage_x 1\n")
    finally:
        serving.cancel()


async def _get(port: int, path: bytes) -> bytes:
    deadline = time.monotonic() + 20
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
            continue
        writer.write(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await reader.read(-1)
        writer.close()
        return answer
