"""The operator's pages: one for the kubelet, one for Prometheus."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from moorage.core import http
from moorage.core.exposition import CONTENT_TYPE, METRICS_PATH

log = structlog.get_logger()

PORT = 8080
REQUEST_SECONDS_MAX = 5.0


async def serve(port: int, metrics: Callable[[], Awaitable[str]]) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS_MAX):
                asked = await reader.readline()
                while (await reader.readline()).strip():
                    pass  # what was not read when it hangs up would cut the answer short
            is_metrics = http.path_of(asked) == METRICS_PATH
            writer.write(http.answer("200 OK", await metrics(), CONTENT_TYPE) if is_metrics else http.answer("200 OK", "ok\n"))
            await writer.drain()
        except (TimeoutError, ConnectionError, ValueError):
            return  # it hung up, or spoke no HTTP: who means it asks again
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "0.0.0.0", port)  # noqa: S104 - the kubelet comes from outside the Pod
    await server.serve_forever()
