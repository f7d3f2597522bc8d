"""Builds snapshots in the words of a database person: three normal members, then what is different."""

from dataclasses import replace
from typing import Any

from moorage.api.dataservice import DataService
from moorage.core import names
from moorage.core.certificates import Tls
from moorage.core.facts import AddressFacts, Known, MemberFacts, MemberReport, PodFacts, Role, Snapshot, Unknown
from moorage.core.step import Desired, Target

TEMPLATE = "t1"
OBJECTS = (Desired("StatefulSet", "orders-g1", "d1"), Desired("Service", "orders", "d1"), Desired("EndpointSlice", "orders", ""))

TLS = Tls(
    {"ca.crt": "authority", "ca.key": "secret-ca"}, {"tls.crt": "certificate", "tls.key": "secret-tls", "ca.crt": "authority"}
)
"""In place of what an operator draws."""


def service(*, annotations: dict[str, str] | None = None, initialized: bool = True, **spec: Any) -> DataService:
    return DataService.model_validate(
        {
            "metadata": {"name": "orders", "namespace": "shop", "generation": 1, "annotations": annotations or {}},
            "spec": {"engine": "mongodb", **spec},
            "status": {"init": {"phase": "Succeeded" if initialized else "Running"}},
        }
    )


def member(ordinal: int, role: Role | None, *, data_members: int = 3, **pod: Any) -> MemberFacts:
    """A member that says `role`; None: it is not heard from."""
    name = names.pod("orders", 1, ordinal)
    facts = PodFacts(name=name, created="2026-11-01T00:00:00Z", ready=role is not None, node=f"n{ordinal}", template=TEMPLATE)
    term = 5 if role is Role.PRIMARY else 0
    report = Unknown("its node is not heard from") if role is None else Known(MemberReport(role=role, term=term))
    return MemberFacts(
        name=names.member_name(ordinal, data_members=data_members),
        ordinal=ordinal,
        pod_name=name,
        is_arbiter=ordinal >= data_members,
        pod=replace(facts, **pod),
        report=report,
    )


NORMAL = (member(0, Role.PRIMARY), member(1, Role.SECONDARY), member(2, Role.SECONDARY))


def snapshot(*members: MemberFacts, of: DataService | None = None, holder: str | None = "", **facts: Any) -> Snapshot:
    """A snapshot in which every object stands and the address leads to the primary, unless said otherwise."""
    found = members or NORMAL
    base = Snapshot(service=of or service(), members=found, applied={d.key: d.digest for d in OBJECTS})
    primary = base.primary()
    behind = holder or (primary.pod_name if primary is not None and holder is not None else "")
    return replace(base, address=AddressFacts(holder=behind, term=5, external="10.89.1.1"), **facts)


def target(**facts: Any) -> Target:
    return replace(Target(objects=OBJECTS, template=TEMPLATE, initiate={"_id": "orders"}), **facts)


def pod_conditions(ready: str, containers: str, since: str) -> list[dict[str, Any]]:
    """Of a Pod's status; `since`: of "Ready" (RFC 3339)."""
    return [
        {"type": "ContainersReady", "status": containers, "lastTransitionTime": "2026-11-28T04:00:00Z"},
        {"type": "Ready", "status": ready, "lastTransitionTime": since},
    ]
