"""A bucket of an S3 service as a store. Only what is given here counts: no environment, no files of the AWS tools, no metadata
service, no proxy."""

import base64
import contextlib
import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import boto3
import botocore.session
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from moorage.backup.errors import AlreadyExistsError, NotInStoreError, Reason, StoreError
from moorage.backup.s3_errors import Doing, code_of, said_of, status_of
from moorage.backup.store import StoredObject, Unfinished

CHUNK_BYTES = 1024 * 1024
PART_BYTES = 8 * 1024 * 1024
IN_FLIGHT = 3
RESUMES = 6
"""How often in a row a broken read is taken up again without a byte in between."""
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Patience:
    """How long the client waits, and how often it tries."""

    connect_seconds: float
    read_seconds: float
    attempts: int


PATIENT = Patience(connect_seconds=10, read_seconds=60, attempts=6)
QUICK = Patience(connect_seconds=4, read_seconds=8, attempts=2)


@dataclass(frozen=True)
class Settings:
    """All that an S3 client needs."""

    endpoint: str
    bucket: str
    access_key_id: str
    secret_access_key: str
    prefix: str = ""
    region: str = "us-east-1"
    path_style: bool = True
    ca_file: str | None = None
    """None: the authorities that everybody trusts."""
    patience: Patience = PATIENT

    def __repr__(self) -> str:
        return f"Settings({self.endpoint}, {self.bucket})"  # never the secret


def client_of(settings: Settings) -> Any:
    """A boto3 client that knows only what is in the settings."""
    core = botocore.session.Session()
    nothing = {name: ConstantProvider(default) for name, (_, _, default, _) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    nothing |= {"config_file": ConstantProvider("/nowhere/config"), "credentials_file": ConstantProvider("/nowhere/credentials")}
    core.register_component("config_store", ConfigValueStore(mapping=nothing))
    config = Config(
        signature_version="s3v4",
        connect_timeout=settings.patience.connect_seconds,
        read_timeout=settings.patience.read_seconds,
        retries={"mode": "standard", "total_max_attempts": settings.patience.attempts},
        max_pool_connections=IN_FLIGHT + 2,
        proxies={},
        s3={"addressing_style": "path" if settings.path_style else "virtual"},
        # what boto3 adds by default since 1.36 (aws-chunked bodies with trailing checksums) is unknown to many services
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.Session(botocore_session=core).client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region,
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key,
        verify=settings.ca_file or True,
        config=config,
    )


class S3Store:
    """`ObjectStore` in a bucket."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.bucket = settings.bucket
        prefix = settings.prefix.strip("/")
        self.prefix = f"{prefix}/" if prefix else ""
        with self._said("use"):
            self.client = client_of(settings)

    @property
    def where(self) -> str:
        return f"bucket '{self.bucket}' at {self.settings.endpoint}"

    def writer(self, key: str) -> "S3Writer":
        return S3Writer(self, key)

    def put(self, key: str, body: bytes) -> None:
        with self._said("write", key):
            self.client.put_object(**self._names(key), Body=body, ContentMD5=md5(body))

    def put_new(self, key: str, body: bytes) -> bool:
        # Some services take the condition and forget it, so it is looked for first in any case.
        if self._size_or_none(key) is not None:
            return self._own_or_raise(key, body)
        try:
            self.client.put_object(**self._names(key), Body=body, ContentMD5=md5(body), IfNoneMatch="*")
        except (ClientError, BotoCoreError, HTTPClientError) as error:
            if status_of(error) == 412:
                return self._own_or_raise(key, body)
            if status_of(error) == 501 or code_of(error) == "NotImplemented":
                self.put(key, body)
                return False
            raise self._said_of(error, "write", key) from error
        return True

    def _own_or_raise(self, key: str, body: bytes) -> bool:
        """The answer to our own write can get lost; the client's second try then finds the object there."""
        if self.size_bytes(key) == len(body) and self.read(key) == body:
            return True
        raise AlreadyExistsError(key)

    def _size_or_none(self, key: str) -> int | None:
        try:
            return self.size_bytes(key)
        except NotInStoreError:
            return None

    def chunks(self, key: str, offset: int = 0) -> Iterator[bytes]:
        version: str | None = None
        failures = 0
        while True:
            try:
                found = self._get(key, offset, version)
                if found is None:
                    return
                version = version or found["ETag"]
                with contextlib.closing(found["Body"]) as body:
                    while chunk := body.read(CHUNK_BYTES):
                        offset += len(chunk)
                        failures = 0
                        yield chunk
                return
            except (BotoCoreError, HTTPClientError, OSError) as error:
                failures += 1
                if failures >= RESUMES:
                    raise self._said_of(error, "read", key) from error
                time.sleep(min(2**failures / 10, 5))

    def _get(self, key: str, offset: int, version: str | None) -> dict[str, Any] | None:
        """None: there is nothing from this offset on."""
        conditions = {"Range": f"bytes={offset}-"} if offset else {}
        if version is not None:
            conditions["IfMatch"] = version
        try:
            found: dict[str, Any] = self.client.get_object(**self._names(key), **conditions)
        except ClientError as error:
            if status_of(error) == 416:
                return None
            if status_of(error) == 412:
                raise StoreError(f"'{key}' in {self.where} was replaced while it was read", Reason.CHANGED) from error
            raise self._said_of(error, "read", key) from error
        if offset and not str(found.get("ContentRange", "")).startswith(f"bytes {offset}-"):
            raise StoreError(f"{self.where} does not give a part of an object when asked for one")
        return found

    def read(self, key: str, limit_bytes: int = 16 * 1024 * 1024) -> bytes:
        found = bytearray()
        for chunk in self.chunks(key):
            found += chunk
            if len(found) > limit_bytes:
                message = f"'{key}' in {self.where} has more than {limit_bytes} bytes; it is not what its name says"
                raise StoreError(message, can_be_repeated=False)
        return bytes(found)

    def size_bytes(self, key: str) -> int:
        with self._said("read", key):
            return int(self.client.head_object(**self._names(key))["ContentLength"])

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        with self._said("list"):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + prefix)
            for page in pages:
                for found in page.get("Contents", []):
                    yield StoredObject(found["Key"].removeprefix(self.prefix), found["Size"], found["LastModified"])

    def delete(self, key: str) -> None:
        with self._said("delete", key):
            self.client.delete_object(**self._names(key))

    def list_unfinished(self, prefix: str = "") -> Iterator[Unfinished]:
        with self._said("list"):
            pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket, Prefix=self.prefix + prefix)
            for page in pages:
                for found in page.get("Uploads", []):
                    yield Unfinished(found["Key"].removeprefix(self.prefix), found["UploadId"], found["Initiated"])

    def abort_unfinished(self, upload: Unfinished) -> None:
        try:
            self.client.abort_multipart_upload(**self._names(upload.key), UploadId=upload.upload_id)
        except (ClientError, BotoCoreError, HTTPClientError) as error:
            if code_of(error) != "NoSuchUpload":
                raise self._said_of(error, "delete", upload.key) from error

    def close(self) -> None:
        self.client.close()

    def _names(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.prefix + key}

    def _said_of(self, error: Exception, doing: Doing, key: str | None = None) -> StoreError:
        if key is not None and doing == "read" and status_of(error) == 404 and code_of(error) != "NoSuchBucket":
            return NotInStoreError(key)
        return said_of(error, self.settings.endpoint, self.bucket, doing)

    @contextlib.contextmanager
    def _said(self, doing: Doing, key: str | None = None) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError, HTTPClientError, OSError, ValueError) as error:
            raise self._said_of(error, doing, key) from error


