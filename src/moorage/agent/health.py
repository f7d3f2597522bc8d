"""Two pages for the kubelet, one for Prometheus, and a connection that stays for as long as the agent lives, for its peers
(`lifeline.py`). Ready and alive mean: the agent's own loop turns. The engine's health is the report's business."""

import asyncio
from collections.abc import Awaitable, Callable

from moorage.agent.lifeline import REQUEST
from moorage.core import http
from moorage.core.exposition import CONTENT_TYPE, METRICS_PATH

SILENT_SECONDS_MAX = 15.0
REQUEST_SECONDS_MAX = 2.0
HELD_MAX = 16
"""Connections that stay: more than a service has members. The end of one to a node without power is heard by nobody: the oldest
makes room for the next; who is there after all connects again."""


async def serve(port: int, silent_seconds: Callable[[], float], metrics: Callable[[], Awaitable[str]]) -> None:
    """`silent_seconds`: how long ago the agent's loop turned. `metrics`: the page for Prometheus."""
    held: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await asyncio.wait_for(reader.readline(), REQUEST_SECONDS_MAX)
            if asked and REQUEST.startswith(asked):
                if len(held) >= HELD_MAX:
                    held.pop(0).close()
                held.append(writer)
                await _until_hung_up(reader)
                return
            if http.path_of(asked) == METRICS_PATH:
                # what was not read when it hangs up would cut the answer short
                await asyncio.wait_for(_read_headers(reader), REQUEST_SECONDS_MAX)
                writer.write(http.answer("200 OK", await metrics(), CONTENT_TYPE))
            else:
                writer.write(http.answer("200 OK" if silent_seconds() < SILENT_SECONDS_MAX else "503 Service Unavailable"))
            await writer.drain()
        except (TimeoutError, ConnectionError, ValueError):
            return  # it hung up, or spoke no HTTP: who means it asks again
        finally:
            if writer in held:
                held.remove(writer)
            writer.close()

    server = await asyncio.start_server(answer, "0.0.0.0", port)  # noqa: S104 - the kubelet comes from outside the Pod
    await server.serve_forever()


async def _read_headers(reader: asyncio.StreamReader) -> None:
    while (await reader.readline()).strip():
        pass


async def _until_hung_up(reader: asyncio.StreamReader) -> None:
    while await reader.read(1024):
        pass
