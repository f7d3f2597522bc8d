"""mongod's certificate, and the order in which TLS is turned on."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moorage.certificates import draw_authority, draw_certificate
from moorage.engines.mongodb.tls import Tls


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """A certificate for this machine, as a member finds it."""
    now = datetime.now(UTC)
    authority = draw_authority("orders", "shop", now)
    folder = tmp_path / "tls"
    folder.mkdir()
    values = draw_certificate(authority, "orders", "shop", {"127.0.0.1"}, now)
    for name, text in {**values, "ca.crt": authority["ca.crt"]}.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def tls(mounted: Path, tmp_path: Path) -> Tls:
    (tmp_path / "db").mkdir()
    return Tls(mounted, tmp_path / "db", tmp_path / "tls.pem")


def mode(arguments: tuple[str, ...]) -> str:
    return arguments[arguments.index("--tlsMode") + 1]


def test_a_new_member_speaks_tls_from_its_first_start_on(tls: Tls) -> None:
    assert mode(tls.prepare(has_data=False)) == "preferTLS"
    assert mode(tls.prepare(has_data=True)) == "preferTLS"


def test_a_member_from_before_tls_first_only_accepts_it_and_speaks_it_once_all_others_accept_it(tls: Tls) -> None:
    assert mode(tls.prepare(has_data=True)) == "allowTLS"
    assert mode(tls.prepare(has_data=True)) == "allowTLS"
    tls.all_accept()
    assert tls.speaks
    assert mode(tls.prepare(has_data=True)) == "preferTLS"


def test_the_key_is_read_by_its_owner_alone_and_is_replaced_in_one_step(tls: Tls, mounted: Path, tmp_path: Path) -> None:
    tls.write()
    (mounted / "tls.key").write_text("another key")
    tls.write()
    assert (tmp_path / "tls.pem").stat().st_mode & 0o777 == 0o400
    assert (tmp_path / "tls.pem").read_text() == (mounted / "tls.crt").read_text() + "another key"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["db", "tls", "tls.pem"]


@asynccontextmanager
async def engine(certificate: Path | None) -> AsyncIterator[str]:
    """Listens as a peer's engine does; without a certificate it knows no TLS and hangs up."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_all_others_accept_tls_only_when_none_refuses_or_is_silent(tls: Tls, tmp_path: Path) -> None:
    tls.write()
    async with engine(tmp_path / "tls.pem") as one, engine(tmp_path / "tls.pem") as other, engine(None) as from_before:
        assert await tls.is_accepted_by([one, other])
        assert not await tls.is_accepted_by([one, from_before])
    assert not await tls.is_accepted_by([one])
