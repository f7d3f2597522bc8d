"""The CLI's door to the API server: plain dicts in and out, CliError when it refuses. The only module here with a client.

It acts as the person whose kubeconfig it finds: what they may do is Kubernetes' to decide.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from lightkube import ALL_NS, ApiError, Client, KubeConfig
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError
from lightkube.generic_resource import create_global_resource, create_namespaced_resource
from lightkube.types import CascadeType, PatchType

from moorage.api import backupstore, databackup, datarestore, dataservice
from moorage.cli import refusal
from moorage.cli.errors import CliError, ExitCode
from moorage.cli.options import Connection

Object = dict[str, Any]

FIELD_MANAGER = "moorage-cli"
REQUEST_TIMEOUT_SECONDS = 10.0
_EXEC_API = "client.authentication.k8s.io/"

_OURS: dict[str, Any] = {
    module.KIND: create_namespaced_resource("moorage.dev", "v1", module.KIND, module.PLURAL)
    for module in (dataservice, backupstore, databackup, datarestore)
}
_NOUNS = {
    dataservice.KIND: ("service", "moorage list -A"),
    backupstore.KIND: ("store", "moorage stores -A"),
    databackup.KIND: ("backup", "moorage backups -A"),
    datarestore.KIND: ("restore", "moorage restores -A"),
}
"""How people call each kind, and where they find its names."""
_Pod: Any = create_namespaced_resource("", "v1", "Pod", "pods")
_Secret: Any = create_namespaced_resource("", "v1", "Secret", "secrets")
_Claim: Any = create_namespaced_resource("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
_Event: Any = create_namespaced_resource("", "v1", "Event", "events")
_Deployment: Any = create_namespaced_resource("apps", "v1", "Deployment", "deployments")
_Review: Any = create_global_resource("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews")


class Cluster:
    """One connection, one namespace. Every method raises CliError."""

    def __init__(self, client: Client, namespace: str, kubectl_options: tuple[str, ...] = ()) -> None:
        self._client: Any = client
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
        """The same, or None."""
        try:
            with _refusals():
                return _plain(self._client.get(_OURS[kind], name, namespace=self.namespace))
        except CliError as error:
            if error.code is ExitCode.NOT_FOUND and error.next_step == "":
                return None
            raise

    def all(self, kind: str, *, everywhere: bool = False) -> list[Object]:
        """All of a kind, of this namespace or of every one."""
        return self._list(_OURS[kind], everywhere=everywhere)

    def create(self, manifest: Object, *, dry_run: bool = False) -> Object:
        """One of our own resources; its kind stands in it."""
        resource = _OURS[manifest["kind"]]
        with _refusals():
            return _plain(self._client.create(resource(manifest), namespace=self.namespace, dry_run=dry_run))

    def delete(self, kind: str, name: str) -> None:
        with _refusals():
            self._client.delete(_OURS[kind], name, namespace=self.namespace, cascade=CascadeType.BACKGROUND)

    def service(self, name: str) -> Object:
        """The DataService."""
        return self.get(dataservice.KIND, name)

    def find_service(self, name: str) -> Object | None:
        """The DataService, or None."""
        return self.find(dataservice.KIND, name)

    def services(self, *, everywhere: bool = False) -> list[Object]:
        return self.all(dataservice.KIND, everywhere=everywhere)

    def create_service(self, manifest: Object, *, dry_run: bool = False) -> Object:
        return self.create(manifest, dry_run=dry_run)

    def merge_service(self, name: str, patch: Object, *, dry_run: bool = False) -> Object:
        """Changes only the fields that the patch names."""
        with _refusals():
            merged = self._client.patch(
                _OURS[dataservice.KIND], name, patch, namespace=self.namespace, patch_type=PatchType.MERGE, dry_run=dry_run
            )
            return _plain(merged)

    def delete_service(self, name: str) -> None:
        self.delete(dataservice.KIND, name)

    def pods(self, labels: Mapping[str, str]) -> list[Object]:
        return self._list(_Pod, labels=labels)

    def claims(self, labels: Mapping[str, str], *, everywhere: bool = False) -> list[Object]:
        return self._list(_Claim, labels=labels, everywhere=everywhere)

    def events(self) -> list[Object]:
        return self._list(_Event)

    def operators(self) -> list[Object]:
        """Moorage's own Deployments, wherever they are."""
        return self._list(_Deployment, labels={"app.kubernetes.io/part-of": "moorage"}, everywhere=True)

    def secret(self, name: str) -> Object:
        with _refusals():
            return _plain(self._client.get(_Secret, name, namespace=self.namespace))

    def find_secret(self, name: str) -> Object | None:
        """The Secret, or None."""
        try:
            return self.secret(name)
        except CliError as error:
            if error.code is ExitCode.NOT_FOUND:
                return None
            raise

    def apply_secret(self, manifest: Object) -> None:
        """Makes the Secret, or sets the entries that the manifest names."""
        name = manifest["metadata"]["name"]
        with _refusals():
            if self.find_secret(name) is None:
                self._client.create(_Secret(manifest), namespace=self.namespace)
            else:
                self._client.patch(_Secret, name, manifest, namespace=self.namespace, patch_type=PatchType.MERGE)

    def log(self, pod: str, container: str, *, follow: bool, tail: int | None, since: int | None) -> Iterator[str]:
        """Lines of a container's log without their ends."""
        with _refusals():
            yield from self._client.log(
                pod,
                namespace=self.namespace,
                container=container,
                follow=follow,
                tail_lines=tail,
                since=since,
                newlines=False,
            )

    def time(self) -> datetime:
        """The API server's clock, so that a request's time compares with the age of Pods; our own when it won't say."""
        try:
            with _refusals():
                review = _plain(self._client.create(_Review({"metadata": {}})))
            return datetime.fromisoformat(review["metadata"]["creationTimestamp"])
        except (CliError, KeyError, TypeError, ValueError):
            return datetime.now(UTC)

    def _list(self, resource: Any, *, labels: Mapping[str, str] | None = None, everywhere: bool = False) -> list[Object]:
        where = ALL_NS if everywhere else self.namespace
        with _refusals():
            return [_plain(item) for item in self._client.list(resource, namespace=where, labels=labels, chunk_size=500)]


