"""A service as YAML: to be read, and changed after a look at the difference."""

import difflib
from typing import Annotated, Any

import yaml
from fastapi import APIRouter
from pydantic import Field

from moorage.api.dataservice import KIND
from moorage.api.schema import API_VERSION
from moorage.server import looks
from moorage.server.caller import PlatformOf, SignedIn
from moorage.server.model import Asked, Given, ServiceName, SpaceName
from moorage.server.problem import Code, ProblemError
from moorage.server.routes.services import DryRun

router = APIRouter(prefix="/services/{space}/{name}/manifest", tags=["services"])
Object = dict[str, Any]
_NOBODY_EDITS = ("uid", "creationTimestamp", "generation", "managedFields", "selfLink", "deletionTimestamp")
TEXT_MAX = 100_000


class ManifestText(Given):
    yaml: str
    """With `metadata.resourceVersion`: what somebody else changed meanwhile is not overwritten."""


class NewManifest(Asked):
    yaml: Annotated[str, Field(max_length=TEXT_MAX)]


class ManifestChange(Given):
    yaml: str
    diff: str
    """As `diff -u` writes it, between what is kept and what the API server makes of the new text; empty: no difference."""


@router.get("")
async def get_manifest(space: SpaceName, name: ServiceName, caller: SignedIn, platform: PlatformOf) -> ManifestText:
    """With its status."""
    return ManifestText(yaml=_text(await looks.find(platform, caller, KIND, space, name)))


@router.put("")
async def replace_manifest(
    space: SpaceName,
    name: ServiceName,
    body: NewManifest,
    caller: SignedIn,
    platform: PlatformOf,
    dry_run: DryRun = False,
) -> ManifestChange:
    """`dryRun`: only the difference, after the API server has judged it."""
    before = await looks.find(platform, caller, KIND, space, name)
    wanted = _read(body.yaml, space, name)
    if dry_run:
        after = await caller.kube.check_replace(wanted)
    else:
        after = await caller.kube.replace(wanted)
        platform.cache.wrote(after)
    return ManifestChange(yaml=_text(after), diff=_difference(_asked(before), _asked(after)))


def _read(text: str, space: str, name: str) -> Object:
    """Raises a problem that says what is wrong with the text."""
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ProblemError(422, Code.INVALID, f"this is no YAML: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("metadata"), dict):
        raise ProblemError(422, Code.INVALID, "this is no Kubernetes object: apiVersion, kind, metadata and spec are wanted")
    meta = found["metadata"]
    here = (found.get("apiVersion"), found.get("kind"), meta.get("namespace", space), meta.get("name"))
    if here != (API_VERSION, KIND, space, name):
        raise ProblemError(
            422, Code.INVALID, f"the text must stay the {KIND} '{name}' in {space} of {API_VERSION}; it names another"
        )
    found["metadata"] = {**meta, "namespace": space}
    found.pop("status", None)
    return found


def _text(obj: Object) -> str:
    return yaml.safe_dump(obj, sort_keys=False, allow_unicode=True, width=120)


def _asked(obj: Object) -> str:
    """What people ask for: without what the API server and the operator write."""
    meta = {k: v for k, v in obj["metadata"].items() if k not in (*_NOBODY_EDITS, "resourceVersion")}
    return _text({"apiVersion": API_VERSION, "kind": KIND, "metadata": meta, "spec": obj.get("spec")})


def _difference(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "now", "new", lineterm="")
    return "\n".join(lines)
