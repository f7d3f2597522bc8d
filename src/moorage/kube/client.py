"""A narrow client over lightkube: plain dicts in and out, so that the library can be replaced behind this one module.

Kinds are declared here without lightkube's typed models: these cost memory in every member's agent.
"""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
from lightkube import ALL_NS, ApiError, AsyncClient
from lightkube.core.exceptions import ConfigError
from lightkube.generic_resource import create_global_resource, create_namespaced_resource
from lightkube.types import CascadeType, PatchType

from moorage.kube.refusal import is_refusal

FIELD_MANAGER = "moorage"
REQUEST_TIMEOUT_SECONDS = 10.0

Object = dict[str, Any]

_NAMESPACED = {
    "DataService": ("moorage.dev", "v1", "dataservices"),
    "BackupStore": ("moorage.dev", "v1", "backupstores"),
    "DataBackup": ("moorage.dev", "v1", "databackups"),
    "DataRestore": ("moorage.dev", "v1", "datarestores"),
    "AlertRule": ("moorage.dev", "v1", "alertrules"),
    "PrometheusRule": ("monitoring.coreos.com", "v1", "prometheusrules"),
    "Pod": ("", "v1", "pods"),
    "Service": ("", "v1", "services"),
    "Secret": ("", "v1", "secrets"),
    "ConfigMap": ("", "v1", "configmaps"),
    "ResourceQuota": ("", "v1", "resourcequotas"),
    "ServiceAccount": ("", "v1", "serviceaccounts"),
    "PersistentVolumeClaim": ("", "v1", "persistentvolumeclaims"),
    "Event": ("", "v1", "events"),
    "StatefulSet": ("apps", "v1", "statefulsets"),
    "EndpointSlice": ("discovery.k8s.io", "v1", "endpointslices"),
    "PodDisruptionBudget": ("policy", "v1", "poddisruptionbudgets"),
    "Role": ("rbac.authorization.k8s.io", "v1", "roles"),
    "RoleBinding": ("rbac.authorization.k8s.io", "v1", "rolebindings"),
    "Lease": ("coordination.k8s.io", "v1", "leases"),
}
_GLOBAL = {
    "Namespace": ("", "v1", "namespaces"),
    "Node": ("", "v1", "nodes"),
    "PersistentVolume": ("", "v1", "persistentvolumes"),
    "StorageClass": ("storage.k8s.io", "v1", "storageclasses"),
}
_RESOURCES: dict[str, Any] = {
    **{kind: create_namespaced_resource(g, v, kind, p) for kind, (g, v, p) in _NAMESPACED.items()},
    **{kind: create_global_resource(g, v, kind, p) for kind, (g, v, p) in _GLOBAL.items()},
}


class KubeError(Exception):
    """The API server refused or could not be reached. `code` is the HTTP status, 0 when there was none; `body` its `Status`."""

    def __init__(self, message: str, code: int = 0, body: Object | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.body = body or {}

    @property
    def not_found(self) -> bool:
        return self.code == 404

    @property
    def conflict(self) -> bool:
        """Somebody else wrote in between, or the object exists already."""
        return self.code == 409

    @property
    def refused(self) -> bool:
        """Trying again is of no use until somebody acts."""
        return is_refusal(self.code, str(self))


def _translate(error: Exception) -> KubeError:
    if isinstance(error, ApiError):
        return KubeError(error.status.message or str(error), error.status.code or 0, _body(error))
    return KubeError(f"the API server cannot be reached: {error!r}")


def _body(error: ApiError) -> Object:
    """The refusal as it was sent: it names the fields, which the library's own model leaves out."""
    try:
        sent = error.response.json() if error.response is not None else None
    except ValueError:
        return {}
    return sent if isinstance(sent, dict) else {}


class Kube:
    """One connection pool to the API server. Every method raises KubeError."""

    def __init__(self, client: AsyncClient | None = None) -> None:
        try:
            self._client: Any = client or AsyncClient(
                timeout=httpx2.Timeout(REQUEST_TIMEOUT_SECONDS), field_manager=FIELD_MANAGER
            )
        except ConfigError as error:
            raise KubeError(str(error)) from error

    async def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """The object, or None when there is none."""
        try:
            return _plain(await self._client.get(_RESOURCES[kind], name, namespace=namespace))
        except (ApiError, httpx2.HTTPError) as error:
            failure = _translate(error)
            if failure.not_found:
                return None
            raise failure from error

    async def list(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        labels: dict[str, Any] | None = None,
        fields: dict[str, Any] | None = None,
    ) -> tuple[list[Object], str]:
        """All objects (of every namespace when `namespace` is None) and the version they were read at."""
        where = {} if kind in _GLOBAL else {"namespace": namespace or ALL_NS}
        try:
            listing = self._client.list(_RESOURCES[kind], labels=labels, fields=fields, chunk_size=500, **where)
            found = [_plain(item) async for item in listing]
            return found, listing.resourceVersion
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error

    async def watch(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        version: str,
        labels: dict[str, Any] | None = None,
        fields: dict[str, Any] | None = None,
        server_timeout_seconds: int,
    ) -> AsyncIterator[tuple[str, Object]]:
        """Changes since `version`. Raises KubeError on any error, 410 among them; the caller lists again."""
        where = {} if kind in _GLOBAL else {"namespace": namespace or ALL_NS}
        try:
            async for operation, item in self._client.watch(
                _RESOURCES[kind],
                labels=labels,
                fields=fields,
                resource_version=version,
                server_timeout=server_timeout_seconds,
                **where,
            ):
                yield operation, _plain(item)
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error

    async def create(self, manifest: Object) -> Object:
        try:
            return _plain(await self._client.create(_RESOURCES[manifest["kind"]](manifest), **_where(manifest)))
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error

    async def apply(self, manifest: Object) -> Object:
        """Server-side apply as field manager `moorage`; takes the fields that it names."""
        resource, name = _RESOURCES[manifest["kind"]], manifest["metadata"]["name"]
        try:
            applied = await self._client.patch(
                resource,
                name,
                resource(manifest),
                patch_type=PatchType.APPLY,
                force=True,
                field_manager=FIELD_MANAGER,
                **_where(manifest),
            )
            return _plain(applied)
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error

    async def replace(self, manifest: Object) -> Object:
        """Compare-and-swap: conflicts when `metadata.resourceVersion` is not the stored one."""
        try:
            return _plain(await self._client.replace(_RESOURCES[manifest["kind"]](manifest), **_where(manifest)))
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error

    async def merge(self, kind: str, name: str, namespace: str, patch: Object, *, status: bool = False) -> Object:
        """Merge patch of the object, or of its status."""
        resource = _RESOURCES[kind].Status if status else _RESOURCES[kind]
        try:
            return _plain(await self._client.patch(resource, name, patch, namespace=namespace, patch_type=PatchType.MERGE))
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error

    async def delete(self, kind: str, name: str, namespace: str) -> None:
        """Deletes in the background; what is gone already is fine."""
        try:
            await self._client.delete(_RESOURCES[kind], name, namespace=namespace, cascade=CascadeType.BACKGROUND)
        except (ApiError, httpx2.HTTPError) as error:
            failure = _translate(error)
            if not failure.not_found:
                raise failure from error


def _where(manifest: Object) -> dict[str, str]:
    namespace = manifest["metadata"].get("namespace")
    return {"namespace": namespace} if namespace else {}


def _plain(item: Any) -> Object:
    """A dict without `managedFields`: the largest part of most objects, and read by nobody here."""
    plain: Object = item.to_dict()
    plain.get("metadata", {}).pop("managedFields", None)
    return plain
