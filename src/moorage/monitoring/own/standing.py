"""What Prometheus made of each rule, from its own list of them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Standing:
    """Of one group. `firing`: for so many series it fires; `holding`: for so many more it holds, not yet for as long as it must.
    `since`: RFC 3339, when the first of them began to hold; None while there is none."""

    firing: int
    since: str | None = None
    trouble: str = ""
    """Why Prometheus cannot judge it; empty when it can."""
    holding: int = 0
    holding_since: str | None = None


def standings(groups: Iterable[Mapping[str, Any]]) -> dict[str, Standing]:
    """By the group's name."""
    return {str(group.get("name")): _of(group.get("rules") or []) for group in groups}


def _of(rules: Iterable[Mapping[str, Any]]) -> Standing:
    found = list(rules)
    firing, holding = _begun(found, "firing"), _begun(found, "pending")
    trouble = next((str(rule.get("lastError") or "it does not say why") for rule in found if rule.get("health") == "err"), "")
    return Standing(len(firing), min(firing, default=None), trouble, len(holding), min(holding, default=None))


def _begun(rules: Iterable[Mapping[str, Any]], state: str) -> list[str]:
    """When each alert in this state began to hold."""
    return [str(a.get("activeAt") or "") for rule in rules for a in rule.get("alerts") or [] if a.get("state") == state]
