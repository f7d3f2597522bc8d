"""What every builder is given."""

import json
from dataclasses import dataclass
from typing import Any

from moorage.api.dataservice import KIND, DataService
from moorage.api.metricquery import MetricQuery
from moorage.api.schema import API_VERSION
from moorage.core import generations, names
from moorage.core.queries import Query, to_json
from moorage.engines.contract import Engine

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """A service, its engine and the few outside facts that its objects depend on."""

    service: DataService
    engine: Engine
    agent_image: str
    external: str = ""
    """L4 address, once the load balancer gave one."""
    generations: tuple[int, ...] = ()
    """Those that there are besides the one that serves."""
    replicas_wanted: int = 0
    """Pods that there must be during a change of the number of members (`core.resize`); 0: as many as members."""
    holds_data: bool = False
    """The service was green once."""

    @property
    def name(self) -> str:
        return self.service.metadata.name

    @property
    def namespace(self) -> str:
        return self.service.metadata.namespace

    @property
    def generation(self) -> int:
        return generations.serving(self.service)

    @property
    def data_members(self) -> int:
        return self.engine.card.data_members(self.service)

    @property
    def total_members(self) -> int:
        return self.data_members + int(self.service.spec.arbiter)

    @property
    def replicas(self) -> int:
        return self.replicas_wanted or self.total_members

    @property
    def live_settings(self) -> str:
        """Of the settings of its spec those that a running engine is told, as JSON; empty when there are none."""
        found = self.engine.card.live_settings(self.service)
        return json.dumps(found, sort_keys=True, ensure_ascii=False) if found else ""

    @property
    def queries(self) -> str:
        """Those of its spec that become metrics, as JSON; empty when there are none."""
        return to_json(Query(**query.model_dump()) for query, why in self._queries() if why is None)

    @property
    def queries_refused(self) -> tuple[str, ...]:
        """Which of them nobody is asked, and why."""
        return tuple(f"query '{query.name}' is not asked: {why}" for query, why in self._queries() if why is not None)

    def _queries(self) -> list[tuple[MetricQuery, str | None]]:
        why_refused = self.engine.topology.why_query_refused
        return [(query, why_refused(query.database, query.query)) for query in self.service.spec.metrics.queries]

    def labels(self) -> dict[str, str]:
        version = self.engine.card.version(self.service)
        return {**names.labels(self.name, self.engine.card.name), "app.kubernetes.io/version": version}

    def member_labels(self) -> dict[str, str]:
        """What the members of this generation are selected by."""
        return {**names.labels(self.name, self.engine.card.name), names.LABEL_GENERATION: str(self.generation)}

    def metadata(self, name: str, *, owned: bool = True) -> Manifest:
        """Metadata of one of the service's objects; an owned one goes with the service."""
        meta: Manifest = {"name": name, "namespace": self.namespace, "labels": self.labels()}
        if owned:
            meta["ownerReferences"] = [
                {
                    "apiVersion": API_VERSION,
                    "kind": KIND,
                    "name": self.name,
                    "uid": self.service.metadata.uid,
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ]
        return meta
