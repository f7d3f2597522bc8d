"""The server's process."""

import asyncio
import sys
from contextlib import suppress

import uvicorn

from moorage.kube.client import KubeError
from moorage.kube.person import Persons
from moorage.server.app import create_app
from moorage.server.logs import configure_logs
from moorage.server.platform import Platform
from moorage.server.settings import from_environment


def main() -> None:
    configure_logs()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve())


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