def connect(
    connection: Connection | None, namespace: str | None = None, *, timeout_seconds: float = REQUEST_TIMEOUT_SECONDS
) -> Cluster:
    """The cluster of `--kubeconfig` and `--context`, else of the environment."""
    wanted = connection or Connection()
    path = wanted.kubeconfig or _kubeconfig_of_environment()
    try:
        config = (KubeConfig.from_file(path) if path else KubeConfig.from_env()).get(wanted.context)
        assert config is not None, "lightkube answers None only when it is given a default"
        config = config._replace(user=_usable(config.user))
        client = Client(config, field_manager=FIELD_MANAGER, timeout=httpx2.Timeout(timeout_seconds))
    except (ConfigError, OSError, KeyError, ValueError) as error:
        message = f"no cluster can be reached: {error}"
        raise CliError(message, ExitCode.ERROR, "export KUBECONFIG=PATH, or moorage --kubeconfig PATH …") from error
    options = [f"--kubeconfig={path}"] if path else []
    options += [f"--context={wanted.context}"] if wanted.context else []
    return Cluster(client, namespace or wanted.namespace or config.namespace, tuple(options))


def _kubeconfig_of_environment() -> str | None:
    """The first existing file of KUBECONFIG, else kubectl's default file, else None (inside a Pod: its ServiceAccount)."""
    named = [part for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]
    if named:
        return next((part for part in named if Path(part).is_file()), named[0])
    default = Path("~/.kube/config").expanduser()
    return str(default) if default.is_file() else None


def _usable(user: User | None) -> User:
    """lightkube asks for an older name of the same login-plugin protocol, and for a user even when none is needed."""
    if user is not None and user.exec is not None and user.exec.apiVersion == f"{_EXEC_API}v1":
        user.exec.apiVersion = f"{_EXEC_API}v1beta1"
    return user or User()


@contextmanager
def _refusals() -> Iterator[None]:
    """What the API server refuses becomes its own sentence; what does not reach it says so."""
    try:
        yield
    except ApiError as error:
        body = error.response.json() if error.response is not None else error.status.to_dict()
        raise refusal.from_status(body) from error
    except httpx2.HTTPStatusError as error:
        raise refusal.from_status({"code": error.response.status_code, "message": error.response.text.strip()}) from error
    except httpx2.TimeoutException as error:
        message = f"the API server at {_server(error)} did not answer in time"
        raise CliError(message, next_step="kubectl cluster-info") from error
    except httpx2.HTTPError as error:
        message = f"the API server at {_server(error)} cannot be reached: {error}"
        raise CliError(message, next_step="kubectl cluster-info") from error
    except ConfigError as error:
        raise CliError(f"the login failed: {error}", ExitCode.FORBIDDEN) from error


def _server(error: httpx2.HTTPError) -> str:
    try:
        url = error.request.url
    except RuntimeError:
        return "the kubeconfig's address"
    return f"{url.scheme}://{url.netloc.decode()}"


def _plain(item: Any) -> Object:
    """Without `managedFields`, which nobody here reads."""
    plain: Object = item.to_dict()
    plain.get("metadata", {}).pop("managedFields", None)
    return plain
