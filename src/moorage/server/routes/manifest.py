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
from moorage.server.meanwhile import replaced
from moorage.server.model import Asked, Given, ServiceName, SpaceName
from moorage.server.problem import Code, ProblemError
from moorage.server.routes.services import DryRun, require_schedule
from moorage.views import manifest

router = APIRouter(prefix="/services/{space}/{name}/manifest", tags=["services"])
Object = dict[str, Any]
TEXT_MAX = 100_000


class ManifestText(Given):
    yaml: str
    """What people write: the spec, labels and their own annotations."""
    version: str
    """To be sent with the changed text: what somebody else changed meanwhile is not overwritten."""
    status: str
    """What is seen of the service, as YAML."""


class NewManifest(Asked):
    yaml: Annotated[str, Field(max_length=TEXT_MAX)]
    """What the API server and Moorage write, such as uid, resourceVersion and status, may stand in it and does not count."""
    version: Annotated[str, Field(max_length=64)]
    """Of the text that was changed."""


class ManifestChange(Given):
    yaml: str
    version: str
    diff: str
    """As `diff -u` writes it, between what is kept and what the API server makes of the new text; empty: no difference."""


@router.get("")
async def get_manifest(space: SpaceName, name: ServiceName, caller: SignedIn, platform: PlatformOf) -> ManifestText:
    """And its status, apart."""
    found = await looks.find(platform, caller, KIND, space, name)
    status = manifest.text(found.get("status") or {})
    return ManifestText(yaml=manifest.text(manifest.editable(found)), version=manifest.version(found), status=status)


@router.put("")
async def replace_manifest(
    space: SpaceName,
    name: ServiceName,
    body: NewManifest,
    caller: SignedIn,
    platform: PlatformOf,
    dry_run: DryRun = False,
) -> ManifestChange:
    """`dryRun`: only the difference, after the API server has judged it. Refused when the text is of an older version."""
    await looks.find(platform, caller, KIND, space, name)
    wanted = _read(body.yaml, space, name)
    before, after = await replaced(
        caller, KIND, space, name, lambda kept: manifest.laid_over(kept, wanted), manifest.version, body.version, dry_run=dry_run
    )
    if not dry_run:
        platform.cache.wrote(after)
    shown = manifest.text(manifest.editable(after))
    return ManifestChange(
        yaml=shown, version=manifest.version(after), diff=_difference(manifest.text(manifest.editable(before)), shown)
    )


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
    for field in ("labels", "annotations"):
        if not isinstance(meta.get(field) or {}, dict):
            raise ProblemError(422, Code.INVALID, f"metadata.{field} must be names with values, such as team: shop")
    if own := manifest.not_for_people(found):
        detail = f"annotations {', '.join(own)} are Moorage's own; leave them out, and ask by the buttons or moorage"
        raise ProblemError(422, Code.INVALID, detail)
    backup = (found.get("spec") or {}).get("backup") if isinstance(found.get("spec") or {}, dict) else None
    if isinstance(backup, dict) and isinstance(backup.get("schedule"), str):
        require_schedule(backup["schedule"])
    return {**found, "metadata": {**meta, "namespace": space}}


def _difference(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "now", "new", lineterm="")
    return "\n".join(lines)
