"""Spaces: namespaces with their quotas and the people who belong to them."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from moorage.api.dataservice import KIND, Health
from moorage.kube.client import KubeError
from moorage.server import looks
from moorage.server.caller import Caller, PlatformOf, SignedIn
from moorage.server.model import Asked, Given, SpaceName
from moorage.server.problem import Code, ProblemError, not_found
from moorage.server.rights import Deed
from moorage.server.routes.services import DeedView, deed_in, deeds, require_typed, rows_of
from moorage.server.trail import Makes

router = APIRouter(tags=["spaces"])
Object = dict[str, Any]
QUOTA = "moorage"
_RBAC = "rbac.authorization.k8s.io"
KUBERNETES = "kube-"
_SYSTEM = (KUBERNETES, "default")
LABEL_SPACE = "moorage.dev/space"
Subject = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\s\x00-\x1f]+$")]


class Role(StrEnum):
    """Kubernetes' own roles, with what Moorage adds to them."""

    VIEW = "view"
    EDIT = "edit"
    ADMIN = "admin"


class SubjectKind(StrEnum):
    USER = "User"
    GROUP = "Group"


class SpaceRow(Given):
    name: str
    created: str | None
    is_deleting: bool
    services: dict[Health, int]
    """How many of each colour."""


class SpaceList(Given):
    items: list[SpaceRow]
    may_create: DeedView
    position: str


class Quota(Given):
    """One limit of the space and what is used of it, as Kubernetes writes quantities."""

    resource: str
    hard: str
    used: str


class Member(Given):
    kind: SubjectKind
    name: str
    role: Role
    binding: str
    """Name of the RoleBinding."""
    is_ours: bool
    """Whether the console made it; others are shown, not changed."""


class SpaceDetail(Given):
    space: SpaceRow
    quotas: list[Quota]
    members: list[Member] | None
    """None: the person may not see them."""
    may: dict[Deed, DeedView]


class QuotaWish(Asked):
    """Limits of all Pods and volumes of the space together; what is left out is not limited."""

    cpu: Annotated[str, Field(pattern=r"^[0-9]+m?$", max_length=20)] | None = None
    memory: Annotated[str, Field(pattern=r"^[0-9]+(Mi|Gi|Ti)$", max_length=20)] | None = None
    storage: Annotated[str, Field(pattern=r"^[0-9]+(Mi|Gi|Ti)$", max_length=20)] | None = None
    services: Annotated[int, Field(ge=0, le=10_000)] | None = None


class NewSpace(Asked):
    name: SpaceName
    quota: QuotaWish = QuotaWish()


class NewMember(Asked):
    kind: SubjectKind = SubjectKind.USER
    name: Subject
    """As Kubernetes sees them: moorage:li, oidc:li@example.com, moorage:admins …"""
    role: Role


@router.get("/spaces")
async def list_spaces(caller: SignedIn, platform: PlatformOf) -> SpaceList:
    """Those in which the person may list services, without Kubernetes' own."""
    position = platform.cache.feed.position
    seen = await looks.sight(platform, caller, KIND)
    counted: dict[str, Counter[Health]] = {}
    for row in rows_of(platform, await looks.visible(platform, caller, KIND)):
        counted.setdefault(row.namespace, Counter())[row.health] += 1
    found = [n for n in platform.cache.all("Namespace") if seen.sees(n["metadata"]["name"])]
    rows = [_row(n, counted.get(n["metadata"]["name"], Counter())) for n in found if not _is_kubernetes_own(n, counted)]
    may_create = (await deed_in(caller, Deed.CREATE_SPACE, {""}))[""]
    return SpaceList(items=sorted(rows, key=lambda r: r.name), may_create=may_create, position=position)


def _is_kubernetes_own(namespace: Object, counted: Mapping[str, object]) -> bool:
    """Names that begin so are Kubernetes' to give. One that a person made a space of, or put a service into, is shown."""
    meta = namespace["metadata"]
    return meta["name"].startswith(KUBERNETES) and meta["name"] not in counted and LABEL_SPACE not in (meta.get("labels") or {})


@router.post("/spaces", status_code=201)
async def create_space(body: NewSpace, caller: SignedIn, platform: PlatformOf, makes: Makes) -> SpaceRow:
    """Needs the right to create namespaces. Members run there under Kubernetes' strictest Pod security."""
    makes("space", body.name)
    labels = {LABEL_SPACE: "yes", "pod-security.kubernetes.io/enforce": "restricted"}
    made = await caller.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": body.name, "labels": labels}})
    platform.cache.wrote(made)
    platform.sights.forget()
    await _set_quota(caller, body.name, body.quota)
    return _row(made, Counter())


@router.get("/spaces/{space}")
async def get_space(space: SpaceName, caller: SignedIn, platform: PlatformOf) -> SpaceDetail:
    namespace = await _find(caller, platform, space)
    counted = Counter(row.health for row in rows_of(platform, await looks.visible(platform, caller, KIND, space)))
    return SpaceDetail(
        space=_row(namespace, counted),
        quotas=_quotas(await _allowed_list(caller, "ResourceQuota", space) or []),
        members=_members(await _allowed_list(caller, "RoleBinding", space)),
        may=await deeds(caller, space),
    )


