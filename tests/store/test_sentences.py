"""Each way in which a bucket cannot be used is said in a sentence that tells what to fix."""

import datetime
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import botocore.auth
import pytest
from botocore.exceptions import SSLError

from devcluster.full import fill_folder
from moorage.backup.errors import Reason, StoreError
from moorage.backup.filesystem import FileSystemStore
from moorage.backup.s3 import Patience, S3Store
from moorage.backup.s3_errors import sentence_of
from moorage.worker.probe import why_not_written
from tests.store.conftest import Certificate
from tests.store.gateway import BUCKET, Gateway

CALLS: dict[str, Callable[[S3Store | FileSystemStore], object]] = {
    "write": lambda store: store.put("a", b"x"),
    "write new": lambda store: store.put_new("a/new", b"x"),
    "stream": lambda store: store.writer("a").commit(),
    "list": lambda store: list(store.list()),
    "read": lambda store: store.read("a"),
    "delete": lambda store: store.delete("a"),
    "list unfinished": lambda store: list(store.list_unfinished()),
}


def told(store: S3Store | FileSystemStore, call: str = "write") -> StoreError:
    with pytest.raises(StoreError) as found:
        CALLS[call](store)
    return found.value


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_key(gateway: Gateway, call: str) -> None:
    error = told(gateway.store(key="nobody"), call)
    assert str(error) == f"{gateway.endpoint} knows no such access key: correct accessKeyId in the credentials Secret"
    assert (error.reason, error.can_be_repeated) == (Reason.WRONG_KEY, False)


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_secret(gateway: Gateway, call: str) -> None:
    error = told(gateway.store(secret="wrong"), call)
    if call == "write new":  # it begins by HEAD, and an answer to HEAD has no words
        assert error.reason in {Reason.WRONG_SECRET, Reason.ACCESS_DENIED}
        return
    assert "knows the access key, but the secret is wrong: correct secretAccessKey in the credentials Secret" in str(error)
    assert (error.reason, error.can_be_repeated) == (Reason.WRONG_SECRET, False)
    assert "wrong:" in str(error)


@pytest.mark.parametrize("call", CALLS)
def test_no_bucket(gateway: Gateway, call: str) -> None:
    error = told(gateway.store(bucket="nowhere"), call)
    assert str(error) == f"{gateway.endpoint} has no bucket 'nowhere': create it, or correct the store's s3.bucket"
    assert (error.reason, error.can_be_repeated) == (Reason.NO_BUCKET, False)


def test_a_key_that_may_only_read(tmp_path: Path) -> None:
    server = Gateway(tmp_path, options=("--readonly",))
    server.start()
    try:
        error = told(server.store())
        assert str(error) == f"the access key may not write in bucket '{BUCKET}' at {server.endpoint}: allow it s3:PutObject"
        assert (error.reason, error.can_be_repeated) == (Reason.ACCESS_DENIED, False)
        assert list(server.store().list()) == []
    finally:
        server.stop()


@pytest.mark.parametrize(("minutes", "way"), [(20, "ahead of"), (-20, "behind")])
def test_a_clock_that_is_wrong(gateway: Gateway, monkeypatch: pytest.MonkeyPatch, minutes: int, way: str) -> None:
    real = botocore.auth.get_current_datetime
    shift = datetime.timedelta(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda **options: real(**options) + shift)
    monkeypatch.setattr("moorage.backup.s3_errors.now", lambda: datetime.datetime.now(datetime.UTC) + shift)
    error = told(gateway.store())
    seconds = int(str(error).split(" s ")[0].rsplit(" ", 1)[1])
    assert 1195 <= seconds <= 1205
    assert f" s {way} that of {gateway.endpoint}, more than it allows: set both by NTP" in str(error)
    assert (error.reason, error.can_be_repeated) == (Reason.CLOCK_SKEW, True)


def test_a_certificate_that_is_not_trusted(tls_gateway: Gateway) -> None:
    error = told(tls_gateway.store())
    assert str(error) == (
        f"the certificate of {tls_gateway.endpoint} is from an authority that is not trusted: name its ca.crt in s3.caSecret"
    )
    assert (error.reason, error.can_be_repeated) == (Reason.CERTIFICATE, False)


def test_a_certificate_for_another_name(tls_gateway: Gateway, certificate: Certificate) -> None:
    endpoint = f"https://localhost:{tls_gateway.port}"
    error = told(tls_gateway.store(endpoint=endpoint, ca_file=str(certificate.authority)))
    assert str(error) == f"the certificate of {endpoint} is for another name: use the name that it stands for in s3.endpoint"


def test_https_where_there_is_http(gateway: Gateway) -> None:
    error = told(gateway.store(endpoint=f"https://127.0.0.1:{gateway.port}"))
    assert "speaks no TLS: should the store's s3.endpoint begin with http://" in str(error)


def test_http_where_there_is_https(tls_gateway: Gateway) -> None:
    error = told(tls_gateway.store(endpoint=f"http://127.0.0.1:{tls_gateway.port}"))
    assert "s3.endpoint begin with https://" in str(error)


