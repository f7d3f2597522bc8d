"""Starts the writer of a drill, tells it to finish, and takes it away. The plan makes the fault."""

from collections.abc import Mapping
from typing import Any

import structlog
from pydantic import ValidationError

from moorage.api.dataservice import parse_dataservice
from moorage.api.drill import DrillPhase
from moorage.core import names
from moorage.core.drill_rule import going_on
from moorage.engines.contract import Engine
from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key, Object, Store
from moorage.operator import drilling
from moorage.operator.controller import Pass
from moorage.operator.workers import Workers

log = structlog.get_logger()

REFUSED_AGAIN_SECONDS = 5.0


class Driller:
    """Of all services."""

    def __init__(self, kube: Kube, stores: Mapping[str, Store], engines: Mapping[str, Engine], image: str) -> None:
        self._kube, self._stores, self._engines, self._image = kube, stores, engines, image
        self._workers = Workers(kube, stores, self._wrote)

    async def keep(self, at: Key) -> Pass:
        """One pass, after the service's own. Raises KubeError."""
        item = self._stores["DataService"].get(*at)
        try:
            service = parse_dataservice(item) if item is not None else None
        except ValidationError:
            return Pass()  # its reconciler says so
        if service is None or service.metadata.deletion_timestamp is not None:
            return Pass()  # its workers go with it
        drill = going_on(service)
        if drill is None:
            await self._workers.stop(drilling.pods(service, self._stores))
            return Pass()
        found = drilling.pods_of(drill, service, self._stores)
        if drill.phase is DrillPhase.PREPARING and not found:
            try:
                await self._workers.start(drilling.worker(drill, service, self._engines[service.spec.engine].card, self._image))
            except KubeError as error:
                if not error.refused:
                    raise
                log.warning("drill_has_no_writer", service=service.key, error=str(error))
                return Pass(REFUSED_AGAIN_SECONDS)  # a quota: the drill is given up in its time
        if drill.phase is DrillPhase.CHECKING:
            for pod in found:
                await self._finish(pod)
        return Pass()

    async def _finish(self, pod: Object) -> None:
        """Once: it reads what it wrote and ends."""
        meta = pod["metadata"]
        if names.ANNOTATION_FINISH in (meta.get("annotations") or {}) or meta.get("deletionTimestamp") is not None:
            return
        patch: dict[str, Any] = {"metadata": {"annotations": {names.ANNOTATION_FINISH: "true"}}}
        self._wrote(await self._kube.merge("Pod", meta["name"], meta["namespace"], patch))

    def _wrote(self, item: Object) -> None:
        self._stores[item["kind"]].wrote(item)
