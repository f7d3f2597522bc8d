"""Workers as a simulated node runs them: they take a while, do what their task says, and say so as their last word."""

import json
from collections.abc import Callable

from moorage.core import names
from moorage.core.task import TaskKind, TaskPhase, TaskReport, task_from_json
from moorage.kube.client import Object
from tests.sim.controllers import WHO, is_leaving, is_worker
from tests.sim.engine import ReplicaSet
from tests.sim.server import ApiServer

WORK_SECONDS = 3.0


class Workers:
    """Of the whole cluster."""

    def __init__(self, server: ApiServer, replica_set: ReplicaSet, look_again: Callable[[float], None]) -> None:
        self._server, self._replica_set, self._look_again = server, replica_set, look_again
        self._since: dict[str, float] = {}
        self.failures: list[str] = []
        """What the next workers say of why they fail."""
        self.hangs = 0
        """So many of the next workers never get on; they end when they are told to …"""
        self.can_be_ended = True
        """… unless they wait for a disk in the kernel."""
        self._hung: set[str] = set()

    def look(self) -> None:
        for pod in self._server.list("Pod"):
            if is_worker(pod) and not is_leaving(pod):
                self._go_on(pod)

    def _go_on(self, pod: Object) -> None:
        uid, now = pod["metadata"]["uid"], self._server.seconds()
        if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
            return
        if uid in self._hung:
            if pod["spec"].get("activeDeadlineSeconds") is not None and self.can_be_ended:
                self._set(pod, "Failed", {"terminated": {"exitCode": 137, "reason": "Error", "message": ""}})
            return
        if uid not in self._since and self.hangs:
            self.hangs -= 1
            self._hung.add(uid)
            self._set(pod, "Running", {"running": {}})
        elif uid not in self._since:
            self._since[uid] = now
            self._set(pod, "Running", {"running": {}})
            self._look_again(WORK_SECONDS)
        elif now - self._since[uid] >= WORK_SECONDS and self._can_end(pod):
            self._end(pod)

    def _can_end(self, pod: Object) -> bool:
        claim = self._claim(pod)
        if claim is None or claim["spec"].get("volumeName"):
            return True
        self._look_again(1.0)
        return False

    def _claim(self, pod: Object) -> Object | None:
        for volume in pod["spec"]["volumes"]:
            if volume["name"] == "data":
                name = volume["persistentVolumeClaim"]["claimName"]
                return self._server.get("PersistentVolumeClaim", name, pod["metadata"]["namespace"])
        return None

    def _end(self, pod: Object) -> None:
        task = task_from_json(pod["metadata"]["annotations"][names.ANNOTATION_TASK])
        if self.failures:
            report = TaskReport(TaskPhase.FAILED, self.failures.pop(0), can_be_repeated=False)
            self._set(pod, "Failed", _ended(1, report))
            return
        claim = self._claim(pod)
        if task.kind is TaskKind.SEED and claim is not None:
            self._replica_set.of(claim["metadata"]["name"]).seed(claim["spec"]["volumeName"])
        result: Object = {"restoreSeconds": WORK_SECONDS}
        if task.body.get("mode") == "inspect":
            result = {"dataService": {"metadata": {"name": "orders"}, "spec": {"engine": "mongodb"}}}
        self._set(pod, "Succeeded", _ended(0, TaskReport(TaskPhase.SUCCEEDED, result=result)))

    def _set(self, pod: Object, phase: str, state: Object) -> None:
        meta = pod["metadata"]
        status = {"status": {"phase": phase, "containerStatuses": [{"name": "worker", "state": state}]}}
        self._server.merge(WHO, "Pod", meta["name"], meta["namespace"], status, status=True)


def _ended(code: int, report: TaskReport) -> Object:
    told = json.loads(report.to_json())
    return {"terminated": {"exitCode": code, "reason": "Completed" if code == 0 else "Error", "message": json.dumps(told)}}
