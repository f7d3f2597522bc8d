"""A real S3 server as a store."""

import hashlib
import io
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from moorage.backup.errors import AlreadyExistsError, NotInStoreError, Reason, StoreError
from moorage.backup.s3 import S3Store
from moorage.backup.s3_parts import PartPlan
from moorage.backup.sweep import OLD, sweep
from tests.store.conftest import Certificate
from tests.store.gateway import Gateway
from tests.store.proxy import Proxy

MIB = 1024 * 1024
SMALL = PartPlan(small_bytes=5 * MIB)  # the least that S3 takes


def written(store: S3Store, key: str, mib: int) -> str:
    """Random bytes; their SHA-256."""
    digest = hashlib.sha256()
    with store.writer(key) as writer:
        for _ in range(mib):
            piece = os.urandom(MIB)
            digest.update(piece)
            writer.write(piece)
        assert writer.commit() == mib * MIB
    return digest.hexdigest()


def read(store: S3Store, key: str) -> str:
    digest = hashlib.sha256()
    for chunk in store.chunks(key):
        digest.update(chunk)
    return digest.hexdigest()


@pytest.mark.parametrize("mib", [0, 1, 8, 9, 40])
def test_an_object_of_any_size_comes_back_as_it_was(store: S3Store, mib: int) -> None:
    digest = written(store, "a/archive.zst", mib)
    assert read(store, "a/archive.zst") == digest
    assert store.size_bytes("a/archive.zst") == mib * MIB
    assert list(store.list_unfinished()) == []


def test_reading_begins_where_it_is_asked_to(store: S3Store) -> None:
    store.put("a", b"0123456789")
    assert b"".join(store.chunks("a", 4)) == b"456789"
    assert b"".join(store.chunks("a", 10)) == b""


def test_beyond_the_small_parts_come_large_ones_from_a_file(gateway: Gateway) -> None:
    plan = PartPlan(small_bytes=5 * MIB, small_parts=2, large_bytes=12 * MIB)
    store = gateway.store(prefix="large", plan=plan)
    digest = written(store, "archive.zst", 39)
    assert read(store, "archive.zst") == digest
    etag = store.client.head_object(**store.names("archive.zst"))["ETag"]
    assert etag.strip('"').endswith("-5"), "5 + 5 + 12 + 12 + 5 MiB"


def test_an_object_of_too_many_parts_is_refused_and_nothing_is_left(gateway: Gateway) -> None:
    store = gateway.store(prefix="too-many", plan=PartPlan(small_bytes=5 * MIB, small_parts=2, most_parts=2))
    with pytest.raises(StoreError, match="is larger than S3 can take"):
        written(store, "archive.zst", 16)
    assert not [*store.list(), *store.list_unfinished()]


def test_a_listing_has_as_many_pages_as_it_needs(store: S3Store) -> None:
    for number in range(1005):
        store.put(f"a/{number:04d}", b"x")
    found = list(store.list("a/"))
    assert [each.key for each in found] == [f"a/{number:04d}" for number in range(1005)]
    assert all(each.modified.tzinfo is UTC and each.size_bytes == 1 for each in found)


def test_what_is_not_there_is_said_and_deleting_it_is_fine(store: S3Store) -> None:
    for call in (lambda: store.read("a"), lambda: store.size_bytes("a")):
        with pytest.raises(NotInStoreError, match="the store holds no 'a'"):
            call()
    store.delete("a")


def test_an_upload_that_fails_leaves_nothing(store: S3Store) -> None:
    with store.writer("a/archive.zst") as writer:
        for _ in range(30):
            writer.write(os.urandom(MIB))
        assert [each.key for each in store.list_unfinished()] == ["a/archive.zst"]
    assert not [*store.list(), *store.list_unfinished()]


def test_parts_that_were_changed_on_the_way_are_refused(gateway: Gateway) -> None:
    store = gateway.store(prefix="changed")

    def change(request: Any, **_: object) -> None:
        """Just before it is sent: it is signed already."""
        request.body.read(1)[0] ^= 1
        request.body.seek(0)

    store.client.meta.events.register("before-send.s3.UploadPart", change)
    with pytest.raises(StoreError, match="XAmzContentSHA256Mismatch"):
        written(store, "archive.zst", 9)
    assert not [*store.list(), *store.list_unfinished()]


@pytest.mark.parametrize("mib", [1, 20])
def test_a_bucket_that_insists_on_md5_is_given_it(gateway: Gateway, mib: int) -> None:
    """One with object lock refuses every body that comes without, and is Amazon's to try: its answer stands in its documents."""
    store = gateway.store(prefix=f"insists-{mib}")

    def insist(request: Any, **_: object) -> AWSResponse | None:
        if "Content-MD5" in request.headers:
            return None
        refused.append(request.url)
        told = "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"
        body = f"<Error><Code>InvalidRequest</Code><Message>{told}</Message></Error>".encode()
        answer = AWSResponse(request.url, 400, {}, io.BytesIO(body))
        answer._content = body
        return answer

    refused: list[str] = []
    for call in ("PutObject", "UploadPart"):
        store.client.meta.events.register(f"before-send.s3.{call}", insist)
    digest = written(store, "archive.zst", mib)
    assert read(store, "archive.zst") == digest
    assert 1 <= len(refused) <= PartPlan().most_in_flight, "only what was on its way when it was found out"


