"""The only module of the CLI with a Kubernetes client: plain dicts in and out, CliError when the API server refuses.

`cluster.py` imports it when it connects: the client takes longer to import than everything else together.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import httpx2
from lightkube import ALL_NS, ApiError, KubeConfig
from lightkube import Client as LightkubeClient
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError
from lightkube.generic_resource import create_global_resource, create_namespaced_resource
from lightkube.resources.core_v1 import PodLog
from lightkube.types import CascadeType, PatchType

from moorage.cli import refusal
from moorage.cli.cluster import OURS
from moorage.cli.errors import CliError, ExitCode

Object = dict[str, Any]

FIELD_MANAGER = "moorage-cli"
_EXEC_API = "client.authentication.k8s.io/"
_GLOBAL: dict[str, Any] = {
    "Node": create_global_resource("", "v1", "Node", "nodes"),
    "StorageClass": create_global_resource("storage.k8s.io", "v1", "StorageClass", "storageclasses"),
    "CustomResourceDefinition": create_global_resource(
        "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions"
    ),
    "ValidatingAdmissionPolicyBinding": create_global_resource(
        "admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings"
    ),
}
_KINDS: dict[str, Any] = {
    **_GLOBAL,
    "Pod": create_namespaced_resource("", "v1", "Pod", "pods"),
    "Secret": create_namespaced_resource("", "v1", "Secret", "secrets"),
    "PersistentVolumeClaim": create_namespaced_resource("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    "Event": create_namespaced_resource("", "v1", "Event", "events"),
    "Service": create_namespaced_resource("", "v1", "Service", "services"),
    "EndpointSlice": create_namespaced_resource("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
    "Deployment": create_namespaced_resource("apps", "v1", "Deployment", "deployments"),
    "StatefulSet": create_namespaced_resource("apps", "v1", "StatefulSet", "statefulsets"),
    "Lease": create_namespaced_resource("coordination.k8s.io", "v1", "Lease", "leases"),
    **{kind: create_namespaced_resource("moorage.dev", "v1", kind, plural) for kind, plural in OURS.items()},
}
_Review: Any = create_global_resource("authentication.k8s.io", "v1", "SelfSubjectReview", "selfsubjectreviews")
_Access: Any = create_global_resource("authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews")
_DATED = ("Lease",)
"""Kinds of which somebody here reads `managedFields`: when each was written, by the API server's clock."""


class Client:
    """One connection. `namespace` None: every one."""

    def __init__(self, path: str | None, context: str | None, *, timeout_seconds: float) -> None:
        """Raises CliError when the kubeconfig leads nowhere; asks nobody yet."""
        try:
            config = (KubeConfig.from_file(path) if path else KubeConfig.from_env()).get(context)
            assert config is not None, "lightkube answers None only when it is given a default"
            config = config._replace(user=_usable(config.user))
            timeout = httpx2.Timeout(timeout_seconds)
            self._client: Any = LightkubeClient(config, field_manager=FIELD_MANAGER, timeout=timeout)
        except (ConfigError, OSError, KeyError, ValueError) as error:
            message = f"no cluster can be reached: {error}"
            raise CliError(message, ExitCode.ERROR, "export KUBECONFIG=PATH, or moorage --kubeconfig PATH …") from error
        self.namespace: str = config.namespace
        """The kubeconfig's."""

    def get(self, kind: str, name: str, namespace: str) -> Object:
        with _refusals():
            return _plain(self._client.get(_KINDS[kind], name, namespace=namespace))

    def all(self, kind: str, namespace: str | None, labels: Mapping[str, str] | None) -> list[Object]:
        where = {} if kind in _GLOBAL else {"namespace": ALL_NS if namespace is None else namespace}
        with _refusals():
            found = self._client.list(_KINDS[kind], labels=labels, chunk_size=500, **where)
            return [item.to_dict() if kind in _DATED else _plain(item) for item in found]

    def create(self, manifest: Object, namespace: str, *, dry_run: bool = False) -> Object:
        resource = _KINDS[manifest["kind"]]
        with _refusals():
            return _plain(self._client.create(resource(manifest), namespace=namespace, dry_run=dry_run))

    def replace(self, manifest: Object, namespace: str, *, dry_run: bool = False) -> Object:
        """All of it but its status. Refused as a conflict when it is of an older version than what is kept."""
        resource = _KINDS[manifest["kind"]]
        with _refusals():
            return _plain(self._client.replace(resource(manifest), namespace=namespace, dry_run=dry_run))

    def merge(self, kind: str, name: str, patch: Object, namespace: str, *, dry_run: bool = False) -> Object:
        """Changes only the fields that the patch names."""
        with _refusals():
            merged = self._client.patch(
                _KINDS[kind], name, patch, namespace=namespace, patch_type=PatchType.MERGE, dry_run=dry_run
            )
            return _plain(merged)

    def delete(self, kind: str, name: str, namespace: str) -> None:
        with _refusals():
            self._client.delete(_KINDS[kind], name, namespace=namespace, cascade=CascadeType.BACKGROUND)

    def may(self, user: str, groups: Sequence[str], attributes: Mapping[str, str]) -> bool:
        """Whether somebody else is allowed to do something; asking it keeps nothing."""
        spec = {"user": user, "groups": [*groups], "resourceAttributes": {**attributes}}
        with _refusals():
            return bool(_plain(self._client.create(_Access({"metadata": {}, "spec": spec})))["status"]["allowed"])

    def log(
        self, pod: str, namespace: str, *, container: str, follow: bool, tail: int | None, since: int | None
    ) -> Iterator[str]:
        """Lines without their ends."""
        with _refusals():
            yield from self._client.log(
                pod, namespace=namespace, container=container, follow=follow, tail_lines=tail, since=since, newlines=False
            )

    def previous_log(self, pod: str, namespace: str, *, container: str, tail: int | None) -> Iterator[str]:
        """Of the run before the last restart. The library's own `log` does not know how to ask for it."""
        wanted = {"container": container, "tailLines": tail, "previous": True}
        inner = self._client._client  # noqa: SLF001 - no public door
        with _refusals():
            request = inner.prepare_request("get", PodLog, name=pod, namespace=namespace, params=wanted)
            response = inner.send(inner.build_adapter_request(request))
            inner.raise_for_status(response)
            yield from response.iter_lines()

    def page(self, pod: str, port: int, path: str, namespace: str) -> str:
        """What a Pod answers there, through the API server. The library's own client does not know how to ask for it."""
        inner = self._client._client  # noqa: SLF001 - no public door
        with _refusals():
            url = f"/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy{path}"
            response = inner.send(inner._client.build_request("GET", url))  # noqa: SLF001
            inner.raise_for_status(response)
            return str(response.text)

    def review(self) -> Object:
        """Who the API server takes us for, with its time."""
        with _refusals():
            return _plain(self._client.create(_Review({"metadata": {}})))


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
    """Without `managedFields`."""
    plain: Object = item.to_dict()
    plain.get("metadata", {}).pop("managedFields", None)
    return plain
