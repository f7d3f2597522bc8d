"""The rights that the operator needs: what the chart's ClusterRole and Role give it, in the form of questions. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

LEASE = "moorage-operator"
_OUR = "moorage.dev"
_OURS = ("dataservices", "backupstores", "databackups", "datarestores")
_LOOKED_AT = ("get", "list", "watch")
_APPLIED = (*_LOOKED_AT, "create", "patch", "delete")
_NEEDED: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (_OUR, ("dataservices", "databackups"), _APPLIED),
    (_OUR, ("backupstores", "datarestores"), (*_LOOKED_AT, "patch")),
    (_OUR, ("alertrules",), _LOOKED_AT),
    (_OUR, tuple(f"{resource}/status" for resource in (*_OURS, "alertrules")), ("get", "patch")),
    (_OUR, tuple(f"{resource}/finalizers" for resource in _OURS), ("update",)),
    ("", ("pods", "services", "secrets", "configmaps", "serviceaccounts", "persistentvolumeclaims"), _APPLIED),
    ("", ("pods/eviction",), ("create",)),
    ("apps", ("statefulsets",), _APPLIED),
    ("policy", ("poddisruptionbudgets",), _APPLIED),
    ("discovery.k8s.io", ("endpointslices",), (*_APPLIED, "update")),
    ("rbac.authorization.k8s.io", ("roles", "rolebindings"), _APPLIED),
    ("", ("nodes", "persistentvolumes"), _LOOKED_AT),
    ("storage.k8s.io", ("storageclasses",), _LOOKED_AT),
    ("", ("namespaces",), ("get",)),
    ("", ("events",), ("create", "patch", "list")),
)
_NAMES = {"leases": LEASE, "namespaces": "kube-system"}
"""The one object of its kind that the right is for."""
_LEADERSHIP = ("get", "update", "patch", "create")
"""Of the Lease, in the operator's own namespace."""


class Right(NamedTuple):
    """One question to the API server. `namespace` empty: in every one, or of what has none."""

    group: str
    resource: str
    verb: str
    namespace: str = ""

    def __str__(self) -> str:
        kind = f"{self.resource}.{self.group}" if self.group else self.resource
        return f"{self.verb} {kind}" + (f" in {self.namespace}" if self.namespace else "")

    def attributes(self) -> dict[str, str]:
        """As a SubjectAccessReview asks."""
        resource, _, subresource = self.resource.partition("/")
        # nobody can be allowed to create by name, so that one is asked without
        name = _NAMES.get(resource, "") if self.verb != "create" else ""
        asked = {"group": self.group, "resource": resource, "subresource": subresource, "verb": self.verb}
        return {key: value for key, value in (asked | {"namespace": self.namespace, "name": name}).items() if value}


def needed(namespace: str) -> list[Right]:
    """`namespace`: the operator's."""
    everywhere = [Right(group, resource, verb) for group, resources, verbs in _NEEDED for resource in resources for verb in verbs]
    return everywhere + [Right("coordination.k8s.io", "leases", verb, namespace) for verb in _LEADERSHIP]


def account(operator: Mapping[str, Any]) -> tuple[str, Sequence[str]]:
    """User and groups that the Pods of a Deployment have for the API server."""
    namespace = operator["metadata"]["namespace"]
    name = operator["spec"]["template"]["spec"].get("serviceAccountName") or "default"
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return f"system:serviceaccount:{namespace}:{name}", groups


def in_words(missing: Iterable[Right], at_most: int = 5) -> str:
    """A list that fits a line."""
    words = [str(right) for right in missing]
    more = len(words) - at_most
    return ", ".join(words[:at_most]) + (f" and {more} more" if more > 0 else "")
