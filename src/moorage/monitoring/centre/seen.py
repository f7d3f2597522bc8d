"""Whose alerts are whose: what one person is shown, and on what they may lay a silence. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from moorage.core.alerts import Scope, Severity
from moorage.monitoring.centre.given import SERVICE, Fired, Silence

OURS = "Moorage"
"""What the names of Moorage's own alerts begin with."""


@dataclass(frozen=True)
class Eyes:
    """What a person sees. `sees`: whether a space is theirs; `everywhere`: they see every space, and Moorage itself."""

    sees: Callable[[str], bool]
    everywhere: bool
    services: frozenset[tuple[str, str]]
    """Space and name of each service that there is: of other programs' alerts those of services alone are shown."""

    def alert(self, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels is shown to them."""
        if labels.get("severity") == Severity.NONE or not self._is_ours(labels):
            return False
        space = labels.get("namespace", "")
        return self.sees(space) if space else self.everywhere

    def silence(self, silence: Silence, shown: Iterable[Fired]) -> bool:
        """Whether it is shown to them: what is about a space of theirs, and what keeps alerts of theirs from being told."""
        space = silence.pinned("namespace")
        if any(silence.id in alert.silenced_by for alert in shown):
            return True
        pinned = {label: silence.pinned(label) for label in ("alertname", "scope", *SERVICE)}
        return self._is_ours(pinned) and (self.sees(space) if space else self.everywhere)

    def _is_ours(self, labels: Mapping[str, str]) -> bool:
        is_ours = labels.get("alertname", "").startswith(OURS) or labels.get("scope") == Scope.OWN
        return is_ours or (labels.get("namespace", ""), labels.get("service", "")) in self.services


def causes(alert: Fired, all_alerts: Iterable[Fired]) -> list[str]:
    """Names of the alerts that mute it."""
    return sorted({one.name for one in all_alerts if one.fingerprint in alert.muted_by})
