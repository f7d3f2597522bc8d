"""Starts and ends workers. What is there already is left as it is: a killed operator finds it by its name."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog

from moorage.core import names
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Store
from moorage.operator.look import Look
from moorage.operator.manifests.build import digest
from moorage.operator.manifests.worker import Worker, access, pod, pod_name
from moorage.operator.working import END_NOW_SECONDS, is_told_to_end, read

log = structlog.get_logger()

Object = dict[str, Any]


class Workers:
    """Of all resources. `wrote` is told every object as the API server answered it."""

    def __init__(self, kube: Kube, stores: Mapping[str, Store], wrote: Callable[[Object], None]) -> None:
        self._kube, self._stores, self._wrote = kube, stores, wrote

    async def start(self, worker: Worker) -> Object:
        """Its Pod, made now or before. Raises KubeError."""
        await self._grant(worker.task.namespace)
        manifest = pod(worker)
        try:
            made = await self._kube.create(manifest)
            log.info("worker_started", pod=f"{worker.task.namespace}/{pod_name(worker.task)}", task=worker.task.id)
        except KubeError as error:
            if not error.conflict:
                raise
            found = await self._kube.get("Pod", manifest["metadata"]["name"], worker.task.namespace)
            if found is None:
                raise
            made = found
        self._wrote(made)
        return made

    async def stop(self, pods: Iterable[Object]) -> None:
        """Those that are on their way out already are left alone. Raises KubeError."""
        for item in pods:
            meta = item["metadata"]
            if meta.get("deletionTimestamp") is None:
                await self._kube.delete("Pod", meta["name"], meta["namespace"])
                log.info("worker_removed", pod=f"{meta['namespace']}/{meta['name']}")

    async def end_stalled(self, pods: Iterable[Object], look: Look) -> None:
        """Tells those that do not get on to end. The Pod stays, as that of a worker which fell does. Raises KubeError."""
        for item in pods:
            facts, meta = read(item, look, []), item["metadata"]
            if facts is not None and facts.is_stalled and not is_told_to_end(item):
                patch = {"spec": {"activeDeadlineSeconds": END_NOW_SECONDS}}
                self._wrote(await self._kube.merge("Pod", meta["name"], meta["namespace"], patch))
                log.warning("worker_ended", pod=f"{meta['namespace']}/{meta['name']}", why=facts.trouble)

    async def is_gone(self, namespace: str, task_prefix: str) -> bool:
        """Whether the API server knows no Pod of these tasks either: a copy may be behind, and two must not run."""
        labels = {names.LABEL_COMPONENT: names.COMPONENT_WORKER, names.LABEL_PART_OF: names.PART_OF}
        found, _ = await self._kube.list("Pod", namespace, labels=labels)
        for item in found:
            if (item["metadata"].get("labels") or {}).get(names.LABEL_TASK, "").startswith(task_prefix):
                self._wrote({**item, "kind": "Pod"})
                return False
        return True

    async def _grant(self, namespace: str) -> None:
        for manifest in access(namespace):
            manifest["metadata"] = {**manifest["metadata"], "annotations": {names.ANNOTATION_DIGEST: digest(manifest)}}
            found = self._stores[manifest["kind"]].get(namespace, names.WORKER)
            marks = (found["metadata"].get("annotations") or {}) if found is not None else {}
            if marks.get(names.ANNOTATION_DIGEST) != manifest["metadata"]["annotations"][names.ANNOTATION_DIGEST]:
                self._wrote(await self._kube.apply(manifest))
