"""What a report holds: reads it from the API server, and says what it could not read. Nothing is changed.

The values of Secrets are read only to find them in what leaves; none is written.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from moorage.api.dataservice import KIND
from moorage.cli import doctor
from moorage.cli.cluster import Cluster
from moorage.cli.errors import CliError
from moorage.cli.finding import Finding
from moorage.cli.fitness import findings
from moorage.cli.redact import known_in
from moorage.cli.why import EVENTS_MAX, explain
from moorage.core import names
from moorage.views import binding
from moorage.views.errors import UnreadableError
from moorage.views.event import EventView, of_service
from moorage.views.service import service_view

Object = dict[str, Any]
_T = TypeVar("_T")

LINES_MAX = 5000
"""Of each log, the last ones."""
_OTHERS_LINE = re.compile(r"\b(?:service|backup|restore|store|pod)=(?P<namespace>[^\s/=]+)/(?P<name>[^\s/=]+)")
_NODE_FACTS = ("addresses", "allocatable", "capacity", "conditions", "nodeInfo")


@dataclass(frozen=True)
class Entry:
    """One file. `holds`: an object for YAML, or lines."""

    path: str
    about: str
    holds: Any


@dataclass
class Gathering:
    """One service's report in the making."""

    cluster: Cluster
    name: str
    logs: bool = True
    known: set[str] = field(default_factory=set)
    """Values of Secrets that must not leave."""
    unread: dict[str, str] = field(default_factory=dict)
    """What could not be read → why."""

    def entries(self) -> list[Entry]:
        """Raises when there is no such service, or nobody answers."""
        service = self.cluster.service(self.name)
        mine = {names.LABEL_INSTANCE: self.name, names.LABEL_PART_OF: names.PART_OF}
        pods = self._all("Pod", mine)
        stores, backups, restores = (self._all(kind) for kind in ("BackupStore", "DataBackup", "DataRestore"))
        operators = self._tried("Deployment of the operator", self.cluster.operators) or []
        events = self._events(service, pods)
        self._learn_secrets(stores)
        found = [
            Entry("status.yaml", "what moorage status and why say", self._status(service, pods, events)),
            Entry("service.yaml", "the DataService: spec and status", service),
            Entry("events.txt", "events, oldest first", [_event_line(e) for e in events]),
            Entry("pods.yaml", "Pods of members and workers", pods),
            Entry("claims.yaml", "volume claims", self._all("PersistentVolumeClaim", {names.LABEL_INSTANCE: self.name})),
            Entry("objects.yaml", "StatefulSets, Services, EndpointSlices", self._objects(mine)),
            Entry("backups.yaml", "its backups", [b for b in backups if (b.get("spec") or {}).get("service") == self.name]),
            Entry("restores.yaml", "its restores", [r for r in restores if _is_restore_of(r, self.name, backups)]),
            Entry("stores.yaml", "the namespace's backup stores", stores),
            Entry("nodes.yaml", "the cluster's nodes", [_node(n) for n in self._all("Node", everywhere=True)]),
            Entry("operator.yaml", "Moorage's Deployment", operators),
            Entry("doctor.txt", "what moorage doctor says", self._doctor()),
        ]
        return [*found, *self._logs_of(pods), *self._logs_of_operator(operators)] if self.logs else found

    def _tried(self, what: str, read: Callable[[], _T]) -> _T | None:
        try:
            return read()
        except (CliError, UnreadableError) as error:
            self.unread[what] = str(error)
            return None

    def _all(self, kind: str, labels: Mapping[str, str] | None = None, *, everywhere: bool = False) -> list[Object]:
        return self._tried(kind, lambda: self.cluster.all(kind, labels=labels, everywhere=everywhere)) or []

    def _objects(self, labels: Mapping[str, str]) -> list[Object]:
        return [o | {"kind": kind} for kind in ("StatefulSet", "Service", "EndpointSlice") for o in self._all(kind, labels)]

    def _learn_secrets(self, stores: list[Object]) -> None:
        wanted = [of(self.name) for of in (names.app_secret, names.admin_secret, names.internal_secret)]
        wanted += [names.authority_secret(self.name), names.certificate_secret(self.name)]
        for spec in (store.get("spec") or {} for store in stores):
            wanted += [str((spec.get("s3") or {}).get("credentialsSecret") or "")]
            wanted += [str((spec.get("encryption") or {}).get("identitySecret") or "")]
        for name in sorted({*wanted} - {""}):
            secret = self._tried(f"Secret {name}", lambda name=name: self.cluster.find("Secret", name))  # type: ignore[misc]
            entries = self._tried(f"Secret {name}", lambda data=(secret or {}).get("data"): binding.decode(data or {}))  # type: ignore[misc]
            self.known |= known_in(entries or {})

    def _events(self, service: Object, pods: list[Object]) -> list[EventView]:
        mine = {p["metadata"]["name"] for p in pods}
        found = self._tried("events", self.cluster.events) or []
        return of_service(found, self.name, str(service["metadata"].get("uid") or ""), also=mine)

    def _status(self, service: Object, pods: list[Object], events: list[EventView]) -> Object:
        view = self._tried("status", lambda: service_view(service, pods))
        if view is None:
            return {}
        why = explain(view, [e for e in events if e.object == f"{KIND}/{self.name}"][-EVENTS_MAX:])
        return {"why": why.model_dump(mode="json", by_alias=True), "status": view.to_json()}

    def _doctor(self) -> list[str]:
        return [_finding_line(f) for f in self._tried("doctor", lambda: findings(doctor.look(self.cluster))) or []]

    def _logs_of(self, pods: list[Object]) -> Iterator[Entry]:
        for pod in pods:
            yield from self._logs_of_pod(self.cluster, pod, "logs")

    def _logs_of_operator(self, operators: list[Object]) -> Iterator[Entry]:
        for operator in operators:
            there = self.cluster.within(operator["metadata"]["namespace"])
            labels = operator["spec"]["selector"]["matchLabels"]
            for pod in self._tried("Pods of the operator", lambda: there.pods(labels)) or []:  # noqa: B023 - called at once
                for entry in self._logs_of_pod(there, pod, "logs/operator"):
                    mine = [line for line in entry.holds if is_about(line, self.cluster.namespace, self.name)]
                    yield Entry(entry.path, f"{entry.about}, without lines about other services", mine)

    def _logs_of_pod(self, cluster: Cluster, pod: Object, folder: str) -> Iterator[Entry]:
        name, status = pod["metadata"]["name"], pod.get("status") or {}
        for container in status.get("containerStatuses") or []:
            runs = [("", False)] + ([("-before", True)] if container.get("restartCount") else [])
            for suffix, previous in runs:
                what = f"log of {name}{suffix.replace('-', ' ')}"
                lines = self._tried(what, lambda: _log(cluster, name, container["name"], previous=previous))  # noqa: B023
                if lines is not None:
                    about = "before its last restart" if previous else f"last {LINES_MAX} lines of its log"
                    yield Entry(f"{folder}/{name}{suffix}.txt", about, lines)


