"""The server's process."""

import asyncio
import logging
import sys
from contextlib import suppress

import structlog
import uvicorn
from structlog.typing import Processor

from moorage.kube.client import KubeError
from moorage.kube.person import Persons
from moorage.server.app import create_app
from moorage.server.platform import Platform
from moorage.server.settings import from_environment


def main() -> None:
    speak_json()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve())


def speak_json() -> None:
    """Every line of the log is one of JSON, also those of libraries: uvicorn tells there of connections that broke."""
    common: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    rendered = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(processors=[*common, rendered])
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_logger_name, *common],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, rendered],
    )
    to_stdout = logging.StreamHandler(sys.stdout)
    to_stdout.setFormatter(formatter)
    logging.basicConfig(handlers=[to_stdout], level=logging.INFO, force=True)
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # its lines hold whole URLs


async def _serve() -> None:
    try:
        settings = from_environment()
        platform = Platform(settings, Persons())
    except (ValueError, KubeError) as error:
        sys.exit(f"the console cannot start: {error}")
    encrypted = platform.encrypted
    if encrypted is not None:
        await encrypted.begin()
    config = uvicorn.Config(
        create_app(platform),
        host=settings.host,
        port=settings.port,
        forwarded_allow_ips=settings.proxies,
        server_header=False,
        log_config=None,  # it goes where everything goes
        access_log=False,  # its lines would hold whole URLs
        timeout_graceful_shutdown=5,
        ssl_context_factory=None if encrypted is None else lambda _config, _default: encrypted.context,
    )
    await uvicorn.Server(config).serve()
