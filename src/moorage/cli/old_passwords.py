"""`moorage adopt --identity`: passwords of the service as it was, unsealed on this machine with the person's private key."""

from pathlib import Path

from moorage.api.backupstore import BackupStore
from moorage.backup import layout
from moorage.backup.errors import ArchiveError
from moorage.backup.manifest import Manifest, ManifestError, parse
from moorage.backup.passwords import NoPasswordsError, secret_with, unsealed
from moorage.backup.store import ObjectStore
from moorage.cli.adoptable import Adoptable
from moorage.cli.cluster import Cluster
from moorage.cli.errors import CliError, ExitCode, usage
from moorage.cli.fetch import open_s3
from moorage.core import names

WITHOUT = "without --identity app and admin get new passwords"


def bring(cluster: Cluster, store: BackupStore, one: Adoptable, identity: Path) -> None:
    """Makes the Secret NAME-internal of the service that comes back. Raises CliError, and then made nothing."""
    name, key = store.metadata.name, _text(identity)
    if store.spec.s3 is None:
        raise usage(f"store {name} is a volume claim, which is not read from here; {WITHOUT}")
    secret = names.internal_secret(one.becomes)
    if cluster.find("Secret", secret) is not None:
        message = (
            f"there is a Secret '{secret}' already, with the passwords of an earlier service {one.becomes}; it is left alone"
        )
        raise CliError(message, ExitCode.CONFLICT, "without --identity that one's passwords are used")
    folder = layout.backup_folder(one.engine, one.namespace, one.name, str(one.newest))
    with open_s3(cluster, store.spec.s3) as objects:
        values = opened(read_manifest(objects, folder), key)
    cluster.create(secret_with(values, cluster.namespace, one.becomes, one.engine))


def read_manifest(store: ObjectStore, folder: str) -> Manifest:
    try:
        return parse(store.read(layout.manifest_key(folder)), folder)
    except ManifestError as error:
        raise CliError(str(error)) from error


def opened(made: Manifest, identity: str) -> dict[str, str]:
    """Keyfile and passwords. Raises CliError."""
    try:
        return unsealed(made, identity)
    except NoPasswordsError as error:
        raise CliError(str(error), ExitCode.CONFLICT, WITHOUT) from error
    except ArchiveError as error:
        raise CliError(str(error)) from error


def _text(identity: Path) -> str:
    try:
        return identity.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"'{identity}' cannot be read: {getattr(error, 'strerror', None) or error}", ExitCode.USAGE) from error
