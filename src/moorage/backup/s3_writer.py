"""Writing an object of any size into a bucket in constant memory."""

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol, Self

from botocore.exceptions import ClientError

from moorage.backup.errors import Reason, StoreError
from moorage.backup.s3_errors import TROUBLE, Doing, code_of
from moorage.backup.s3_parts import MOST_AT_ONCE_BYTES, Part, PartPlan
from moorage.backup.store import Unfinished

PATIENCE_OF_ABORT_SECONDS = 10
NEVER = datetime.min.replace(tzinfo=UTC)


class Bucket(Protocol):
    """What the writer needs of its store."""

    client: Any
    plan: PartPlan

    def names(self, key: str) -> dict[str, str]: ...

    def said(self, doing: Doing, key: str | None = None) -> contextlib.AbstractContextManager[None]: ...

    def said_of(self, error: Exception, doing: Doing, key: str | None = None) -> StoreError: ...

    def size_or_none(self, key: str) -> int | None: ...

    def abort_unfinished(self, upload: Unfinished) -> None: ...


class S3Writer:
    """`ObjectWriter` by a multipart upload; what fits into one part is put as it is."""

    def __init__(self, store: Bucket, key: str) -> None:
        self.store, self.key = store, key
        self.size_bytes = 0
        self.upload_id: str | None = None
        self.part = self._new_part(1)
        self.parts: list[dict[str, Any]] = []
        self.running: list[Future[dict[str, Any]]] = []
        self.pool = ThreadPoolExecutor(store.plan.most_in_flight, thread_name_prefix="upload")
        self.is_done = False
        self.insists_on_md5 = False

    def write(self, data: bytes) -> int:
        for start in range(0, len(data), MOST_AT_ONCE_BYTES):
            self._take(data if len(data) <= MOST_AT_ONCE_BYTES else data[start : start + MOST_AT_ONCE_BYTES])
        return len(data)

    def _take(self, data: bytes) -> None:
        try:
            self.part.add(data)
        except OSError as error:
            raise StoreError(f"the worker's temporary folder cannot hold a part of '{self.key}': {error}", Reason.FULL) from error
        self.size_bytes += len(data)
        if self.part.size_bytes >= self.store.plan.part_bytes(self._number()):
            self._send()

    def commit(self) -> int:
        if self.upload_id is None:
            with self.store.said("write", self.key):
                self._sent(self.store.client.put_object, self.part)
        else:
            if self.part.size_bytes:
                self._send()
            self._collect(0)
            self._complete()
        self.is_done = True
        self.pool.shutdown()
        self.part.close()
        return self.size_bytes

    def abort(self) -> None:
        if self.is_done:
            return
        self.is_done = True
        for each in self.running:
            each.cancel()
        wait(self.running, PATIENCE_OF_ABORT_SECONDS)  # a part that arrives after the abort would stay
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.part.close()
        if self.upload_id is not None:
            with contextlib.suppress(StoreError):
                self.store.abort_unfinished(Unfinished(self.key, self.upload_id, NEVER))

    def _new_part(self, number: int) -> Part:
        return Part(is_large=self.store.plan.is_large(number))

    def _number(self) -> int:
        """Of the part that is being filled."""
        return len(self.parts) + len(self.running) + 1

    def _send(self) -> None:
        plan, number = self.store.plan, self._number()
        if number > plan.most_parts:
            message = f"'{self.key}' is larger than S3 can take: more than {self.size_bytes} bytes in {plan.most_parts} parts"
            raise StoreError(message, Reason.FULL, can_be_repeated=False)
        if self.upload_id is None:
            with self.store.said("write", self.key):
                self.upload_id = self.store.client.create_multipart_upload(**self.store.names(self.key))["UploadId"]
        self._collect(plan.in_flight(number) - 1)
        self.running.append(self.pool.submit(self._upload, number, self.part))
        self.part = self._new_part(number + 1)

    def _upload(self, number: int, part: Part) -> dict[str, Any]:
        with self.store.said("write", self.key), contextlib.closing(part):
            answer = self._sent(self.store.client.upload_part, part, UploadId=self.upload_id, PartNumber=number)
            return {"PartNumber": number, "ETag": answer["ETag"]}

    def _sent(self, call: Any, part: Part, **more: Any) -> Any:
        """The service compares what comes with the SHA-256 that is signed. MD5 costs more and is for those that insist on it."""
        md5 = {"ContentMD5": part.md5()} if self.insists_on_md5 else {}
        try:
            return call(**self.store.names(self.key), **more, **md5, Body=part.ready())
        except ClientError as error:
            if md5 or "Content-MD5" not in str(error):
                raise
            self.insists_on_md5 = True  # a bucket with object lock does
            return self._sent(call, part, **more)

    def _collect(self, allowed: int) -> None:
        """Waits until no more than so many are on their way; raises what one of them met."""
        while len(self.running) > allowed or (self.running and self.running[0].done()):
            self.parts.append(self.running.pop(0).result())

    def _complete(self) -> None:
        names, parts = self.store.names(self.key), {"Parts": self.parts}
        try:
            self.store.client.complete_multipart_upload(**names, UploadId=self.upload_id, MultipartUpload=parts)
        except TROUBLE as error:
            # The answer to a first try can get lost; the second one finds the upload gone and the object there.
            if code_of(error) != "NoSuchUpload" or self.store.size_or_none(self.key) != self.size_bytes:
                raise self.store.said_of(error, "write", self.key) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.abort()
