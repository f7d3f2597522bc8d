"""A bucket of an S3 service as a store."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from moorage.backup.errors import AlreadyExistsError, NotInStoreError, Reason, StoreError
from moorage.backup.s3_client import PATIENT, QUICK, Patience, Settings, client_of
from moorage.backup.s3_errors import TROUBLE, Doing, code_of, sentence_of, status_of
from moorage.backup.s3_parts import PARTS, PartPlan, md5
from moorage.backup.s3_writer import S3Writer
from moorage.backup.store import StoredObject, Unfinished

__all__ = ["PATIENT", "QUICK", "Patience", "S3Store", "Settings"]

CHUNK_BYTES = 1024 * 1024
RESUMES = 6
"""How often in a row a broken read is taken up again without a byte in between."""


class S3Store:
    """`ObjectStore` in a bucket."""

    def __init__(self, settings: Settings, plan: PartPlan = PARTS) -> None:
        self.settings, self.plan = settings, plan
        self.bucket = settings.bucket
        prefix = settings.prefix.strip("/")
        self.prefix = f"{prefix}/" if prefix else ""
        with self.said("use"):
            self.client = client_of(settings)

    @property
    def where(self) -> str:
        return f"bucket '{self.bucket}' at {self.settings.endpoint}"

    def writer(self, key: str) -> "S3Writer":
        return S3Writer(self, key)

    def put(self, key: str, body: bytes) -> None:
        with self.said("write", key):
            self.client.put_object(**self.names(key), Body=body, ContentMD5=md5(body))

    def put_new(self, key: str, body: bytes) -> bool:
        # Some services take the condition and forget it, so it is looked for first in any case.
        if self.size_or_none(key) is not None:
            return self._own_or_raise(key, body)
        try:
            self.client.put_object(**self.names(key), Body=body, ContentMD5=md5(body), IfNoneMatch="*")
        except TROUBLE as error:
            if status_of(error) == 412 or (status_of(error) == 409 and self.size_or_none(key) is not None):
                return self._own_or_raise(key, body)
            if status_of(error) == 501 or code_of(error) == "NotImplemented":
                self.put(key, body)
                return False
            raise self.said_of(error, "write", key) from error
        return True

    def _own_or_raise(self, key: str, body: bytes) -> bool:
        """The answer to our own write can get lost; the client's second try then finds the object there."""
        if self.size_bytes(key) == len(body) and self.read(key) == body:
            return True
        raise AlreadyExistsError(key)

    def size_or_none(self, key: str) -> int | None:
        try:
            return self.size_bytes(key)
        except NotInStoreError:
            return None

    def chunks(self, key: str, offset: int = 0) -> Iterator[bytes]:
        version: str | None = None
        failures = 0
        while (found := self._get(key, offset, version)) is not None:
            version = version or found["ETag"]
            try:
                with contextlib.closing(found["Body"]) as body:
                    while chunk := body.read(CHUNK_BYTES):
                        offset += len(chunk)
                        failures = 0
                        yield chunk
                return
            except TROUBLE as error:
                failures += 1
                if failures > RESUMES:
                    raise self.said_of(error, "read", key) from error
                time.sleep(min(2**failures / 10, 5))

    def _get(self, key: str, offset: int, version: str | None) -> dict[str, Any] | None:
        """None: there is nothing from this offset on."""
        conditions = {"Range": f"bytes={offset}-"} if offset else {}
        if version is not None:
            conditions["IfMatch"] = version
        try:
            found: dict[str, Any] = self.client.get_object(**self.names(key), **conditions)
        except TROUBLE as error:
            if status_of(error) == 416:
                return None
            if status_of(error) == 412:
                raise StoreError(f"'{key}' in {self.where} was replaced while it was read", Reason.CHANGED) from error
            raise self.said_of(error, "read", key) from error
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
        with self.said("read", key):
            return int(self.client.head_object(**self.names(key))["ContentLength"])

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        with self.said("list"):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix + prefix)
            for page in pages:
                for found in page.get("Contents", []):
                    yield StoredObject(
                        found["Key"].removeprefix(self.prefix), found["Size"], found["LastModified"].astimezone(UTC)
                    )

    def delete(self, key: str) -> None:
        with self.said("delete", key):
            self.client.delete_object(**self.names(key))

    def list_unfinished(self, prefix: str = "") -> Iterator[Unfinished]:
        with self.said("list"):
            pages = self.client.get_paginator("list_multipart_uploads").paginate(Bucket=self.bucket, Prefix=self.prefix + prefix)
            for page in pages:
                for found in page.get("Uploads", []):
                    upload = Unfinished(
                        found["Key"].removeprefix(self.prefix), found["UploadId"], found["Initiated"].astimezone(UTC)
                    )
                    yield replace(upload, last_write=max([upload.last_write, *self._times_of_parts(upload)]))

    def _times_of_parts(self, upload: Unfinished) -> tuple[datetime, ...]:
        pages = self.client.get_paginator("list_parts").paginate(**self.names(upload.key), UploadId=upload.upload_id)
        try:
            return tuple(part["LastModified"].astimezone(UTC) for page in pages for part in page.get("Parts", []))
        except ClientError as error:
            if code_of(error) == "NoSuchUpload":  # completed or aborted since
                return ()
            raise

    def abort_unfinished(self, upload: Unfinished) -> None:
        try:
            self.client.abort_multipart_upload(**self.names(upload.key), UploadId=upload.upload_id)
        except TROUBLE as error:
            if code_of(error) != "NoSuchUpload":
                raise self.said_of(error, "delete", upload.key) from error

    def close(self) -> None:
        self.client.close()

    def names(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.prefix + key}

    def said_of(self, error: Exception, doing: Doing, key: str | None = None) -> StoreError:
        if key is not None and doing == "read" and code_of(error) in {"404", "NoSuchKey"}:
            return NotInStoreError(key)
        return sentence_of(error, self.settings.endpoint, self.bucket, doing)

    @contextlib.contextmanager
    def said(self, doing: Doing, key: str | None = None) -> Iterator[None]:
        try:
            yield
        except TROUBLE as error:
            raise self.said_of(error, doing, key) from error