@router.put("/spaces/{space}/quota", status_code=204)
async def set_quota(space: SpaceName, body: QuotaWish, caller: SignedIn, platform: PlatformOf) -> None:
    """What runs already goes on; what is new must fit."""
    await _find(caller, platform, space)
    await _set_quota(caller, space, body)


@router.delete("/spaces/{space}", status_code=202)
async def delete_space(
    space: SpaceName,
    caller: SignedIn,
    platform: PlatformOf,
    confirm: Annotated[str, Query(max_length=63, description="The space's name, typed by the person.")],
) -> None:
    """Refused while there is a service in it, or kept volumes of one: with the space they would be lost for good."""
    namespace = await _find(caller, platform, space)
    require_typed(space, confirm)
    if space.startswith(_SYSTEM) or space == platform.settings.namespace:
        raise ProblemError(409, Code.CONFLICT, f"{space} is needed by the platform itself and stays")
    services = [s["metadata"]["name"] for s in platform.cache.all(KIND, space)]
    claims = list(platform.cache.all("PersistentVolumeClaim", space))
    if services or claims:
        what = f"services {', '.join(sorted(services)[:5])}" if services else f"{len(claims)} volumes of deleted services"
        detail = f"{space} still holds {what}; delete them first, so that no data goes unseen"
        raise ProblemError(409, Code.SPACE_NOT_EMPTY, detail, {"space": space})
    await caller.kube.remove("Namespace", namespace["metadata"]["name"])


@router.post("/spaces/{space}/members", status_code=201)
async def add_member(space: SpaceName, body: NewMember, caller: SignedIn, platform: PlatformOf, makes: Makes) -> Member:
    """A RoleBinding, made as the person: nobody can give away rights that they do not have."""
    makes(body.kind.lower(), body.name, role=body.role)
    await _find(caller, platform, space)
    made = await caller.kube.create(_binding(space, body))
    platform.sights.forget()
    return (_members([made]) or [])[0]


@router.delete("/spaces/{space}/members/{binding}", status_code=202)
async def remove_member(
    space: SpaceName,
    binding: Annotated[str, Field(max_length=253, pattern=r"^moorage-member-[0-9a-z]{1,40}$")],
    caller: SignedIn,
    platform: PlatformOf,
) -> None:
    """Only those that the console made."""
    await _find(caller, platform, space)
    await caller.kube.remove("RoleBinding", binding, space)
    platform.sights.forget()


async def _find(caller: Caller, platform: PlatformOf, space: str) -> Object:
    seen = await looks.sight(platform, caller, KIND)
    namespace = platform.cache.get("Namespace", "", space)
    if namespace is None or not seen.sees(space):
        raise not_found("space", space)
    return namespace


async def _allowed_list(caller: Caller, kind: str, space: str) -> list[Object] | None:
    """None: the person may not."""
    try:
        return (await caller.kube.list(kind, space))[0]
    except KubeError as error:
        if error.code == 403:
            return None
        raise


def _row(namespace: Object, counted: Counter[Health]) -> SpaceRow:
    meta = namespace["metadata"]
    return SpaceRow(
        name=meta["name"],
        created=meta.get("creationTimestamp"),
        is_deleting=meta.get("deletionTimestamp") is not None,
        services=dict(counted),
    )


def _quotas(found: list[Object]) -> list[Quota]:
    return [
        Quota(resource=resource, hard=str(hard), used=str(((quota.get("status") or {}).get("used") or {}).get(resource, "0")))
        for quota in found
        for resource, hard in ((quota.get("spec") or {}).get("hard") or {}).items()
    ]


def _members(bindings: list[Object] | None) -> list[Member] | None:
    if bindings is None:
        return None
    found = [
        Member(
            kind=SubjectKind(subject["kind"]),
            name=subject["name"],
            role=Role(binding["roleRef"]["name"]),
            binding=binding["metadata"]["name"],
            is_ours=LABEL_SPACE in (binding["metadata"].get("labels") or {}),
        )
        for binding in bindings
        if binding["roleRef"].get("kind") == "ClusterRole" and binding["roleRef"].get("name") in set(Role)
        for subject in binding.get("subjects") or []
        if subject.get("kind") in set(SubjectKind)
    ]
    return sorted(found, key=lambda m: (m.kind, m.name, m.role))


def _binding(space: str, body: NewMember) -> Object:
    digest = sha256(f"{body.kind}/{body.name}/{body.role}".encode()).hexdigest()[:20]
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": f"moorage-member-{digest}", "namespace": space, "labels": {LABEL_SPACE: "member"}},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": str(body.role)},
        "subjects": [{"apiGroup": _RBAC, "kind": str(body.kind), "name": body.name}],
    }


async def _set_quota(caller: Caller, space: str, wish: QuotaWish) -> None:
    hard = {
        "requests.cpu": wish.cpu,
        "requests.memory": wish.memory,
        "requests.storage": wish.storage,
        "count/dataservices.moorage.dev": str(wish.services) if wish.services is not None else None,
    }
    said = {key: value for key, value in hard.items() if value is not None}
    if said:
        await caller.kube.apply(
            {
                "apiVersion": "v1",
                "kind": "ResourceQuota",
                "metadata": {"name": QUOTA, "namespace": space, "labels": {LABEL_SPACE: "quota"}},
                "spec": {"hard": said},
            }
        )
    else:
        await caller.kube.delete("ResourceQuota", QUOTA, space)
