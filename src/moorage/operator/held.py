"""What a service's Secrets hold, and what is drawn where they hold nothing yet. The edge with the randomness."""

import base64
import contextlib
import secrets
from collections.abc import Mapping
from datetime import datetime

from moorage import certificates
from moorage.api.dataservice import DataService
from moorage.core import names
from moorage.core.certificates import Tls, hosts
from moorage.kube.reflector import Store
from moorage.operator import kept
from moorage.operator.manifests import INTERNAL, Context


class LostSecretError(ValueError):
    """Without it nothing may be made; says what to do."""


class Held:
    """Reads the local copies."""

    def __init__(self, stores: Mapping[str, Store]) -> None:
        self._stores = stores

    def internal(self, service: DataService) -> dict[str, str]:
        """The existing keyfile and passwords of a service, or fresh ones for the Secret that is then created.

        A Secret that somebody deleted is put back from the copy in `NAME-ca`. Raises LostSecretError when there is none and the
        service has run, or volumes of a deleted one wait for it: another keyfile would lock its own members out, and other
        passwords everybody else.
        """
        namespace, name = service.metadata.namespace, service.metadata.name
        found = self._values(namespace, names.internal_secret(name))
        copy = self._values(namespace, names.authority_secret(name)) or {}
        secret, wanted = f"Secret {namespace}/{names.internal_secret(name)}", " and ".join(INTERNAL)
        if found is not None and not found.keys() >= set(INTERNAL):
            remedy = "delete it, and it is put back" if copy.keys() >= set(INTERNAL) else "put it back from a backup"
            raise LostSecretError(f"{secret} must hold {wanted}: {remedy}")
        if found is not None:
            return found
        if copy.keys() >= set(INTERNAL):
            return {value: copy[value] for value in INTERNAL}
        lost = f"{secret} is gone, and its copy in {names.authority_secret(name)}, too: put one back from a backup"
        if service.status.init.phase == "Succeeded":
            raise LostSecretError(lost)
        if kept.holds_deleted(service, self._stores["PersistentVolumeClaim"]):
            raise LostSecretError(f"{lost}, or delete the volumes that a deleted service of this name left")
        return {
            "keyfile": base64.b64encode(secrets.token_bytes(384)).decode(),
            "app-password": secrets.token_urlsafe(24),
            "admin-password": secrets.token_urlsafe(24),
        }

    def tls(self, context: Context, now: datetime) -> Tls:
        """The existing authority and certificate, or fresh ones where they are due. Raises UnusableAuthorityError."""
        name, namespace = context.name, context.namespace
        authority = self._values(namespace, names.authority_secret(name))
        if authority is None:
            authority = certificates.draw_authority(name, namespace, now)
        held = self._values(namespace, names.certificate_secret(name)) or {}
        return certificates.keep(name, namespace, authority, held, hosts(name, namespace, context.external), now)

    def certificate_ends(self, service: DataService) -> datetime | None:
        """When the certificate that its members hold ends; None while they hold none that can be read."""
        name, namespace = service.metadata.name, service.metadata.namespace
        with contextlib.suppress(ValueError, KeyError):
            authority = self._values(namespace, names.authority_secret(name)) or {}
            found = certificates.read(self._values(namespace, names.certificate_secret(name)) or {}, authority)
            return found.ends if found is not None else None
        return None

    def _values(self, namespace: str, secret: str) -> dict[str, str] | None:
        found = self._stores["Secret"].get(namespace, secret)
        return None if found is None else {k: base64.b64decode(v).decode() for k, v in (found.get("data") or {}).items()}
