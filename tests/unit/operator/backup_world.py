"""A service with three members, a store, and workers that do what a test says, around the real controllers of backups."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from moorage.core import names
from moorage.core.report import MemberReport, Role
from moorage.core.task import Task, TaskKind, TaskPhase, TaskReport, task_from_json
from moorage.kube.reflector import Key, Store, key_of
from moorage.operator.controller import OWN_KINDS, Pass
from moorage.operator.main import Settings, controllers
from moorage.operator.observe import OBJECT_KINDS
from moorage.operator.services import ServiceController
from tests.unit.operator.kubernetes import Object, at, condition, pod, stamp, storage_class
from tests.unit.operator.server import Server, _copy

KINDS = (*OWN_KINDS, *OBJECT_KINDS, "Pod", "PersistentVolumeClaim", "Node")
S3 = {"endpoint": "https://s3", "bucket": "backups", "credentialsSecret": "keys"}
HERE, ELSEWHERE = "cluster-here", "cluster-elsewhere"
NAME = "mongodb-shop-orders-20261125022406"


def manifest(name: str = NAME, seconds: float = 0, **more: Any) -> Object:
    """What a store holds of a backup, and what its worker tells at the end."""
    return {
        "backupName": name,
        "taskId": "other-1",
        "cluster": HERE,
        "engine": "mongodb",
        "version": "6.0.5",
        "namespace": "shop",
        "service": "orders",
        "source": "datanode1",
        "startTime": stamp(seconds),
        "endTime": stamp(seconds + 10),
        "consistentTime": stamp(seconds + 9),
        "rawBytes": 1000,
        "sizeBytes": 300,
        "sha256": "ab",
        "keepDays": 7,
        "encryption": None,
    } | more


class Stamping(Server):
    """Says when an object was made."""

    def __init__(self, clock: Callable[[], str]) -> None:
        super().__init__()
        self._clock = clock

    async def create(self, manifest: Object) -> Object:
        return await super().create({**manifest, "metadata": {"creationTimestamp": self._clock(), **manifest["metadata"]}})


class World:
    """Watches are never late but for the kinds in `late`."""

    def __init__(self, *, members: int = 3, settings: Settings | None = None, **backup: Any) -> None:
        self.server, self.seconds = Stamping(self.stamp), 0.0
        self.late: frozenset[str] = frozenset()
        self.store_answers = False
        """Whether every check succeeds at once."""
        self.settings = settings or Settings()
        self.put_service("orders", members, **backup)
        self.server.put(
            {"kind": "Secret", "metadata": {"name": "keys"}, "data": {"accessKeyId": "YQ==", "secretAccessKey": "YQ=="}}
        )
        self.server.put({"kind": "Namespace", "metadata": {"name": "kube-system", "uid": HERE}})
        self.restart()

    def put_service(self, name: str, members: int = 3, **backup: Any) -> None:
        meta = {"name": name, "generation": 1, "finalizers": [names.FINALIZER], "creationTimestamp": stamp(0)}
        spec = {"engine": "mongodb", "backup": {"spreadMinutes": 0, "pointInTime": False, **backup}}
        self.server.put({"kind": "DataService", "metadata": meta, "spec": spec, "status": {"init": {"phase": "Succeeded"}}})
        for ordinal in range(members):
            item = pod(phase="Running", conditions=[condition("Ready", True)])
            report = MemberReport(role=Role.SECONDARY if ordinal else Role.PRIMARY, term=5)
            item["metadata"] |= {
                "name": f"{name}-g1-{ordinal}",
                "annotations": {names.ANNOTATION_REPORT: report.to_json()},
                "labels": names.labels(name, "mongodb"),
            }
            self.server.put({"kind": "Pod", **item})

    def restart(self) -> None:
        """A new process: what was only remembered is forgotten."""
        self.stores = {kind: Store() for kind in (*KINDS, "StorageClass")}
        self.stores["StorageClass"].listed([storage_class("standard", default=True)], "1")
        self.controllers = controllers(self.server, self.stores, "moorage:dev", self.now, self.settings)

    def now(self) -> datetime:
        return at(self.seconds)

    def store(self, name: str = "main", *, ready: bool = True, **spec: Any) -> None:
        status = {"phase": "Ready", "checked": self.stamp(), "observedGeneration": 1} if ready else {}
        meta = {"name": name, "generation": 1}
        self.server.put(
            {"kind": "BackupStore", "metadata": meta, "spec": {"s3": dict(S3), "default": True, **spec}, "status": status}
        )

    def backup(self, name: str = "b1", **spec: Any) -> Object:
        meta = {"name": name, "generation": 1, "creationTimestamp": self.stamp()}
        return self.server.put({"kind": "DataBackup", "metadata": meta, "spec": {"service": "orders", **spec}})

    def stamp(self, seconds: float = 0) -> str:
        return stamp(self.seconds + seconds)

    def hear(self) -> None:
        for kind in KINDS:
            if kind not in self.late:
                found = [_copy(i) for (of, _), i in self.server.objects.items() if of == kind]
                self.stores[kind].listed(found, str(self.server.version))

    async def pass_(self, kind: str, name: str) -> Pass:
        """One pass for one resource; of a service only what concerns its backups."""
        self.hear()
        controller, key = self.controllers[kind], ("shop", name)
        return await (controller._keeper.keep(key) if isinstance(controller, ServiceController) else controller.reconcile(key))

    async def settle(self, seconds: float | None = None) -> None:
        """Passes for everybody until nobody writes any more. Events are no reason to look again."""
        self.seconds = self.seconds if seconds is None else seconds
        for _ in range(40):
            before = self._writes()
            if self.store_answers and any(not _has_ended(i) for i in self.workers(TaskKind.CHECK)):
                self.succeeds(TaskKind.CHECK)
            for kind in OWN_KINDS:
                for key in self._keys(kind):
                    if kind in self.controllers:
                        await self.pass_(kind, key[1])
            if self._writes() == before:
                return
        raise AssertionError(f"it never rests: {self.server.asked[-8:]}")

    def _keys(self, kind: str) -> list[Key]:
        return [key_of(item) for (of, _), item in list(self.server.objects.items()) if of == kind]

    def _writes(self) -> int:
        return sum(1 for verb, _, _ in self.server.asked if verb not in ("get", "list"))

    def of(self, kind: str, name: str) -> Object:
        return self.server.objects[kind, name]

    def status(self, name: str = "b1") -> Object:
        return dict(self.of("DataBackup", name).get("status") or {})

    def is_there(self, kind: str, name: str) -> bool:
        return (kind, name) in self.server.objects

    def backups(self) -> list[str]:
        return sorted(name for kind, name in self.server.objects if kind == "DataBackup")

    def workers(self, kind: TaskKind) -> list[Object]:
        return [i for (of, name), i in self.server.objects.items() if of == "Pod" and name.startswith(f"moorage-{kind}-")]

    def worker(self, kind: TaskKind) -> Object:
        """The one that there is; beside it those that failed are kept for their logs."""
        found = self.workers(kind)
        (one,) = [i for i in found if not _has_ended(i)] or found
        return one

    def task(self, kind: TaskKind) -> Task:
        return task_from_json(self.worker(kind)["metadata"]["annotations"][names.ANNOTATION_TASK])

    def reports(self, kind: TaskKind, **report: Any) -> None:
        """The worker runs and says so."""
        item = self.worker(kind)
        told = TaskReport(TaskPhase.RUNNING, **report)
        item["metadata"]["annotations"][names.ANNOTATION_REPORT] = told.to_json()
        item["status"] = {"phase": "Running", "containerStatuses": [{"name": "worker", "state": {"running": {}}}]}
        self.server.put(item)

    def succeeds(self, kind: TaskKind, listing: Any = (), **result: Any) -> None:
        report = TaskReport(TaskPhase.SUCCEEDED, result=result)
        self._annotate(kind, replace(report, listing=list(listing)))
        self._ends(kind, report.to_json(), 0)

    def fails(self, kind: TaskKind, message: str, *, can_be_repeated: bool = True) -> None:
        report = TaskReport(TaskPhase.FAILED, message, can_be_repeated=can_be_repeated)
        self._ends(kind, report.to_json(), 1)

    def dies(self, kind: TaskKind) -> None:
        """It ran out of memory, so it had no last word."""
        self._ends(kind, "", 137, "OOMKilled")

    def is_ended(self, kind: TaskKind) -> None:
        """Its deadline is over: the kubelet killed it."""
        assert self.worker(kind)["spec"]["activeDeadlineSeconds"] == 1
        self._ends(kind, "", 137, "Error")

    def _annotate(self, kind: TaskKind, report: TaskReport) -> None:
        self.worker(kind)["metadata"]["annotations"][names.ANNOTATION_REPORT] = report.to_json()

    def _ends(self, kind: TaskKind, message: str, code: int, reason: str = "") -> None:
        item = next(i for i in self.workers(kind) if not _has_ended(i))
        ended = {"exitCode": code, "message": message, "finishedAt": self.stamp(), "reason": reason}
        phase = "Failed" if code else "Succeeded"
        item["status"] = {"phase": phase, "containerStatuses": [{"name": "worker", "state": {"terminated": ended}}]}
        self.server.put(item)

    def delete(self, kind: str, name: str) -> None:
        """A person deletes it; its finalizer holds it."""
        item = self.of(kind, name)
        item["metadata"]["deletionTimestamp"] = self.stamp()
        self.server.put(item)

    def is_released(self, kind: str, name: str) -> bool:
        return not self.of(kind, name)["metadata"]["finalizers"]


def _has_ended(item: Object) -> bool:
    return "terminated" in json.dumps(item.get("status") or {})
