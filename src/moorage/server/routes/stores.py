"""Where backups are kept."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from moorage.api.backupstore import KIND
from moorage.server import looks
from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.model import Asked, Given, ObjectName, SpaceName
from moorage.server.routes.services import require_typed
from moorage.server.trail import Makes
from moorage.views.store import StoreView, store_view
from moorage.wishes import asked, requests
from moorage.wishes.asked import said

router = APIRouter(tags=["stores"])


class StoreList(Given):
    items: list[StoreView]
    position: str


class S3Wish(Asked):
    kind: Literal["S3"] = "S3"
    endpoint: Annotated[str, Field(max_length=512)]
    """Such as https://s3.example.com."""
    bucket: Annotated[str, Field(min_length=3, max_length=63)]
    prefix: Annotated[str, Field(max_length=256)] = ""
    region: Annotated[str, Field(max_length=64)] = "us-east-1"
    access_key_id: Annotated[str, Field(min_length=1, max_length=256)]
    secret_access_key: Annotated[str, Field(min_length=1, max_length=512)]
    ca: Annotated[str, Field(max_length=65_536)] | None = None
    """PEM of the service's own authority, when it has one."""
    path_style: bool = True


class FileSystemWish(Asked):
    kind: Literal["FileSystem"] = "FileSystem"
    claim: ObjectName
    path: Annotated[str, Field(max_length=256)] = ""


class StoreWish(Asked):
    """A store to be added; its keys become a Secret of the space."""

    name: ObjectName
    space: SpaceName
    where: Annotated[S3Wish | FileSystemWish, Field(discriminator="kind")]
    default: bool = False
    """Services of this space that name no store use this one."""


@router.get("/stores")
async def list_stores(caller: SignedIn, platform: PlatformOf, space: Annotated[SpaceName | None, Query()] = None) -> StoreList:
    position = platform.cache.feed.position
    found = await looks.visible(platform, caller, KIND, space)
    views = sorted((store_view(s) for s in found), key=lambda v: (v.namespace, v.name))
    return StoreList(items=views, position=position)


@router.post("/stores", status_code=201)
async def add_store(body: StoreWish, caller: SignedIn, platform: PlatformOf, makes: Makes) -> StoreView:
    """The API server judges it first, so that no Secret is left of one that it refuses. Then the operator tests it: `phase`."""
    makes("store", body.name, body.space)
    wanted = asked.store(body.space, body.name, _spec(body))
    await caller.kube.check(wanted)
    for name, entries in _secrets(body).items():
        await caller.kube.create(asked.secret(body.space, name, entries))
    made = await caller.kube.create(wanted)
    platform.cache.wrote(made)
    return store_view(made)


@router.post("/stores/{space}/{store}/test", status_code=202)
async def test_store(space: SpaceName, store: ObjectName, caller: SignedIn, platform: PlatformOf) -> StoreView:
    """A worker writes, reads, lists and deletes there. The event stream tells what it found, once `isTesting` is over."""
    await looks.find(platform, caller, KIND, space, store)
    asked_for = requests.check(platform.clock().isoformat(timespec="milliseconds"))
    changed = await caller.kube.merge(KIND, store, space, asked_for)
    platform.cache.wrote(changed)
    return store_view(changed)


@router.delete("/stores/{space}/{store}", status_code=202)
async def remove_store(
    space: SpaceName,
    store: ObjectName,
    caller: SignedIn,
    platform: PlatformOf,
    confirm: Annotated[str, Query(max_length=253, description="The store's name, typed by the person.")],
) -> None:
    """What is in it stays there; Moorage forgets it."""
    await looks.find(platform, caller, KIND, space, store)
    require_typed(store, confirm)
    await caller.kube.remove(KIND, store, space)


def _spec(body: StoreWish) -> dict[str, object]:
    where = body.where
    if isinstance(where, FileSystemWish):
        return {"fileSystem": said({"claim": where.claim, "path": where.path or None}), "default": body.default or None}
    return {
        "s3": said(
            {
                "endpoint": where.endpoint.strip(),
                "bucket": where.bucket.strip(),
                "prefix": where.prefix or None,
                "region": where.region,
                "credentialsSecret": f"moorage-store-{body.name}",
                "caSecret": f"moorage-store-{body.name}-ca" if where.ca else None,
                "pathStyle": where.path_style,
            }
        ),
        "default": body.default or None,
    }


def _secrets(body: StoreWish) -> dict[str, dict[str, str]]:
    where = body.where
    if isinstance(where, FileSystemWish):
        return {}
    keys = {"accessKeyId": where.access_key_id.strip(), "secretAccessKey": where.secret_access_key.strip()}
    return {f"moorage-store-{body.name}": keys} | ({f"moorage-store-{body.name}-ca": {"ca.crt": where.ca}} if where.ca else {})
