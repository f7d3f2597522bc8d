"""`BackupStore`: a place outside the services where backups are kept."""

from typing import Any, Literal

from pydantic import Field

from moorage.api.conditions import Condition, Resource
from moorage.api.metadata import Metadata
from moorage.api.schema import API_VERSION

KIND = "BackupStore"
PLURAL = "backupstores"


class S3(Resource):
    """A bucket of an S3 service."""

    endpoint: str = Field(max_length=512, description="Such as https://s3.example.com or https://10.0.0.5:9000.")
    bucket: str = Field(min_length=3, max_length=63)
    prefix: str = Field(default="", max_length=256, description="Everything is kept below it, such as production/.")
    region: str = Field(default="us-east-1", max_length=64)
    credentials_secret: str = Field(
        max_length=253, description="Secret of this namespace with the keys accessKeyId and secretAccessKey."
    )
    ca_secret: str | None = Field(
        default=None, max_length=253, description="Secret with the key ca.crt, when the service has an authority of its own."
    )
    path_style: bool = Field(default=True, description="False: the bucket is a part of the host name, as Amazon wants it.")


class FileSystem(Resource):
    """A shared file system."""

    claim: str = Field(
        max_length=253, description="PersistentVolumeClaim of this namespace with the access mode ReadWriteMany (CephFS, NFS)."
    )
    path: str = Field(default="", max_length=256, description="Folder in it; the root when absent.")


class Encryption(Resource):
    """By age (age-encryption.org). Backups are then of use only to who has the identity."""

    recipient: str = Field(max_length=128, description="Public key, such as age1….")
    identity_secret: str = Field(
        max_length=253, description="Secret with the key `identity` (AGE-SECRET-KEY-1…): read by restores and rehearsals only."
    )


class BackupStoreSpec(Resource):
    """Exactly one of `s3` and `fileSystem`."""

    s3: S3 | None = None
    file_system: FileSystem | None = None
    encryption: Encryption | None = None
    default: bool = Field(default=False, description="True: services of this namespace that name no store use this one.")


class KnownService(Resource):
    """A service that the store holds backups of."""

    engine: str
    namespace: str
    name: str
    backups: int = 0
    newest: str | None = None
    """Name of the newest good backup."""
    newest_time: str | None = None
    verified: str | None = None
    """Name of the newest that a rehearsal restored and found whole."""
    verified_time: str | None = None


class BackupStoreStatus(Resource):
    """What the last check found."""

    phase: Literal["Checking", "Ready", "NotReady"] = "Checking"
    message: str = Field(default="", max_length=1024)
    checked: str | None = None
    """When it was last found to be as `phase` says; written at most once in ten minutes, and when a person asked."""
    answered: str | None = Field(default=None, max_length=64)
    """What stood in the annotation moorage.dev/check when the last check began: a request for another one is not answered yet."""
    observed_generation: int | None = None
    services: list[KnownService] = Field(default=[], max_length=500)
    conditions: list[Condition] = Field(default=[])


class BackupStore(Resource):
    """One store."""

    api_version: str = API_VERSION
    kind: str = KIND
    metadata: Metadata
    spec: BackupStoreSpec
    status: BackupStoreStatus = BackupStoreStatus()


def parse_backupstore(obj: dict[str, Any]) -> BackupStore:
    """Raises pydantic.ValidationError when it is none."""
    return BackupStore.model_validate(obj)
