"""The CLI's door to the API server: plain dicts in and out, CliError when it refuses.

It acts as the person whose kubeconfig it finds: what they may do is Kubernetes' to decide.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moorage.api.dataservice import KIND
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Connection

if TYPE_CHECKING:
    from moorage.cli.client import Client

Object = dict[str, Any]

REQUEST_TIMEOUT_SECONDS = 10.0
OURS = {
    "DataService": "dataservices",
    "BackupStore": "backupstores",
    "DataBackup": "databackups",
    "DataRestore": "datarestores",
    "AlertRule": "alertrules",
}
"""Spelled out: their models take as long to import as the whole of a short answer."""
_NOUNS = {
    KIND: ("service", "moorage list -A"),
    "BackupStore": ("store", "moorage stores -A"),
    "DataBackup": ("backup", "moorage backups -A"),
    "DataRestore": ("restore", "moorage restores -A"),
    "AlertRule": ("alert", "moorage alerts rules list -A"),
}
"""How people call each kind, and where they find its names."""


class Cluster:
    """One connection, one namespace. Every method raises CliError."""

    def __init__(self, client: "Client", namespace: str, kubectl_options: tuple[str, ...] = ()) -> None:
        self._client = client
        self.namespace = namespace
        self.kubectl_options = kubectl_options
        """What kubectl must be told to reach the same cluster as the same person."""

    def get(self, kind: str, name: str) -> Object:
        """One of our own resources; not found is a CliError that says where it was looked for."""
        found = self.find(kind, name)
        if found is None:
            noun, look = _NOUNS[kind]
            raise CliError(f"there is no {noun} '{name}' in namespace {self.namespace}", ExitCode.NOT_FOUND, look)
        return found

    def find(self, kind: str, name: str) -> Object | None:
        """Any object, or None."""
        try:
            return self._client.get(kind, name, self.namespace)
        except CliError as error:
            if error.code is ExitCode.NOT_FOUND and error.next_step == "":
                return None
            raise

    def all(self, kind: str, *, everywhere: bool = False, labels: Mapping[str, str] | None = None) -> list[Object]:
        """All of a kind, of this namespace or of every one."""
        return self._client.all(kind, None if everywhere else self.namespace, labels)

    def create(self, manifest: Object, *, dry_run: bool = False) -> Object:
        return self._client.create(manifest, self.namespace, dry_run=dry_run)

    def replace(self, manifest: Object, *, dry_run: bool = False) -> Object:
        """All of it but its status. A conflict when somebody changed it since it was read."""
        return self._client.replace(manifest, self.namespace, dry_run=dry_run)

    def delete(self, kind: str, name: str) -> None:
        self._client.delete(kind, name, self.namespace)

    def service(self, name: str) -> Object:
        return self.get(KIND, name)

    def find_service(self, name: str) -> Object | None:
        return self.find(KIND, name)

    def services(self, *, everywhere: bool = False) -> list[Object]:
        return self.all(KIND, everywhere=everywhere)

    def create_service(self, manifest: Object, *, dry_run: bool = False) -> Object:
        return self.create(manifest, dry_run=dry_run)

    def merge_service(self, name: str, patch: Object, *, dry_run: bool = False) -> Object:
        """Changes only the fields that the patch names."""
        return self._client.merge(KIND, name, patch, self.namespace, dry_run=dry_run)

    def delete_service(self, name: str) -> None:
        self.delete(KIND, name)

    def pods(self, labels: Mapping[str, str]) -> list[Object]:
        return self.all("Pod", labels=labels)

    def claims(self, labels: Mapping[str, str], *, everywhere: bool = False) -> list[Object]:
        return self.all("PersistentVolumeClaim", labels=labels, everywhere=everywhere)

    def events(self) -> list[Object]:
        return self.all("Event")

    def operators(self) -> list[Object]:
        """Moorage's own Deployments, wherever they are."""
        return self.all("Deployment", labels={"app.kubernetes.io/part-of": "moorage"}, everywhere=True)

    def secret(self, name: str) -> Object:
        return self._client.get("Secret", name, self.namespace)

    def apply_secret(self, manifest: Object) -> None:
        """Makes the Secret, or sets the entries that the manifest names."""
        name = manifest["metadata"]["name"]
        if self.find("Secret", name) is None:
            self.create(manifest)
        else:
            self._client.merge("Secret", name, manifest, self.namespace)

    def within(self, namespace: str) -> "Cluster":
        """The same connection, in another namespace."""
        return Cluster(self._client, namespace, self.kubectl_options)

    def may(self, user: str, groups: Sequence[str], attributes: Mapping[str, str]) -> bool:
        """Whether somebody is allowed to do something, by the API server's word."""
        return self._client.may(user, groups, attributes)

    def log(
        self, pod: str, container: str, *, follow: bool, tail: int | None, since: int | None, previous: bool = False
    ) -> Iterator[str]:
        """Lines of a container's log without their ends. `previous`: of the run before its last restart."""
        if previous:
            return self._client.previous_log(pod, self.namespace, container=container, tail=tail)
        return self._client.log(pod, self.namespace, container=container, follow=follow, tail=tail, since=since)

    def page(self, pod: str, port: int, path: str) -> str:
        """What a Pod answers there, through the API server."""
        return self._client.page(pod, port, path, self.namespace)

    def time(self) -> datetime:
        """The API server's clock, so that a request's time compares with the age of Pods; our own when it won't say."""
        try:
            return self.server_time()
        except (CliError, KeyError, TypeError, ValueError):
            return datetime.now(UTC)

    def request_time(self) -> str:
        """`time`, as it stands in a request and tells one from the next."""
        return self.time().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def server_time(self) -> datetime:
        """The API server's clock, in whole seconds; raises when it won't say."""
        return datetime.fromisoformat(self._client.review()["metadata"]["creationTimestamp"])


def connect(
    connection: Connection | None, namespace: str | None = None, *, timeout_seconds: float = REQUEST_TIMEOUT_SECONDS
) -> Cluster:
    """The cluster of `--kubeconfig` and `--context`, else of the environment."""
    from moorage.cli.client import Client  # noqa: PLC0415 - slow to import, and `--help` needs none

    wanted = connection or Connection()
    path = wanted.kubeconfig or _kubeconfig_of_environment()
    client = Client(path, wanted.context, timeout_seconds=timeout_seconds)
    options = [f"--kubeconfig={path}"] if path else []
    options += [f"--context={wanted.context}"] if wanted.context else []
    return Cluster(client, namespace or wanted.namespace or client.namespace, tuple(options))


def _kubeconfig_of_environment() -> str | None:
    """The first existing file of KUBECONFIG, else kubectl's default file, else None (inside a Pod: its ServiceAccount)."""
    named = [part for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    if named:
        return next((part for part in named if Path(part).is_file()), named[0])
    default = Path("~/.kube/config").expanduser()
    return str(default) if default.is_file() else None
