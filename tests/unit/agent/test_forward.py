"""Connections are passed on as they are: every byte, both ways, half-closed ones too, in constant memory."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from moorage.agent.forward import Forwarder
from moorage.agent.forwarding import Place

HOST = "127.0.0.1"
SECONDS = 10.0
Server = Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]


@contextlib.asynccontextmanager
async def serving(answer: Server) -> AsyncIterator[Place]:
    server = await asyncio.start_server(answer, HOST, 0)  # type: ignore[arg-type]
    try:
        yield Place(*server.sockets[0].getsockname())
    finally:
        server.close()


@contextlib.asynccontextmanager
async def forwarding(route: Callable[[Place], Place | None]) -> AsyncIterator[tuple[Forwarder, Place]]:
    async with serving(lambda _reader, writer: writer.close()) as free:
        pass
    forwarder = Forwarder(route)
    await forwarder.open(*(free.host, free.port))
    try:
        yield forwarder, free
    finally:
        forwarder.close()


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.write(b"the end")
    writer.close()


async def ends(reader: asyncio.StreamReader) -> None:
    """The connection is closed, in whatever way."""
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), SECONDS) == b""


async def test_every_byte_comes_back_and_what_is_said_after_the_client_s_end_too() -> None:
    sent = bytes(range(256)) * 40_000  # 10 MB: more than all buffers on the way hold
    async with serving(echo) as engine, forwarding(lambda _: engine) as (_, port):
        reader, writer = await asyncio.open_connection(port.host, port.port)

        async def send() -> None:
            writer.write(sent)
            await writer.drain()
            writer.write_eof()

        _, received = await asyncio.wait_for(asyncio.gather(send(), reader.read()), SECONDS)
        assert received == sent + b"the end"
        writer.close()


async def test_what_a_client_says_before_the_primary_is_reached_is_not_lost() -> None:
    async with serving(echo) as engine, forwarding(lambda _: Place("localhost", engine.port)) as (_, port):
        for _ in range(20):  # a name takes a moment to be looked up
            reader, writer = await asyncio.open_connection(port.host, port.port)
            writer.write(b"hello")
            writer.write_eof()
            assert await asyncio.wait_for(reader.read(), SECONDS) == b"hellothe end"
            writer.close()


async def test_an_end_of_the_server_s_side_leaves_the_client_its_own() -> None:
    heard = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.write_eof()
        heard.set_result(await reader.read())
        writer.close()

    async with serving(answer) as engine, forwarding(lambda _: engine) as (_, port):
        reader, writer = await asyncio.open_connection(port.host, port.port)
        assert await asyncio.wait_for(reader.read(), SECONDS) == b"hello"
        writer.write(b"still here")
        writer.write_eof()
        assert await asyncio.wait_for(heard, SECONDS) == b"still here"
        writer.close()


async def test_a_connection_that_leads_nowhere_is_closed_at_once() -> None:
    async with forwarding(lambda _: None) as (forwarder, port):
        reader, _ = await asyncio.open_connection(port.host, port.port)
        await ends(reader)
        assert forwarder.callers == 0


async def test_a_primary_that_refuses_is_a_connection_that_is_refused() -> None:
    async with serving(echo) as gone:
        pass
    async with forwarding(lambda _: gone) as (_, port):
        reader, _ = await asyncio.open_connection(port.host, port.port)
        await ends(reader)


async def test_whoever_is_led_elsewhere_now_is_cut_and_nobody_else() -> None:
    async with serving(echo) as old, serving(echo) as new:
        leads = {"127.0.0.8": old, "127.0.0.9": old}
        async with forwarding(lambda caller: leads[caller.host]) as (forwarder, port):
            stays, stays_writer = await asyncio.open_connection(port.host, port.port, local_addr=("127.0.0.8", 0))
            goes, goes_writer = await asyncio.open_connection(port.host, port.port, local_addr=("127.0.0.9", 0))
            for reader, writer in ((stays, stays_writer), (goes, goes_writer)):
                writer.write(b"x")
                assert await asyncio.wait_for(reader.read(1), SECONDS) == b"x"
            leads["127.0.0.9"] = new
            assert forwarder.cut(lambda source, place: leads[source.host] != place) == 1
            await ends(goes)
            stays_writer.write(b"y")
            assert await asyncio.wait_for(stays.read(1), SECONDS) == b"y"
            stays_writer.close()


async def test_what_the_other_end_does_not_read_is_not_read_here_either() -> None:
    is_over = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reader._transport.pause_reading()  # type: ignore[attr-defined]
        await is_over.wait()
        writer.close()

    async with serving(deaf) as engine, forwarding(lambda _: engine) as (forwarder, port):
        _, writer = await asyncio.open_connection(port.host, port.port)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                while True:
                    writer.write(bytes(1_000_000))
                    await writer.drain()
        (caller,) = forwarder._callers
        assert caller.other is not None
        assert caller.other.transport is not None
        assert 0 < caller.other.transport.get_write_buffer_size() < 1_000_000
        is_over.set()
        writer.close()


async def test_a_port_that_was_given_back_is_free_at_once_and_all_its_connections_are_cut() -> None:
    async with serving(echo) as engine, forwarding(lambda _: engine) as (forwarder, port):
        reader, writer = await asyncio.open_connection(port.host, port.port)
        writer.write(b"x")
        assert await asyncio.wait_for(reader.read(1), SECONDS) == b"x"
        forwarder.close()
        again = await asyncio.start_server(lambda _reader, writer: writer.close(), port.host, port.port)
        again.close()
        await ends(reader)
