"""Secrets. `NAME-internal` is made once and kept with the volumes; the others are derived from it and heal from it."""

from moorage.core import names
from moorage.operator.manifests.context import Context, Manifest

APP_USER, ADMIN_USER = "app", "admin"
APP_DATABASE = "app"


def internal(ctx: Context, values: dict[str, str]) -> Manifest:
    """`values`: keyfile, app-password, admin-password. Not owned: it outlives the service like the volumes do."""
    meta = ctx.metadata(names.internal_secret(ctx.name), owned=False)
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "stringData": values}


def binding(ctx: Context, name: str, user: str, password: str) -> Manifest:
    """A Secret in Service Binding layout (servicebinding.io) for one user."""
    card, meta = ctx.engine.card, ctx.metadata(name)
    data = {
        "type": card.name,
        "provider": "moorage",
        "host": ctx.external or names.address_host(ctx.name, ctx.namespace),
        "port": str(card.port),
        "username": user,
        "password": password,
        "database": APP_DATABASE if user == APP_USER else "admin",
        "authSource": "admin",
        **ctx.engine.topology.uris(ctx.service, ctx.data_members, user, password, ctx.external),
    }
    secret_type = f"servicebinding.io/{card.name}"
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": secret_type, "stringData": data}
