"""Whether this Kubernetes is fit for Moorage, and Moorage well: findings from what the API server has. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moorage.cli.finding import Finding, Grade, warning
from moorage.cli.fitness_kubernetes import addresses, clocks, nodes, storage, versions
from moorage.cli.fitness_moorage import backups, image, leader, operator, policies, resources, rights, services
from moorage.cli.rights import Right

Object = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What was read. None: it could not be, and `unread` says why."""

    server_time: datetime
    own_time: datetime
    cli_version: str = ""
    nodes: Sequence[Object] | None = None
    node_leases: Sequence[Object] | None = None
    """Of kube-node-lease, with `managedFields`."""
    classes: Sequence[Object] | None = None
    claims: Sequence[Object] | None = None
    """The volume claims of services, of every namespace."""
    kubernetes_services: Sequence[Object] | None = None
    """Services of Kubernetes, of every namespace."""
    operators: Sequence[Object] | None = None
    operator_pods: Sequence[Object] | None = None
    leases: Sequence[Object] | None = None
    """Of the operator's namespace."""
    definitions: Sequence[Object] | None = None
    """Our CustomResourceDefinitions as they are installed."""
    missing_rights: Sequence[Right] | None = None
    """What the operator may not do."""
    policies: Sequence[Object] | None = None
    """ValidatingAdmissionPolicyBindings."""
    services: Sequence[Object] | None = None
    stores: Sequence[Object] | None = None
    forbidden: Sequence[str] = ()
    """What this person may not read."""
    unread: Mapping[str, str] = field(default_factory=dict)
    """What else could not be read → why."""


def findings(seen: Seen) -> list[Finding]:
    """Kubernetes first, then Moorage in it, then what it looks after."""
    found = [
        versions(seen.nodes),
        nodes(seen.nodes, seen.services),
        clocks(seen.server_time, seen.own_time, seen.node_leases),
        storage(seen.classes, seen.claims, seen.services, seen.nodes, seen.server_time),
        addresses(seen.kubernetes_services, seen.server_time),
        resources(seen.definitions, seen.services),
        operator(seen.operators, seen.cli_version),
        image(seen.operator_pods),
        leader(seen.leases, seen.operators, seen.server_time),
        rights(seen.missing_rights),
        policies(seen.policies),
        backups(seen.stores, seen.services),
        services(seen.services),
    ]
    told = [finding for some in found for finding in some]
    if seen.forbidden:
        do = "run it as an administrator of the cluster"
        told.append(warning("your rights", f"not looked at, because you may not: {', '.join(seen.forbidden)}", do))
    if "resources" in of_grade(told, Grade.PROBLEM):
        return told  # what is not installed cannot be read either
    return told + [warning(what, f"not looked at: {why}", "try again") for what, why in seen.unread.items()]


def of_grade(found: Sequence[Finding], grade: Grade) -> list[str]:
    """What has this grade."""
    return [finding.what for finding in found if finding.grade is grade]
