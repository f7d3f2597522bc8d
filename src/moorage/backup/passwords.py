"""The passwords that a backup holds, sealed, for the service that comes back from it.

They are unsealed where the person is, by the command line or the console, and go into the Secret that the service will find:
neither the store nor a worker ever has them in clear.
"""

import json
from typing import Any

from moorage.backup import age
from moorage.backup.errors import ArchiveError
from moorage.backup.manifest import Manifest
from moorage.core import names

ENTRIES = ("keyfile", "app-password", "admin-password")


class NoPasswordsError(ArchiveError):
    """The backup holds none."""


def unsealed(made: Manifest, identity: str) -> dict[str, str]:
    """Keyfile and passwords. `identity`: text of a file with private keys of age. Raises ArchiveError."""
    if made.secrets is None:
        raise NoPasswordsError(f"{made.backup_name} holds no passwords: only a store that encrypts keeps them, sealed")
    try:
        values = json.loads(age.unseal(made.secrets, made.backup_name, made.recipient, identity))
    except ValueError as error:
        raise ArchiveError(f"the passwords of {made.backup_name} cannot be read ({error})") from error
    missing = [entry for entry in ENTRIES if not isinstance(values.get(entry), str)]
    if missing:
        raise ArchiveError(f"{made.backup_name} lacks {' and '.join(missing)} of its service")
    return {entry: values[entry] for entry in ENTRIES}


def secret_with(values: dict[str, str], namespace: str, service: str, engine: str) -> dict[str, Any]:
    """The Secret NAME-internal as the operator would make it, which then draws none."""
    meta = {"name": names.internal_secret(service), "namespace": namespace, "labels": names.labels(service, engine)}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "stringData": values}
