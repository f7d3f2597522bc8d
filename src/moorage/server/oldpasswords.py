"""A service that comes back as a new one may have the passwords that it had: those that its backup holds, sealed.

They are unsealed by the key that the store's own Secret holds, which the person must be allowed to read, and go into the Secret
that the new service will find. Nothing of it is kept here.
"""

import asyncio
from contextlib import ExitStack

from moorage.api.backupstore import S3, BackupStore
from moorage.backup.download import Keys
from moorage.backup.errors import ArchiveError
from moorage.backup.manifest import Manifest
from moorage.backup.passwords import secret_with, unsealed
from moorage.core import names
from moorage.kube.client import Object
from moorage.server import stored
from moorage.server.caller import Caller
from moorage.server.problem import Code, ProblemError

WITHOUT = "without keepPasswords app and admin get new passwords"
IDENTITY = "identity"


async def secret_of(caller: Caller, store: BackupStore, folder: str, service: str) -> Object:
    """The Secret of a new `service` in the store's space, with the passwords of the backup in a folder of the store.

    Raises ProblemError, and KubeError where the person may not read what it takes.
    """
    name, space, spec = store.metadata.name, store.metadata.namespace, store.spec
    if spec.s3 is None:
        raise _not_possible(f"store {name} is a shared file system, which the console does not read; {WITHOUT}", store)
    if spec.encryption is None:
        raise _not_possible(f"store {name} does not encrypt, so no password is in its backups; {WITHOUT}", store)
    there = names.internal_secret(service)
    if await caller.kube.get("Secret", there, space) is not None:
        detail = f"there is a Secret '{there}' already, with the passwords of an earlier service {service}; it is left alone"
        raise _not_possible(f"{detail}, and without keepPasswords they are used", store)
    keys = await stored.keys_of(caller, space, spec.s3)
    identity = (await stored.entries(caller, space, spec.encryption.identity_secret, (IDENTITY,)))[IDENTITY]
    made = await asyncio.to_thread(_manifest, spec.s3, keys, folder)
    try:
        return secret_with(unsealed(made, identity), space, service, made.engine)
    except ArchiveError as error:
        raise _not_possible(f"{error}; {WITHOUT}", store) from error


def _manifest(spec: S3, keys: dict[str, Keys], folder: str) -> Manifest:
    with ExitStack() as opened:
        return stored.manifest_in(opened, spec, keys, folder)[1]


def _not_possible(detail: str, store: BackupStore) -> ProblemError:
    return ProblemError(409, Code.CONFLICT, detail, {"store": store.metadata.name, "space": store.metadata.namespace})
