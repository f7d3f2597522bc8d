"""The pages as browsers get them, and the log as collectors read it."""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.server.console import Console
from tests.server.kubernetes import Kubernetes

SCRIPT = b"console.log('moorage');" * 200
SENT = {None: SCRIPT, "gzip": gzip.compress(SCRIPT), "br": b"as brotli made it"}
FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def paged(kubernetes: Kubernetes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console with pages as a build leaves them."""
    folder: Path = tmp_path_factory.mktemp("paged")
    assets = folder / "web/assets"
    assets.mkdir(parents=True)
    (folder / "web/index.html").write_text('<base href="%BASE%"><meta name="csp-nonce" content="%NONCE%">')
    (assets / "a.js").write_bytes(SCRIPT)
    (assets / "a.js.gz").write_bytes(SENT["gzip"])
    (assets / "a.js.br").write_bytes(SENT["br"])
    (assets / "small.js").write_bytes(b"1")
    server = Console(kubernetes, folder, {"MOORAGE_WEB": str(folder / "web")})
    try:
        server.start(sys.executable)
        yield server
    finally:
        server.stop()


def raw(console: Console, path: str, accepted: str) -> tuple[httpx2.Headers, bytes]:
    with httpx2.stream("GET", f"{console.url}{path}", headers={"Accept-Encoding": accepted}) as answer:
        assert answer.status_code == 200
        return answer.headers, b"".join(answer.iter_raw())


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_a_file_comes_as_small_as_the_browser_takes_it(paged: Console, accepted: str, encoding: str | None) -> None:
    headers, body = raw(paged, "/assets/a.js", accepted)
    assert (headers.get("content-encoding"), body) == (encoding, SENT[encoding])
    assert headers["content-type"].partition(";")[0] in ("text/javascript", "application/javascript")
    assert (headers["vary"], headers["cache-control"]) == ("Accept-Encoding", FOR_EVER)


def test_what_is_too_small_to_shrink_comes_as_it_is(paged: Console) -> None:
    headers, body = raw(paged, "/assets/small.js", "gzip, br")
    assert ("content-encoding" in headers, body) == (False, b"1")


def test_a_page_says_that_it_may_not_be_kept_and_each_has_a_nonce_of_its_own(paged: Console) -> None:
    first, second = (raw(paged, path, "gzip, br") for path in ("/services/shop/orders", "/"))
    assert first[0]["cache-control"] == "no-cache"
    assert first[1] != second[1]


def test_every_line_of_the_log_is_json_also_those_of_the_libraries(kubernetes: Kubernetes, tmp_path: Path) -> None:
    server = Console(kubernetes, tmp_path)
    try:
        server.start(sys.executable)
    finally:
        server.stop()
    lines = [json.loads(line) for line in server.log().splitlines()]
    assert {"uvicorn.error"} <= {line.get("logger") for line in lines}
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
