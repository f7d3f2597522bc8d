"""What past alerts of people's own said, by their rules as they are now: Prometheus remembers who fired, and no text."""

from collections.abc import Iterable, Mapping

from moorage.api.alertrule import KIND, AlertRule
from moorage.core.alerts import Scope
from moorage.kube.client import KubeError
from moorage.monitoring.own.rule import past_texts
from moorage.server.platform import Platform
from moorage.views.alertrule import read
from moorage.views.errors import UnreadableError

Rules = Mapping[tuple[str, str], AlertRule]
"""Space and name → rule."""


async def rules_of(platform: Platform, fired: Iterable[Mapping[str, str]]) -> Rules:
    """Those that alerts with these labels may come from. None where they cannot be had: what was is worth telling without."""
    spaces = {labels.get("namespace", "") for labels in fired if labels.get("scope") == Scope.OWN}
    if not spaces:
        return {}
    try:
        items, _ = await platform.persons.own.list(KIND, spaces.pop() if len(spaces) == 1 else None)
    except KubeError:
        return {}
    found: dict[tuple[str, str], AlertRule] = {}
    for item in items:
        try:
            found[item["metadata"]["namespace"], item["metadata"]["name"]] = read(item)
        except UnreadableError:
            continue
    return found


def annotations_of(rules: Rules, labels: Mapping[str, str]) -> dict[str, str]:
    """Empty for alerts of others, and for one whose rule is gone."""
    rule = rules.get((labels.get("namespace", ""), labels.get("alertname", "")))
    return past_texts(rule, labels) if rule is not None and labels.get("scope") == Scope.OWN else {}
