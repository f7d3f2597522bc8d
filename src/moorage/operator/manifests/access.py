"""The members' ServiceAccount: rights on its own Pod, on the address and on nothing else."""

from moorage.api.dataservice import MEMBERS_MAX
from moorage.core import names
from moorage.operator.manifests.context import Context, Manifest


def service_account(ctx: Context) -> Manifest:
    meta = ctx.metadata(names.service_account(ctx.name))
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta, "automountServiceAccountToken": False}


def role(ctx: Context) -> Manifest:
    """That an agent changes no Pod but its own is held by the chart's ValidatingAdmissionPolicy.

    Named are all Pods that the service could have, also those of the next generation: a member that comes or goes reports without
    waiting for its right.
    """
    known = {ctx.generation, *ctx.generations}
    pods = [names.pod(ctx.name, generation, i) for generation in sorted({*known, max(known) + 1}) for i in range(MEMBERS_MAX)]
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": ctx.metadata(names.service_account(ctx.name)),
        "rules": [
            {"apiGroups": [""], "resources": ["pods"], "resourceNames": pods, "verbs": ["get", "list", "watch", "patch"]},
            {
                "apiGroups": ["discovery.k8s.io"],
                "resources": ["endpointslices"],
                "resourceNames": [ctx.name],
                "verbs": ["get", "list", "watch", "update"],
            },
        ],
    }


def role_binding(ctx: Context) -> Manifest:
    name = names.service_account(ctx.name)
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": ctx.metadata(name),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": ctx.namespace}],
    }
