"""Alerts as data: when Prometheus fires them, what they mean, and what is to be done. Pure, standard library only.

Several targets may tell the same series (two replicas of the operator in the moment in which one takes over): every expression
takes the largest, by the labels that it is about.
"""

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum

_NAME = re.compile(r"Moorage([A-Z][a-z0-9]*)+")
IDENTITY = ("namespace", "service")
HELD = "held_seconds"
"""Annotation that says for how long an alert held before it fired: Prometheus tells only since when it fires."""


class Severity(StrEnum):
    """Who is told."""

    CRITICAL = "critical"
    """Somebody must act now."""
    WARNING = "warning"
    """Somebody must act in working hours."""
    INFO = "info"
    """Nobody has to act."""
    NONE = "none"
    """Nobody is told: others are muted by it, or its absence is the news."""


class Scope(StrEnum):
    """What it is about; who mutes whom follows from it."""

    SERVICE = "service"
    MEMBER = "member"
    STORE = "store"
    PLATFORM = "platform"
    OWN = "own"
    """An alert of a person's own."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What people are told. `meaning` says what is seen, `impact` what users notice of it."""

    summary: str
    """One line. `$subject` stands for whom it is about."""
    meaning: str
    impact: str
    moorage: str
    """What Moorage does by itself."""
    you: str
    """What is left to do for a person; entries of a list begin with `- `."""

    def why_unusable(self) -> str | None:
        """What it lacks; None when nothing."""
        empty = [field.name for field in fields(Said) if not getattr(self, field.name).strip()]
        return f"no {' and no '.join(empty)}" if empty else None


@dataclass(frozen=True)
class Alert(Said):
    """Its own texts are English."""

    name: str = field(kw_only=False)
    severity: Severity = field(kw_only=False)
    scope: Scope = field(kw_only=False)
    expr: str
    zh: Said
    """The same in Chinese."""
    for_seconds: int = 0
    """How long it must hold before anybody is told."""

    def why_unusable(self) -> str | None:
        """What it lacks; None when nothing."""
        if _NAME.fullmatch(self.name) is None:
            return f"{self.name} is not Moorage… in CamelCase"
        lacks = super().why_unusable() or self.zh.why_unusable() or ("" if self.expr.strip() else "no expr")
        return f"{self.name} has {lacks}" if lacks else None


def of_service(series: str, more: str = "") -> str:
    """The largest of what several targets tell of one service."""
    return f"max by ({', '.join(IDENTITY)}{more}) ({series})"


def of_member(series: str) -> str:
    return of_service(series, ", pod")


def share(part: str, rest: str) -> str:
    """How much of a member's whole `part` is, when `rest` is what is left of it."""
    return f"{of_member(part)} / ({of_member(part)} + {of_member(rest)})"
