"""An API server of a few dicts, and the CLI run against it as a person runs it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from moorage.cli.errors import CliError, ExitCode

Object = dict[str, Any]
Logs = Mapping[tuple[str, str], Sequence[str]]

NOW = "2026-11-06T18:30:05Z"


class FakeClient:
    """In place of `moorage.cli.client.Client`. `said` gives the statuses that an operator would write, one at each look."""

    meanwhile: ClassVar[list[Object]] = []
    """What others make of an object between its reading and its replacing."""

    def __init__(
        self,
        *objects: Object,
        said: Mapping[str, list[Object]] | None = None,
        forbidden: Collection[str] = (),
        logs: Logs | None = None,
    ) -> None:
        self.objects = {(o["kind"], o["metadata"].get("namespace", ""), o["metadata"]["name"]): o for o in objects}
        self.said = {kind: list(statuses) for kind, statuses in (said or {}).items()}
        self.namespace = "shop"
        self.checked_only: list[str] = []
        self.logs = dict(logs or {})
        """Namespace and Pod → lines; of the run before as "POD before"."""
        self.forbidden = forbidden
        """Kinds that this person may not list, also as "KIND everywhere"; and what nobody may do, as "VERB RESOURCE"."""

    def get(self, kind: str, name: str, namespace: str) -> Object:
        found = self.objects.get((kind, namespace, name))
        if found is None:
            raise CliError(f'{kind} "{name}" not found', ExitCode.NOT_FOUND)
        if self.said.get(kind):
            version = int(found["metadata"].get("resourceVersion") or 0) + 1
            found["metadata"]["resourceVersion"] = str(version)
            found["status"] = self.said[kind].pop(0)
        return found

    def all(self, kind: str, namespace: str | None, labels: Mapping[str, str] | None) -> list[Object]:
        del labels
        if kind in self.forbidden or (namespace is None and f"{kind} everywhere" in self.forbidden):
            raise CliError(f'{kind} is forbidden: User "ann" cannot list it', ExitCode.FORBIDDEN)
        return [o for (k, where, _), o in self.objects.items() if k == kind and namespace in (None, where)]

    def create(self, manifest: Object, namespace: str, *, dry_run: bool = False) -> Object:
        key = (manifest["kind"], namespace, manifest["metadata"]["name"])
        if key in self.objects:
            raise CliError(f'{key[0]} "{key[2]}" already exists', ExitCode.CONFLICT)
        if dry_run:
            self.checked_only.append(key[2])
        else:
            self.objects[key] = manifest
        return manifest

    def replace(self, manifest: Object, namespace: str, *, dry_run: bool = False) -> Object:
        key = (manifest["kind"], namespace, manifest["metadata"]["name"])
        if self.meanwhile:  # somebody else was faster
            self.objects[key] = {**self.objects[key], **self.meanwhile.pop(0)}
            raise CliError(f'{key[0]} "{key[2]}": the object has been modified', ExitCode.CONFLICT)
        if dry_run:
            self.checked_only.append(key[2])
        else:
            self.objects[key] = manifest
        return manifest

    def merge(self, kind: str, name: str, patch: Object, namespace: str, *, dry_run: bool = False) -> Object:
        del dry_run
        self.objects[kind, namespace, name] |= patch
        return self.objects[kind, namespace, name]

    def delete(self, kind: str, name: str, namespace: str) -> None:
        del self.objects[kind, namespace, name]

    def review(self) -> Object:
        return {"metadata": {"creationTimestamp": NOW}}

    def may(self, user: str, groups: Sequence[str], attributes: Mapping[str, str]) -> bool:
        del user, groups
        return f"{attributes['verb']} {attributes['resource']}" not in self.forbidden

    def page(self, pod: str, port: int, path: str, namespace: str) -> str:
        del port, path
        if "get pods/proxy" in self.forbidden:
            raise CliError("pods is forbidden", ExitCode.FORBIDDEN)
        return "\n".join(self.logs.get((namespace, f"{pod} page"), ()))

    def log(self, pod: str, namespace: str, **_: Any) -> Iterator[str]:
        return iter(self.logs.get((namespace, pod), ()))

    def previous_log(self, pod: str, namespace: str, **_: Any) -> Iterator[str]:
        return iter(self.logs.get((namespace, f"{pod} before"), ()))

    def specs(self, kind: str) -> dict[str, Object]:
        """Name → spec of what there is of a kind."""
        return {name: o["spec"] for (k, _, name), o in self.objects.items() if k == kind}


def resource(kind: str, name: str, spec: Object, status: Object | None = None, namespace: str = "shop") -> Object:
    metadata = {"name": name, "namespace": namespace, "creationTimestamp": NOW}
    return {"apiVersion": "moorage.dev/v1", "kind": kind, "metadata": metadata, "spec": spec, "status": status or {}}


def service(name: str = "orders", status: Object | None = None, **spec: Any) -> Object:
    return resource("DataService", name, {"engine": "mongodb", **spec}, status)


def backup(name: str = "b1", of: str = "orders", phase: str = "Succeeded", trigger: str = "Manual", **status: Any) -> Object:
    seen = {"phase": phase, "engine": "mongodb", "store": "s3", "backupName": name, **status}
    return resource("DataBackup", name, {"service": of, "trigger": trigger}, seen)


def store(name: str = "s3", status: Object | None = None, **spec: Any) -> Object:
    place = {"s3": {"endpoint": "https://s3.example.com", "bucket": "backups", "credentialsSecret": "s3-keys"}}
    return resource("BackupStore", name, spec or place, status)
