"""The console's certificate: somebody's Secret, or its own with an authority that outlives it."""

import asyncio
import base64
import ssl
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from moorage import certificates
from moorage.core import names
from moorage.core.certificates import normal
from moorage.kube.client import Kube, KubeError
from moorage.server.settings import Encryption

log = structlog.get_logger()
LOOK_AGAIN_SECONDS = 60.0
RETRY_SECONDS = 2.0


def hosts(service: str, namespace: str) -> frozenset[str]:
    """The names of the console's Service, and those of a way to its Pod (`kubectl port-forward`)."""
    inside = {service, f"{service}.{namespace}", f"{service}.{namespace}.svc", names.address_host(service, namespace)}
    return frozenset(inside | {"localhost", "127.0.0.1"})


class NoCertificateError(ValueError):
    """The Secret that was named holds none that can be used; says what to do."""


class Encrypted:
    """What every connection is encrypted with. A renewed certificate counts from the next connection on."""

    def __init__(self, kube: Kube, namespace: str, settings: Encryption, clock: Callable[[], datetime]) -> None:
        self._kube, self._namespace, self._settings, self._clock = kube, namespace, settings, clock
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._loaded: tuple[str, str] | None = None

    async def begin(self) -> None:
        """Until there is a certificate: without one nobody can be answered."""
        while True:
            try:
                await self.look()
                return
            except (KubeError, ValueError) as error:
                log.warning("no_certificate", error=str(error))
            await asyncio.sleep(RETRY_SECONDS)

    async def keep(self) -> None:
        """Until cancelled. While nothing better is to be had, the last one is used."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            try:
                await self.look()
            except (KubeError, ValueError) as error:
                log.warning("certificate_not_looked_at", error=str(error))

    async def look(self) -> None:
        """Takes the certificate as it is now; the console's own is drawn where one is due. Raises KubeError and ValueError."""
        values = await self._own(self._settings.service) if self._settings.service else await self._given()
        pair = values["tls.crt"], values["tls.key"]
        if pair != self._loaded:
            _load(self.context, *pair)
            self._loaded = pair

    async def _given(self) -> Mapping[str, str]:
        secret = f"{self._namespace}/{self._settings.secret}"
        found = await self._values(self._settings.secret)
        if found is None:
            raise NoCertificateError(f"there is no Secret {secret}; make it, with tls.crt and tls.key")
        if not found.keys() >= {"tls.crt", "tls.key"}:
            raise NoCertificateError(f"the Secret {secret} must hold tls.crt and tls.key, and holds {', '.join(sorted(found))}")
        return found

    async def _own(self, service: str) -> Mapping[str, str]:
        now = self._clock()
        authority = await self._authority(service, now)
        held = await self._values(self._settings.secret)
        wanted = hosts(service, self._namespace) | await self._addresses(service)
        tls = certificates.keep(service, self._namespace, authority, held or {}, wanted, now)
        if not tls.why_renewed:
            return tls.certificate
        log.info("certificate_drawn", why=tls.why_renewed)
        return await self._write(self._settings.secret, tls.certificate, there=held is not None)

    async def _authority(self, service: str, now: datetime) -> Mapping[str, str]:
        name = names.authority_secret(service)
        found = await self._values(name)
        return found if found is not None else await self._write(name, certificates.draw_authority(service, self._namespace, now))

    async def _addresses(self, service: str) -> frozenset[str]:
        """By which people reach the console: those it was told, and those of the load balancer."""
        found = await self._kube.get("Service", service, self._namespace) or {}
        ingress = ((found.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
        told = {entry[key] for entry in ingress for key in ("ip", "hostname") if entry.get(key)}
        return frozenset(map(normal, told | self._settings.names))

    async def _values(self, secret: str) -> dict[str, str] | None:
        found = await self._kube.get("Secret", secret, self._namespace)
        return None if found is None else {k: base64.b64decode(v).decode() for k, v in (found.get("data") or {}).items()}

    async def _write(self, secret: str, values: Mapping[str, str], *, there: bool = False) -> Mapping[str, str]:
        """What counts afterwards: of two replicas that make it at once the first wins."""
        meta = {"name": secret, "namespace": self._namespace, "labels": {"app.kubernetes.io/managed-by": "moorage"}}
        data = {key: base64.b64encode(text.encode()).decode() for key, text in values.items()}
        if there:
            await self._kube.merge("Secret", secret, self._namespace, {"data": data})
            return values
        try:
            await self._kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "data": data})
            return values
        except KubeError as error:
            if not error.conflict:
                raise
        return await self._values(secret) or values


def _load(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """The library takes files alone; the folder for temporary ones is in memory."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(f"{certificate}\n{key}\n")
        file.flush()
        try:
            context.load_cert_chain(file.name)
        except ssl.SSLError as error:
            raise NoCertificateError(f"tls.crt and tls.key are no certificate with its own key: {error}") from error
