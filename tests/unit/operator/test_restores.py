"""A restore as its controller carries it out: what the API server refuses is said, and ends in an answer."""

from typing import Any

import pytest

from moorage.core import names
from moorage.core.task import TaskPhase, TaskReport
from moorage.engines.registry import load
from moorage.kube.client import KubeError
from moorage.kube.reflector import Store
from moorage.operator.restores import Restores
from tests.unit.operator.kubernetes import at, stamp
from tests.unit.operator.server import KINDS, Server, _copy

BACKUP = "mongodb-shop-orders-20261125023000"


class Story:
    """A store, a good backup of a service, and a restore."""

    def __init__(self, **spec: Any) -> None:
        self.server = Server()
        s3 = {"endpoint": "https://s3.example.com", "bucket": "backups", "credentialsSecret": "s3"}
        taken = {"phase": "Succeeded", "backupName": BACKUP, "store": "far", "engine": "mongodb"}
        self._put("BackupStore", "far", {"s3": s3}, {"phase": "Ready"})
        self._put("DataBackup", BACKUP, {"service": "orders"}, taken)
        self._put("DataService", "orders", {"engine": "mongodb"}, {"init": {"phase": "Succeeded"}, "healthCluster": "green"})
        self._put("DataRestore", "back", {"source": {"backup": BACKUP}, **spec}, {}, finalizers=[names.FINALIZER])
        self.stores = {kind: Store() for kind in {*KINDS, "BackupStore", "DataBackup", "DataRestore"}}
        self.controller = Restores(self.server, self.stores, load(), "moorage:dev", lambda: at(0))

    def _put(self, kind: str, name: str, spec: Any, status: Any, **meta: Any) -> None:
        self.server.put({"kind": kind, "metadata": {"name": name, **meta}, "spec": spec, "status": status})

    async def look(self) -> None:
        for kind, store in self.stores.items():
            store.listed([_copy(i) for (of, _), i in self.server.objects.items() if of == kind], str(self.server.version))
        await self.controller.reconcile(("shop", "back"))

    @property
    def status(self) -> Any:
        return self.server.objects["DataRestore", "back"]["status"]


async def test_a_new_service_that_the_api_server_refuses_ends_the_restore_with_its_words() -> None:
    story = Story(toNew="copy")
    refusal = KubeError('DataService "copy" is invalid: the name is not allowed', 422)
    story.server.refuse = lambda verb, kind, name: refusal if (verb, kind) == ("create", "DataService") else None
    await story.look()
    assert story.status["phase"] == "Failed"
    assert "the name is not allowed" in story.status["message"]
    assert story.server.events("RestoreFailed")


async def test_a_new_service_is_declared_as_the_old_one_and_waits_for_its_data() -> None:
    story = Story(toNew="copy")
    await story.look()
    made = story.server.objects["DataService", "copy"]
    assert made["spec"] == story.server.objects["DataService", "orders"]["spec"]
    assert made["metadata"]["annotations"] == {names.ANNOTATION_RESTORE: "back"}


async def test_a_quota_that_refuses_the_volume_is_said_and_asked_again() -> None:
    story = Story(inPlace="orders", safetyBackup=False)
    refusal = KubeError("persistentvolumeclaims is forbidden: exceeded quota: small", 403)
    story.server.refuse = lambda verb, kind, name: refusal if (verb, kind) == ("create", "PersistentVolumeClaim") else None
    await story.look()
    await story.look()
    assert story.status["phase"] == "Seeding"
    assert "quota" in story.status["message"]
    story.server.refuse = lambda verb, kind, name: None
    await story.look()
    assert ("PersistentVolumeClaim", "data-orders-g2-0") in story.server.objects


async def test_a_worker_is_told_where_the_data_goes_and_holds_no_secret_in_its_task() -> None:
    story = Story(inPlace="orders", safetyBackup=False)
    for _ in range(4):
        await story.look()
    (pod,) = [item for (kind, _), item in story.server.objects.items() if kind == "Pod"]
    task = pod["metadata"]["annotations"][names.ANNOTATION_TASK]
    assert f"mongodb/shop/orders/{BACKUP}" in task
    assert '"mode":"fill"' in task
    volumes = {volume["name"]: volume for volume in pod["spec"]["volumes"]}
    assert volumes["data"]["persistentVolumeClaim"]["claimName"] == "data-orders-g2-0"


class Adoption(Story):
    """A service that only the store knows."""

    def __init__(self, to_new: str, cluster: str | None = "elsewhere") -> None:
        super().__init__(toNew=to_new)
        self.cluster = cluster
        self.server.objects.pop(("DataService", "orders"))
        known = [{"engine": "mongodb", "namespace": "shop", "name": "orders", "backups": 1, "newest": BACKUP}]
        self.server.objects["BackupStore", "far"]["status"]["services"] = known
        self.server.objects["DataRestore", "back"]["spec"]["source"] = {"store": "far", "storedBackup": BACKUP}

    async def made(self) -> Any:
        """The service, after the worker read the manifest."""
        await self.look()
        (pod,) = [item for (kind, _), item in self.server.objects.items() if kind == "Pod"]
        declared = {"metadata": {"name": "orders", "namespace": "shop"}, "spec": {"engine": "mongodb"}}
        told = TaskReport(TaskPhase.SUCCEEDED, result={"dataService": declared, "cluster": self.cluster}).to_json()
        ended = {"exitCode": 0, "message": told, "finishedAt": stamp(1)}
        pod["status"] = {"phase": "Succeeded", "containerStatuses": [{"name": "worker", "state": {"terminated": ended}}]}
        self.server.put(pod)
        await self.look()
        return self.server.objects["DataService", self.server.objects["DataRestore", "back"]["spec"]["toNew"]]


@pytest.mark.parametrize(("cluster", "mark"), [("elsewhere", "elsewhere"), ("", "unknown"), (None, "unknown")])
async def test_a_service_that_is_adopted_takes_over_the_backups_of_the_cluster_that_it_was_in(
    cluster: str | None, mark: str
) -> None:
    made = await Adoption("orders", cluster).made()
    assert made["metadata"]["annotations"] == {names.ANNOTATION_RESTORE: "back", names.ANNOTATION_ADOPTED: mark}


async def test_a_copy_under_another_name_takes_nothing_over() -> None:
    made = await Adoption("orders-old").made()
    assert names.ANNOTATION_ADOPTED not in made["metadata"]["annotations"]
