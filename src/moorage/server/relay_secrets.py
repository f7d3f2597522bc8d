"""What the relay is mounted, drawn by the console: so the relay needs no right on any Secret."""

import asyncio
import base64
import secrets
from collections.abc import Callable
from datetime import datetime

import structlog

from moorage.core.names import certificate_secret
from moorage.kube.client import Kube, KubeError
from moorage.server.encryption import LOOK_AGAIN_SECONDS, RETRY_SECONDS, Encrypted
from moorage.server.settings import Encryption

log = structlog.get_logger()
TOKEN_BYTES = 32


def token_secret(relay: str) -> str:
    return f"{relay}-token"


class RelaySecrets:
    """A certificate for its Service, and the token by which it knows Alertmanager."""

    def __init__(self, kube: Kube, namespace: str, relay: str, clock: Callable[[], datetime]) -> None:
        self._kube, self._namespace, self._relay = kube, namespace, relay
        self._certificate = Encrypted(kube, namespace, Encryption(certificate_secret(relay), relay), clock)

    async def keep(self) -> None:
        """Until cancelled."""
        while True:
            seconds = LOOK_AGAIN_SECONDS
            try:
                await self.look()
            except (KubeError, ValueError) as error:
                log.warning("relay_secrets_not_kept", error=str(error))
                seconds = RETRY_SECONDS
            await asyncio.sleep(seconds)

    async def look(self) -> None:
        """Both are there when it returns. Raises KubeError and ValueError."""
        await self._certificate.look()
        name = token_secret(self._relay)
        if await self._kube.get("Secret", name, self._namespace) is None:
            await self._draw_token(name)

    async def _draw_token(self, name: str) -> None:
        token = base64.b64encode(secrets.token_urlsafe(TOKEN_BYTES).encode()).decode()
        meta = {"name": name, "namespace": self._namespace, "labels": {"app.kubernetes.io/managed-by": "moorage"}}
        try:
            await self._kube.create(
                {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "data": {"token": token}}
            )
        except KubeError as error:
            if not error.conflict:  # of two replicas the first wins
                raise
