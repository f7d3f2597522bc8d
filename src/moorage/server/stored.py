"""What a store holds, read with the person's own right to the Secrets of it."""

from contextlib import ExitStack

from moorage.api.backupstore import S3
from moorage.backup import download, layout
from moorage.backup.errors import LASTING, StoreError
from moorage.backup.manifest import Manifest, ManifestError, parse
from moorage.backup.store import ObjectStore
from moorage.server.caller import Caller
from moorage.server.problem import Code, ProblemError
from moorage.views import binding


async def entries(caller: Caller, space: str, secret: str, wanted: tuple[str, ...]) -> download.Keys:
    """Of one of the store's Secrets. Raises KubeError where the person may not, and ProblemError where something is missing."""
    found = binding.decode((await caller.kube.get("Secret", secret, space) or {}).get("data") or {})
    missing = [key for key in wanted if key not in found]
    if missing:
        detail = f"the store's Secret '{secret}' lacks {' and '.join(missing)}; correct it, and test the store"
        raise ProblemError(409, Code.STORE_REFUSES, detail, {"name": secret, "space": space})
    return found


async def keys_of(caller: Caller, space: str, spec: S3) -> dict[str, download.Keys]:
    """Name of a Secret → its entries, of those that lead into the store. Raises as `entries` does."""
    wanted = {spec.credentials_secret: ("accessKeyId", "secretAccessKey")}
    if spec.ca_secret is not None:
        wanted[spec.ca_secret] = (*wanted.get(spec.ca_secret, ()), "ca.crt")
    return {name: await entries(caller, space, name, keys) for name, keys in wanted.items()}


def manifest_in(opened: ExitStack, spec: S3, keys: dict[str, download.Keys], folder: str) -> tuple[ObjectStore, Manifest]:
    """The store, which `opened` closes, and what it says of the backup in a folder. Blocks. Raises ProblemError."""
    try:
        store = opened.enter_context(download.open_s3(spec, keys.__getitem__))
        return store, parse(store.read(layout.manifest_key(folder)), folder)
    except (StoreError, ManifestError) as error:
        lasts = not isinstance(error, StoreError) or error.reason in LASTING
        raise ProblemError(409 if lasts else 503, Code.STORE_REFUSES, str(error)) from error