def _log(cluster: Cluster, pod: str, container: str, *, previous: bool) -> list[str]:
    return list(cluster.log(pod, container, follow=False, tail=LINES_MAX, since=None, previous=previous))


def is_about(line: str, namespace: str, name: str) -> bool:
    """Of the operator's log: whether a line is about this service, or about none in particular."""
    about = _OTHERS_LINE.search(line)
    if about is None:
        return True
    is_service = line[about.start() : about.end()].startswith("service=")
    return about["namespace"] == namespace and (about["name"] == name or not is_service)


def _event_line(event: EventView) -> str:
    return f"{event.time:<27}  {event.type:<7}  {event.reason:<20}  {event.object:<40}  {event.message}  ×{event.count}"


def _finding_line(found: Finding) -> str:
    return f"{found.grade:<8} {found.what}: {found.says}" + (f" → {found.do}" if found.do else "")


def _node(node: Object) -> Object:
    """What tells about a machine, without the long list of images that it holds."""
    meta, status = node["metadata"], node.get("status") or {}
    facts = {key: status[key] for key in _NODE_FACTS if key in status}
    return {
        "name": meta["name"],
        "created": meta.get("creationTimestamp"),
        "labels": meta.get("labels"),
        "spec": node.get("spec"),
        **facts,
    }


def _is_restore_of(restore: Object, name: str, backups: list[Object]) -> bool:
    spec = restore.get("spec") or {}
    source = spec.get("source") or {}
    mine = {b["metadata"]["name"] for b in backups if (b.get("spec") or {}).get("service") == name}
    named = (spec.get("toNew"), spec.get("inPlace"), spec.get("undo"), source.get("service"))
    return name in named or source.get("backup") in mine