def test_a_ca_crt_that_is_none(tls_gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_text("hello")
    error = told(tls_gateway.store(ca_file=str(tmp_path / "ca.crt")))
    assert "ca.crt" in str(error)
    assert error.reason is Reason.SETTINGS


def test_no_such_host(gateway: Gateway) -> None:
    error = told(gateway.store(endpoint="http://store.invalid:9000"))
    assert str(error) == "there is no host 'store.invalid': correct the store's s3.endpoint"
    assert (error.reason, error.can_be_repeated) == (Reason.HOST_NOT_FOUND, True)


def test_nothing_listens(gateway: Gateway) -> None:
    error = told(gateway.store(endpoint="http://127.0.0.1:1"))
    assert str(error) == "nothing listens at http://127.0.0.1:1 (connection refused): is it up, is the port right?"
    assert (error.reason, error.can_be_repeated) == (Reason.REFUSED, True)


@pytest.mark.parametrize("endpoint", ["store.example.com", "", "http://"])
def test_an_endpoint_that_is_none(gateway: Gateway, endpoint: str) -> None:
    with pytest.raises(StoreError, match=r"the store's s3 settings cannot be used|no host") as found:
        gateway.store(endpoint=endpoint or " ").put("a", b"x")
    assert found.value.reason in {Reason.SETTINGS, Reason.HOST_NOT_FOUND}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Gateway]:
    found = Gateway(tmp_path)
    found.start()
    yield found
    found.stop()


def test_a_server_that_hangs(server: Gateway) -> None:
    store = server.store(patience=Patience(connect_seconds=1, read_seconds=1, attempts=1))
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    error = told(store)
    server.process.send_signal(signal.SIGCONT)
    assert str(error) == f"{server.endpoint} does not answer in time: look at the way to it (network policy, firewall)"
    assert (error.reason, error.can_be_repeated) == (Reason.TIME_OUT, True)


def test_a_server_that_dies_half_way_and_what_it_leaves(server: Gateway) -> None:
    store = server.store()
    writer = store.writer("a/archive.zst")

    def stream() -> None:
        with writer:
            for number in range(40):
                writer.write(bytes(1024 * 1024))
                if number == 20:
                    server.stop()
            writer.commit()

    with pytest.raises(StoreError, match="nothing listens at") as found:
        stream()
    assert found.value.can_be_repeated
    server.start()
    assert list(store.list()) == []
    assert [each.key for each in store.list_unfinished()] == ["a/archive.zst"]  # swept later: nobody could abort it


def test_a_server_that_comes_back_soon_is_waited_for(server: Gateway) -> None:
    store = server.store(patience=Patience(connect_seconds=2, read_seconds=10, attempts=8))
    with store.writer("a/archive.zst") as writer:
        for number in range(40):
            writer.write(bytes(1024 * 1024))
            if number == 20:
                server.stop()
                server.start()
        assert writer.commit() == 40 * 1024 * 1024
    assert sum(map(len, store.chunks("a/archive.zst"))) == 40 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """An ext4 of 64 MiB."""
    image, folder = tmp_path / "image", tmp_path / "disk"
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(64 * 1024 * 1024)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True)
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(store: S3Store | FileSystemStore) -> None:
    with store.writer("a/archive.zst") as writer:
        for _ in range(100):
            writer.write(bytes(1024 * 1024))
        writer.commit()


def test_a_bucket_that_is_full(small_disk: Path) -> None:
    server = Gateway(small_disk)
    server.start()
    try:
        store = server.store()
        with pytest.raises(StoreError) as found:
            fill(store)
        assert f"bucket '{BUCKET}' at {server.endpoint} is full: make room or raise its quota" in str(found.value)
        assert (found.value.reason, found.value.can_be_repeated) == (Reason.FULL, True)
        assert not [*store.list(), *store.list_unfinished()]
    finally:
        server.stop()


def test_a_bucket_that_was_full_before_a_large_upload_began(small_disk: Path) -> None:
    server = Gateway(small_disk)
    server.start()
    try:
        fill_folder(small_disk)
        store = server.store()
        with pytest.raises(StoreError) as found:
            fill(store)
        said = why_not_written(found.value, "0123456789ab-1", lambda: store)
        assert f"bucket '{BUCKET}' at {server.endpoint} is full: make room or raise its quota" in str(said)
        assert not [*store.list(), *store.list_unfinished()]
    finally:
        server.stop()


def test_a_service_that_hangs_up_has_no_trouble_with_its_certificate() -> None:
    error = SSLError(endpoint_url="https://s3:9000", error="EOF occurred in violation of protocol (_ssl.c:2427)")
    said = sentence_of(error, "https://s3:9000", BUCKET, "write")
    assert (str(said), said.reason) == ("the connection to https://s3:9000 broke: it hung up", Reason.UNAVAILABLE)


def test_a_folder_that_is_full(small_disk: Path) -> None:
    store = FileSystemStore(small_disk, "production", "pool")
    store.put("a/old", b"x")
    with pytest.raises(StoreError) as found:
        fill(store)
    assert str(found.value) == "folder 'production' of claim 'pool' is full: make room or let it grow"
    assert (found.value.reason, found.value.can_be_repeated) == (Reason.FULL, True)
    assert [each.key for each in store.list()] == ["a/old"]
    assert list(store.list_unfinished()) == []


def test_a_folder_that_is_read_only(small_disk: Path) -> None:
    store = FileSystemStore(small_disk, "production", "pool")
    store.put("a/old", b"x")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for call in ("write", "write new", "stream"):
        error = told(store, call)
        assert str(error) == "folder 'production' of claim 'pool' is mounted read-only: mount it so that it can be written"
        assert (error.reason, error.can_be_repeated) == (Reason.READ_ONLY, False)
    assert store.read("a/old") == b"x"
