"""The API server as a person sees it: the server's own credentials, and every request says for whom it is (impersonation)."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx2
from lightkube import ApiError, AsyncClient, KubeConfig
from lightkube.config.client_adapter import verify_cluster
from lightkube.config.kubeconfig import SingleConfig
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError
from lightkube.generic_resource import create_global_resource
from lightkube.types import CascadeType, PatchType

from moorage.kube.client import _RESOURCES, REQUEST_TIMEOUT_SECONDS, Kube, KubeError, Object, _plain, _translate, _where

FIELD_MANAGER = "moorage-console"
CLIENTS_MAX = 128
"""Persons whose client is kept; the connections are shared by all of them."""
_GROUP = "authorization.k8s.io"
_Access: Any = create_global_resource(_GROUP, "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews")
_Rules: Any = create_global_resource(_GROUP, "v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews")


@dataclass(frozen=True)
class Person:
    """Whom the API server is to take us for."""

    user: str
    groups: tuple[str, ...] = ()


class PersonKube(Kube):
    """What one person may do. Every method raises KubeError; 403 when the person may not."""

    async def check(self, manifest: Object) -> Object:
        """The object as it would be created; nothing is kept."""
        try:
            made = await self._client.create(_RESOURCES[manifest["kind"]](manifest), dry_run=True, **_where(manifest))
            return _plain(made)
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error

    async def check_merge(self, kind: str, name: str, namespace: str, patch: Object) -> Object:
        """The object as it would be after the merge patch; nothing is kept."""
        try:
            merged = await self._client.patch(
                _RESOURCES[kind], name, patch, namespace=namespace, patch_type=PatchType.MERGE, dry_run=True
            )
            return _plain(merged)
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error

    async def check_replace(self, manifest: Object) -> Object:
        """The object as it would be after `replace`; nothing is kept."""
        try:
            kind = _RESOURCES[manifest["kind"]]
            return _plain(await self._client.replace(kind(manifest), dry_run=True, **_where(manifest)))
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error

    async def remove(self, kind: str, name: str, namespace: str | None = None, *, dry_run: bool = False) -> None:
        """Deletes in the background. Unlike `delete` it says when there is no such object."""
        where = {} if namespace is None else {"namespace": namespace}
        try:
            await self._client.delete(_RESOURCES[kind], name, cascade=CascadeType.BACKGROUND, dry_run=dry_run, **where)
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error

    async def may(self, verb: str, resource: str, *, group: str = "", namespace: str = "", name: str = "") -> bool:
        """Whether the person may; `namespace` empty: in every one."""
        asked = {"verb": verb, "resource": resource, "group": group, "namespace": namespace, "name": name}
        spec = {"resourceAttributes": {key: value for key, value in asked.items() if value}}
        try:
            review = _plain(await self._client.create(_Access({"metadata": {}, "spec": spec})))
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error
        return bool((review.get("status") or {}).get("allowed"))

    async def rules(self, namespace: str) -> list[Object]:
        """The resource rules that hold for the person in a namespace, as a SelfSubjectRulesReview lists them."""
        try:
            review = _plain(await self._client.create(_Rules({"metadata": {}, "spec": {"namespace": namespace}})))
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error
        return list((review.get("status") or {}).get("resourceRules") or [])

    async def log(
        self, pod: str, namespace: str, *, container: str, follow: bool, tail: int | None, since_seconds: int | None = None
    ) -> AsyncIterator[str]:
        """Lines without their ends."""
        try:
            async for line in self._client.log(
                pod,
                namespace=namespace,
                container=container,
                follow=follow,
                tail_lines=tail,
                since=since_seconds,
                timestamps=True,
                newlines=False,
            ):
                yield line
        except (ApiError, httpx2.HTTPError) as error:
            raise _translate(error) from error


class Persons:
    """Clients by person, over one pool of connections. `own` asks as the server itself."""

    def __init__(self, config: SingleConfig | None = None) -> None:
        """Raises KubeError when there is no API server to be found; asks nobody yet."""
        try:
            found = config or KubeConfig.from_env().get()
            assert found is not None, "lightkube answers None only when it is given a default"
            user = found.user or User()
            self._config = found._replace(user=user)
            verify = verify_cluster(self._config.cluster, user, self._config.abs_file)
        except ConfigError as error:
            raise KubeError(str(error)) from error
        limits = httpx2.Limits(max_connections=200, max_keepalive_connections=20)
        self._transport = httpx2.AsyncHTTPTransport(verify=verify, limits=limits)
        self._clients: OrderedDict[Person, PersonKube] = OrderedDict()
        self.own = PersonKube(self._client(self._transport))

    def of(self, person: Person) -> PersonKube:
        """The API server as this person sees it."""
        if person not in self._clients:
            self._clients[person] = PersonKube(self._client(_Acting(self._transport, person)))
            if len(self._clients) > CLIENTS_MAX:
                self._clients.popitem(last=False)
        self._clients.move_to_end(person)
        return self._clients[person]

    async def close(self) -> None:
        with suppress(httpx2.HTTPError):
            await self._transport.aclose()

    def _client(self, transport: httpx2.AsyncBaseTransport) -> AsyncClient:
        timeout = httpx2.Timeout(REQUEST_TIMEOUT_SECONDS)
        return AsyncClient(self._config, timeout=timeout, field_manager=FIELD_MANAGER, transport=transport)


class _Acting(httpx2.AsyncBaseTransport):
    """Says for whom each request is."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, person: Person) -> None:
        self._inner = inner
        self._headers = tuple(_headers(person))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers = httpx2.Headers([*request.headers.multi_items(), *self._headers])
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """The pool is shared: one person's client does not close it."""


def _headers(person: Person) -> Iterable[tuple[str, str]]:
    yield "Impersonate-User", person.user
    for group in person.groups:
        yield "Impersonate-Group", group
