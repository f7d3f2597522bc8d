"""Two pages for the kubelet. Ready and alive mean: the agent's own loop turns. The engine's health is the report's business."""

import asyncio
from collections.abc import Callable

SILENT_SECONDS_MAX = 15.0


async def serve(port: int, silent_seconds: Callable[[], float]) -> None:
    """`silent_seconds`: how long ago the agent's loop turned."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await asyncio.wait_for(reader.readline(), 2.0)
            status = "200 OK" if silent_seconds() < SILENT_SECONDS_MAX else "503 Service Unavailable"
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        except (TimeoutError, ConnectionError):
            return  # the kubelet hung up: it asks again
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "0.0.0.0", port)  # noqa: S104 - the kubelet comes from outside the Pod
    await server.serve_forever()
