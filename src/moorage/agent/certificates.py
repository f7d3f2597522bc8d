"""Has the engine use a renewed certificate without a restart. The kubelet changes the mounted files; nothing tells the agent."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from moorage.engines.member import EngineError

log = structlog.get_logger()

LOOK_SECONDS = 5.0


def digest(folder: Path) -> str:
    """Of what the files say; empty in the moment in which the kubelet swaps them."""
    try:
        return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())).hexdigest()
    except FileNotFoundError:
        return ""


async def follow(folder: Path, reload: Callable[[], Awaitable[None]], look_seconds: float = LOOK_SECONDS) -> None:
    """Starts before the engine does. What was read half old, half new differs at the next look, and is reloaded again."""
    used, said = digest(folder), ""
    while True:
        await asyncio.sleep(look_seconds)
        found = digest(folder)
        if found == used:
            continue
        try:
            await reload()
        except (EngineError, OSError) as error:
            if str(error) != said:
                log.warning("certificate_waits", error=str(error))
            said = str(error)
        else:
            used, said = found, ""
            log.info("certificate_reloaded")
