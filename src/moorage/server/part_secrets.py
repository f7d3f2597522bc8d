"""What a part beside the console is mounted, drawn by the console: so that part needs no right on any Secret."""

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


def token_secret(service: str) -> str:
    return f"{service}-token"


class PartSecrets:
    """A certificate for its Service, and the token by which it knows who asks: of the relay, Alertmanager and the console; of the
    gate before Prometheus and Alertmanager, the console."""

    def __init__(self, kube: Kube, namespace: str, service: str, clock: Callable[[], datetime]) -> None:
        self._kube, self._namespace, self._service = kube, namespace, service
        self._certificate = Encrypted(kube, namespace, Encryption(certificate_secret(service), service), clock)

    async def keep(self) -> None:
        """Until cancelled."""
        while True:
            seconds = LOOK_AGAIN_SECONDS
            try:
                await self.look()
            except (KubeError, ValueError) as error:
                log.warning("secrets_not_kept", of=self._service, error=str(error))
                seconds = RETRY_SECONDS
            await asyncio.sleep(seconds)

    async def look(self) -> None:
        """Both are there when it returns. Raises KubeError and ValueError."""
        await self._certificate.look()
        name = token_secret(self._service)
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