def test_of_two_that_write_a_manifest_at_once_one_wins(store: S3Store, gateway: Gateway) -> None:
    start = threading.Barrier(6)
    won: list[int] = []
    refused: list[int] = []

    def race(number: int) -> None:
        mine = gateway.store(prefix=store.settings.prefix)
        start.wait()
        try:
            assert mine.put_new("manifest.json", f"{number}".encode())
            won.append(number)
        except AlreadyExistsError:
            refused.append(number)

    threads = [threading.Thread(target=race, args=(number,)) for number in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert (len(won), len(refused)) == (1, 5)
    assert store.read("manifest.json") == f"{won[0]}".encode()


def test_an_existing_object_is_never_overwritten_by_a_new_one(store: S3Store) -> None:
    assert store.put_new("manifest.json", b"one")
    with pytest.raises(AlreadyExistsError, match=r"'manifest.json' exists in the store already; nothing was overwritten"):
        store.put_new("manifest.json", b"two")
    assert store.read("manifest.json") == b"one"


def test_a_service_without_conditional_puts_still_takes_a_manifest_and_this_is_said(store: S3Store) -> None:
    def refuse(request: Any, **_: object) -> AWSResponse | None:
        if "If-None-Match" not in request.headers:
            return None
        body = b"<Error><Code>NotImplemented</Code><Message>A header you provided is not known.</Message></Error>"
        answer = AWSResponse(request.url, 501, {}, None)
        answer._content = body
        return answer

    store.client.meta.events.register("before-send.s3.PutObject", refuse)
    assert store.put_new("manifest.json", b"one") is False
    with pytest.raises(AlreadyExistsError):
        store.put_new("manifest.json", b"two")
    assert store.read("manifest.json") == b"one"


def test_a_read_goes_on_where_the_connection_broke(gateway: Gateway) -> None:
    digest = written(gateway.store(prefix="cut"), "archive.zst", 30)
    with Proxy(gateway.port, cut_after=[3 * MIB, 3 * MIB + 1, 11 * MIB, 29 * MIB]) as proxy:
        store = gateway.store(endpoint=f"http://127.0.0.1:{proxy.port}", prefix="cut")
        assert read(store, "archive.zst") == digest
        assert proxy.cuts == 4


def test_a_read_that_goes_on_never_mixes_two_objects(gateway: Gateway) -> None:
    direct = gateway.store(prefix="mixed")
    written(direct, "archive.zst", 30)
    with Proxy(gateway.port, cut_after=[8 * MIB]) as proxy:
        chunks = gateway.store(endpoint=f"http://127.0.0.1:{proxy.port}", prefix="mixed").chunks("archive.zst")
        next(chunks)
        written(direct, "archive.zst", 30)
        with pytest.raises(StoreError, match="was replaced while it was read") as told:
            list(chunks)
    assert told.value.reason is Reason.CHANGED


def test_a_commit_whose_answer_was_lost_is_a_commit(gateway: Gateway) -> None:
    store = gateway.store(prefix="lost")
    real = store.client.complete_multipart_upload

    def twice(**names: Any) -> Any:
        real(**names)
        return real(**names)

    store.client.complete_multipart_upload = twice
    digest = written(store, "archive.zst", 9)
    assert read(store, "archive.zst") == digest


def test_only_what_is_given_counts_and_not_the_environment(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[default]\nregion = mars-1\ns3 =\n  addressing_style = virtual\n[broken")
    nonsense = {
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "else",
        "AWS_SESSION_TOKEN": "token",
        "AWS_PROFILE": "nobody",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "config"),
        "AWS_DEFAULT_REGION": "mars-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "HTTPS_PROXY": "http://127.0.0.1:1",
        "http_proxy": "http://127.0.0.1:1",
    }
    for name, value in nonsense.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    store = gateway.store(prefix="environment")
    store.put("a", b"x")
    assert store.read("a") == b"x"


def test_a_service_with_an_authority_of_its_own_is_trusted_by_its_ca_crt(tls_gateway: Gateway, certificate: Certificate) -> None:
    store = tls_gateway.store(ca_file=str(certificate.authority))
    digest = written(store, "archive.zst", 20)
    assert read(store, "archive.zst") == digest


def test_what_a_killed_worker_left_is_swept_a_day_later(gateway: Gateway) -> None:
    store = gateway.store(prefix="swept", plan=SMALL)
    folder = "mongodb/shop/orders/one"
    writer = store.writer(f"{folder}/archive.zst")
    for _ in range(11):
        writer.write(os.urandom(MIB))
    writer._collect(0)  # killed here: nothing is aborted
    store.put(f"{folder}/archive.zst", b"without a manifest")
    now = datetime.now(UTC)
    assert sweep(store, store.list(), now + OLD / 2) == []
    later = now + OLD + timedelta(minutes=1)
    assert sweep(store, store.list(), later) == [f"{folder}/archive.zst", f"{folder}/archive.zst (unfinished)"]
    assert not [*store.list(), *store.list_unfinished()]
