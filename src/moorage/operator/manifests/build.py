"""All objects of a service in the order in which they are needed, each with the digest that tells drift."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from moorage.core import names
from moorage.core.certificates import Tls
from moorage.operator.manifests import access, network, secrets
from moorage.operator.manifests.context import Context, Manifest
from moorage.operator.manifests.statefulset import statefulset, template


def digest(manifest: Manifest) -> str:
    """16 hexadecimal digits over the canonical JSON."""
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Objects:
    """Manifests in order of need. Those in `create_only` are never changed after they were made."""

    manifests: tuple[Manifest, ...]
    create_only: frozenset[str]
    template: str
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why an object is another one now, by its key, where there is more to say than that the spec changed."""


def key(manifest: Manifest) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def build(ctx: Context, internal: Mapping[str, str], tls: Tls) -> Objects:
    """`internal`: the values of `NAME-internal`, existing or freshly drawn by the caller; no secret enters a digest."""
    pod_template = template(ctx)
    # volumes' size is grown through the claims: the template of a StatefulSet is immutable
    template_digest = digest(pod_template)
    pod_template["metadata"]["annotations"] = {names.ANNOTATION_TEMPLATE: template_digest}
    if ctx.live_settings:  # in no digest of what a Pod is made from: one that runs is told, and not replaced
        pod_template["metadata"]["annotations"][names.ANNOTATION_SETTINGS] = ctx.live_settings
    app = secrets.binding(ctx, names.app_secret(ctx.name), secrets.APP_USER, internal["app-password"], tls)
    admin = secrets.binding(ctx, names.admin_secret(ctx.name), secrets.ADMIN_USER, internal["admin-password"], tls)
    kept = secrets.internal(ctx, dict(internal))
    authority, certificate = secrets.authority(ctx, tls, internal), secrets.certificate(ctx, tls)
    slice_ = network.endpoint_slice(ctx)
    ordered = (
        kept,
        authority,
        access.service_account(ctx),
        access.role(ctx),
        access.role_binding(ctx),
        network.members(ctx),
        network.address(ctx),  # early: a load balancer takes its time, and the certificate names what it gives
        slice_,
        certificate,
        statefulset(ctx, pod_template),
        network.replicas(ctx),
        network.disruption_budget(ctx),
        app,
        admin,
    )
    create_only = frozenset({key(kept), key(authority), key(slice_)})
    for manifest in ordered:
        marks = manifest["metadata"].setdefault("annotations", {})
        marks[names.ANNOTATION_DIGEST] = digest(_digestible(manifest))
    reasons = {key(certificate): tls.why_renewed} if tls.why_renewed else {}
    return Objects(ordered, create_only, template_digest, reasons)


def _digestible(manifest: Manifest) -> Manifest:
    """Without what must not or need not count: passwords and keys, and a claim's size."""
    if manifest["kind"] == "Secret":
        return {**manifest, "stringData": _public(manifest["stringData"])}
    if manifest["kind"] == "StatefulSet":
        return {**manifest, "spec": {k: v for k, v in manifest["spec"].items() if k != "volumeClaimTemplates"}}
    return manifest


def _public(values: Mapping[str, str]) -> dict[str, str]:
    """Of a binding everything but the password, also where it stands in a URI; of another Secret its certificates."""
    password = values.get("password")
    if password is None:
        return {k: v for k, v in values.items() if k.endswith(".crt")}
    return {k: v.replace(quote(password, safe=""), "…").replace(password, "…") for k, v in values.items() if k != "password"}
