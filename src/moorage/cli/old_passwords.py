"""The passwords that a backup holds, sealed, for the service that comes back from it.

They are unsealed on this machine, with the private key that the person gives, and go into the Secret that the service will find:
neither the store nor a worker ever has them in clear.
"""

import json
from pathlib import Path
from typing import Any

from moorage.api.backupstore import BackupStore
from moorage.backup import age, layout
from moorage.backup.errors import ArchiveError
from moorage.backup.manifest import Manifest, ManifestError, parse
from moorage.backup.store import ObjectStore
from moorage.cli.adoptable import Adoptable
from moorage.cli.cluster import Cluster
from moorage.cli.errors import CliError, ExitCode, usage
from moorage.cli.fetch import open_s3
from moorage.core import names

ENTRIES = ("keyfile", "app-password", "admin-password")


def bring(cluster: Cluster, store: BackupStore, one: Adoptable, identity: Path) -> None:
    """Makes the Secret NAME-internal of the service that comes back. Raises CliError, and then made nothing."""
    name, key = store.metadata.name, _text(identity)
    if store.spec.s3 is None:
        raise usage(
            f"store {name} is a volume claim, which is not read from here; without --identity app and admin get new passwords"
        )
    secret = names.internal_secret(one.becomes)
    if cluster.find("Secret", secret) is not None:
        message = (
            f"there is a Secret '{secret}' already, with the passwords of an earlier service {one.becomes}; it is left alone"
        )
        raise CliError(message, ExitCode.CONFLICT, "without --identity that one's passwords are used")
    folder = layout.backup_folder(one.engine, one.namespace, one.name, str(one.newest))
    with open_s3(cluster, store.spec.s3) as objects:
        values = unsealed(read_manifest(objects, folder), key)
    cluster.create(manifest(cluster.namespace, one, values))


def read_manifest(store: ObjectStore, folder: str) -> Manifest:
    try:
        return parse(store.read(layout.manifest_key(folder)), folder)
    except ManifestError as error:
        raise CliError(str(error)) from error


def unsealed(made: Manifest, identity: str) -> dict[str, str]:
    """Keyfile and passwords. Raises CliError."""
    if made.secrets is None:
        raise CliError(
            f"{made.backup_name} holds no passwords: only a store that encrypts keeps them, sealed",
            ExitCode.CONFLICT,
            "without --identity app and admin get new passwords",
        )
    try:
        values = json.loads(age.unseal(made.secrets, made.backup_name, made.recipient, identity))
    except (ArchiveError, ValueError) as error:
        raise CliError(str(error)) from error
    missing = [entry for entry in ENTRIES if not isinstance(values.get(entry), str)]
    if missing:
        raise CliError(f"{made.backup_name} lacks {' and '.join(missing)} of its service")
    return {entry: values[entry] for entry in ENTRIES}


def manifest(namespace: str, one: Adoptable, values: dict[str, str]) -> dict[str, Any]:
    """The Secret as the operator would make it, which then draws none."""
    meta = {"name": names.internal_secret(one.becomes), "namespace": namespace, "labels": names.labels(one.becomes, one.engine)}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "stringData": values}


def _text(identity: Path) -> str:
    try:
        return identity.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"'{identity}' cannot be read: {getattr(error, 'strerror', None) or error}", ExitCode.USAGE) from error
