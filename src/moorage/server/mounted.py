"""A part that is given its secrets as files: its certificate, and the token by which those who may ask prove themselves.

Secrets are mounted and never asked of the API server, so such a part needs no right to read one.
"""

import asyncio
import ssl
from hmac import compare_digest
from pathlib import Path

import structlog
import uvicorn
from starlette.types import ASGIApp

log = structlog.get_logger()
LOOK_SECONDS = 10.0
"""How often files are looked at: Kubernetes changes them within a minute."""


def is_token(path: Path, given: str) -> bool:
    """Whether that is what the file holds now; an empty file lets nobody in."""
    try:
        wanted = path.read_text().strip()
    except OSError:
        return False
    return bool(wanted) and compare_digest(wanted.encode(), given.encode())


class MountedCertificate:
    """What every connection is encrypted with. A renewed one counts from the next connection on."""

    def __init__(self, folder: Path) -> None:
        self._certificate, self._key = folder / "tls.crt", folder / "tls.key"
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._loaded = b""

    def look(self) -> bool:
        """Takes the files as they are now; whether they were new. Raises OSError, of which ssl.SSLError is one."""
        now = self._certificate.read_bytes() + self._key.read_bytes()
        if now == self._loaded:
            return False
        self.context.load_cert_chain(self._certificate, self._key)
        self._loaded = now
        return True

    async def keep(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if self.look():
                    log.info("certificate_taken")
            except OSError as error:  # such as a moment between the certificate's file and its key's
                log.warning("certificate_not_looked_at", error=str(error))


async def serve(app: ASGIApp, host: str, port: int, certificate: MountedCertificate) -> None:
    """Until the process is told to end."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        server_header=False,
        log_config=None,  # it goes where everything goes
        access_log=False,
        timeout_graceful_shutdown=5,
        ssl_context_factory=lambda _config, _default: certificate.context,
    )
    await uvicorn.Server(config).serve()
