"""Looks at a service of which one member cannot come back by itself."""

import json
from dataclasses import replace
from typing import Any

from moorage.core import names
from moorage.core.facts import Known, MemberFacts, MemberReport, Role, Snapshot
from tests.unit.build import member, service, snapshot

NOW = "2026-12-01T10:00:00Z"
WHY = "its data is damaged: WiredTiger.wt is corrupted"
PODS = tuple(names.pod("orders", 1, i) for i in range(3))


def reporting(ordinal: int, role: Role, *, configured: tuple[str, ...] = PODS, mark: str = "5:2", **facts: Any) -> MemberFacts:
    order = facts.pop("order_id", "")
    of_set = role not in (Role.DOWN, Role.REMOVED, Role.UNINITIALIZED)
    known: dict[str, Any] = {"configured": configured, "configuration": mark} if of_set else {}
    report = MemberReport(role=role, term=5 if role is Role.PRIMARY else 0, **known, **facts)
    return replace(member(ordinal, role, order_id=order), report=Known(report))


def looked(*members: MemberFacts, annotations: dict[str, str] | None = None, **facts: Any) -> Snapshot:
    return snapshot(*members, of=service(annotations=annotations), now=NOW, **facts)


def one_damaged(**facts: Any) -> tuple[MemberFacts, ...]:
    return reporting(0, Role.PRIMARY, **facts), reporting(1, Role.SECONDARY, **facts), reporting(2, Role.DOWN, damage=WHY)


def one_out(**facts: Any) -> tuple[MemberFacts, ...]:
    known: Any = {"configured": PODS[:2], "mark": "5:3"}
    return (
        reporting(0, Role.PRIMARY, **known),
        reporting(1, Role.SECONDARY, **known),
        reporting(2, Role.DOWN, damage=WHY, **facts),
    )


def maintained(until: str) -> dict[str, str]:
    return {names.ANNOTATION_MAINTENANCE: json.dumps({"until": until, "reason": "a switch is replaced"})}
