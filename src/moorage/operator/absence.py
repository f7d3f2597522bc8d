"""Since when members' Pods are missing: Kubernetes keeps no trace of it, so it is remembered from look to look. Pure."""

from collections.abc import Mapping
from datetime import datetime

from moorage.api.conditions import ConditionType
from moorage.api.dataservice import DataService, Health
from moorage.core import generations, names
from moorage.engines.contract import EngineCard
from moorage.kube.reflector import Key, Store
from moorage.operator.look import moment


class Absences:
    """Of all services. After a restart, a Pod that the status calls missing is taken to be so since the service is not whole."""

    def __init__(self) -> None:
        self._since: dict[Key, dict[str, datetime]] = {}

    def forget(self, at: Key) -> None:
        self._since.pop(at, None)

    def seen(self, service: DataService, card: EngineCard, pods: Store, replicas: int, now: datetime) -> Mapping[str, datetime]:
        """Missing Pod → since when. `replicas`: how many its StatefulSet is to keep now; no other Pod is missing."""
        at = (service.metadata.namespace, service.metadata.name)
        known, data_members = self._since.get(at), card.data_members(service)
        total = data_members + int(service.spec.arbiter)
        found: dict[str, datetime] = {}
        for ordinal in range(replicas):
            pod = names.pod(at[1], generations.serving(service), ordinal)
            if pods.get(at[0], pod) is None:
                member = names.member_name(ordinal, data_members=data_members if ordinal < total else ordinal + 1)
                found[pod] = known.get(pod, now) if known is not None else _since_before(service, member) or now
        self._since[at] = found
        return found


def _since_before(service: DataService, member: str) -> datetime | None:
    """What the status that an earlier operator wrote tells of it."""
    if service.status.health_instances.get(member) is not Health.UNKNOWN:
        return None
    found = next((c for c in service.status.conditions if c.type is ConditionType.HEALTHY and c.status != "True"), None)
    return moment(found.last_transition_time) if found is not None else None
