"""Secrets. `NAME-internal` and `NAME-ca` are made once and kept with the volumes; the others are derived and heal from them."""

from collections.abc import Mapping

from moorage.core import names
from moorage.core.certificates import Tls
from moorage.operator.manifests.context import Context, Manifest

APP_USER, ADMIN_USER = "app", "admin"

INTERNAL = ("keyfile", "app-password", "admin-password")


def internal(ctx: Context, values: dict[str, str]) -> Manifest:
    """`values`: keyfile, app-password, admin-password. Not owned: it outlives the service like the volumes do."""
    meta = ctx.metadata(names.internal_secret(ctx.name), owned=False)
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "stringData": values}


def authority(ctx: Context, tls: Tls, values: Mapping[str, str]) -> Manifest:
    """Read by the operator alone: no Pod mounts it. Not owned, so that clients trust a service that was brought back.

    `values`: as `internal` has them. This is their copy, should somebody delete the Secret that members mount.
    """
    meta = ctx.metadata(names.authority_secret(ctx.name), owned=False)
    data = {**tls.authority, **values}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "stringData": data}


def certificate(ctx: Context, tls: Tls) -> Manifest:
    """What members mount. Not of the type `kubernetes.io/tls`: a person's own certificate of this name is then not overwritten,
    since the API server lets nobody change a Secret's type."""
    meta = ctx.metadata(names.certificate_secret(ctx.name))
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "stringData": dict(tls.certificate)}


def binding(ctx: Context, name: str, user: str, password: str, tls: Tls) -> Manifest:
    """A Secret in Service Binding layout (servicebinding.io) for one user."""
    card, meta = ctx.engine.card, ctx.metadata(name)
    data = {
        "type": card.name,
        "provider": "moorage",
        "host": ctx.external or names.address_host(ctx.name, ctx.namespace),
        "port": str(card.port),
        "username": user,
        "password": password,
        "ca.crt": tls.certificate["ca.crt"],
        **ctx.engine.topology.binding(ctx.service, ctx.data_members, user, password, ctx.external),
    }
    secret_type = f"servicebinding.io/{card.name}"
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": secret_type, "stringData": data}