class S3Writer:
    """`ObjectWriter` by a multipart upload; what fits into one part is put as it is."""

    def __init__(self, store: S3Store, key: str) -> None:
        self.store, self.key = store, key
        self.size_bytes = 0
        self.upload_id: str | None = None
        self.pieces: list[bytes] = []
        self.waiting_bytes = 0
        self.parts: list[dict[str, Any]] = []
        self.running: list[Future[dict[str, Any]]] = []
        self.pool = ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="upload")
        self.is_done = False

    def write(self, data: bytes) -> int:
        self.pieces.append(bytes(data))
        self.waiting_bytes += len(data)
        self.size_bytes += len(data)
        if self.waiting_bytes >= PART_BYTES:
            self._send()
        return len(data)

    def commit(self) -> int:
        if self.upload_id is None:
            self.store.put(self.key, b"".join(self.pieces))
        else:
            if self.pieces:
                self._send()
            self._collect(0)
            self._complete()
        self.is_done = True
        self.pool.shutdown()
        return self.size_bytes

    def abort(self) -> None:
        if self.is_done:
            return
        self.is_done = True
        self.pool.shutdown(cancel_futures=True)  # a part that arrives after the abort would stay
        if self.upload_id is not None:
            with contextlib.suppress(StoreError):
                self.store.abort_unfinished(Unfinished(self.key, self.upload_id, _NEVER))

    def _send(self) -> None:
        names = self.store._names(self.key)  # noqa: SLF001 (of this module)
        with self.store._said("write", self.key):  # noqa: SLF001
            if self.upload_id is None:
                self.upload_id = self.store.client.create_multipart_upload(**names)["UploadId"]
        self._collect(IN_FLIGHT - 1)
        number = len(self.parts) + len(self.running) + 1
        body = b"".join(self.pieces)
        self.pieces.clear()
        self.waiting_bytes = 0
        self.running.append(self.pool.submit(self._upload, number, body))

    def _upload(self, number: int, body: bytes) -> dict[str, Any]:
        names = self.store._names(self.key)  # noqa: SLF001
        with self.store._said("write", self.key):  # noqa: SLF001
            answer = self.store.client.upload_part(
                **names, UploadId=self.upload_id, PartNumber=number, Body=body, ContentMD5=md5(body)
            )
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def _collect(self, allowed: int) -> None:
        """Waits until no more than so many are on their way; raises what one of them met."""
        while len(self.running) > allowed:
            self.parts.append(self.running.pop(0).result())

    def _complete(self) -> None:
        names = self.store._names(self.key)  # noqa: SLF001
        try:
            self.store.client.complete_multipart_upload(**names, UploadId=self.upload_id, MultipartUpload={"Parts": self.parts})
        except (ClientError, BotoCoreError, HTTPClientError) as error:
            # The answer to a first try can get lost; the second one finds the upload gone and the object there.
            if code_of(error) != "NoSuchUpload" or self.store._size_or_none(self.key) != self.size_bytes:  # noqa: SLF001
                raise self.store._said_of(error, "write", self.key) from error  # noqa: SLF001

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abort()


def md5(body: bytes) -> str:
    """By which the service finds what was changed on the way. No secret hangs on it."""
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
