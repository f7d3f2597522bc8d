"""The address, the read-only address, the members' DNS names, and the budget that keeps a majority during drains."""

from moorage.core import names
from moorage.operator.manifests.context import Context, Manifest


def _service(ctx: Context, name: str, spec: Manifest) -> Manifest:
    port = ctx.engine.card.port
    ports = [{"name": names.PORT_NAME, "port": port, "targetPort": port, "protocol": "TCP"}]
    return {"apiVersion": "v1", "kind": "Service", "metadata": ctx.metadata(name), "spec": {**spec, "ports": ports}}


def address(ctx: Context) -> Manifest:
    """The Service without selector whose EndpointSlice the primary's agent moves."""
    spec: Manifest = {"type": str(ctx.service.spec.expose.type)}
    if spec["type"] == "LoadBalancer":
        spec["allocateLoadBalancerNodePorts"] = False
    return _service(ctx, ctx.name, spec)


def replicas(ctx: Context) -> Manifest:
    selector = {**ctx.member_labels(), names.LABEL_ROLE: "secondary"}
    return _service(ctx, names.replicas_service(ctx.name), {"type": "ClusterIP", "selector": selector})


def members(ctx: Context) -> Manifest:
    """Members find each other before they are ready. Those of every generation: each has its own names."""
    selector = names.labels(ctx.name, ctx.engine.card.name)
    spec = {"type": "ClusterIP", "clusterIP": "None", "publishNotReadyAddresses": True, "selector": selector}
    return _service(ctx, names.members_service(ctx.name), spec)


def endpoint_slice(ctx: Context) -> Manifest:
    """Created empty; from then on it belongs to the members of the generation that serves."""
    meta = ctx.metadata(ctx.name)
    meta["labels"] |= {
        "kubernetes.io/service-name": ctx.name,
        "endpointslice.kubernetes.io/managed-by": "moorage.dev",
    }
    meta["annotations"] = {
        names.ANNOTATION_TERM: "0",
        names.ANNOTATION_HOLDER: "",
        names.ANNOTATION_GENERATION: str(ctx.generation),
    }
    if ctx.holds_data:  # it is made anew, after somebody deleted it: that nobody holds it does not mean that there is nothing
        meta["annotations"][names.ANNOTATION_HOLDS_DATA] = "true"
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": meta,
        "addressType": "IPv4",
        "ports": [{"name": names.PORT_NAME, "port": ctx.engine.card.port, "protocol": "TCP"}],
        "endpoints": [],
    }


def disruption_budget(ctx: Context) -> Manifest:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": ctx.metadata(ctx.name),
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": ctx.member_labels()}},
    }
