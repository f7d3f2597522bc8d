"""What Alertmanager sends (its webhook, version 4), as one notice about one subject. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from moorage.core.alerts import HELD, Severity

VERSION = "4"
_NEVER = "0001-01-01T00:00:00Z"
"""Go's empty time: an alert that has not ended."""


@dataclass(frozen=True)
class Firing:
    """One alert. `began`, when it began to hold, and `ended` are moments with a zone."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    began: datetime
    ended: datetime | None
    fingerprint: str

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "")

    @property
    def is_over(self) -> bool:
        return self.ended is not None

    def is_for(self, channel: str, there_are: Collection[str]) -> bool:
        """Whether a channel is told. A rule may name its channels; when there is none of them any more, all are told."""
        named = {name.strip() for name in self.annotations.get("channels", "").split(",")}.intersection(there_are)
        return not named or channel in named


@dataclass(frozen=True)
class Notice:
    """What one group of alerts says at one moment: those of one service, mostly."""

    key: str
    """Of the group; the same from its first alert to its end."""
    subject: str
    """`namespace/service`, or what else the alerts have in common; empty: Moorage itself."""
    alerts: tuple[Firing, ...]
    """The gravest first."""
    left_out: int = 0
    """How many alerts Alertmanager did not send."""

    @property
    def is_over(self) -> bool:
        return all(alert.is_over for alert in self.alerts)

    def told_to(self, channel: str, there_are: Collection[str]) -> "Notice | None":
        """What one of these channels is told of it; None: nothing."""
        mine = tuple(alert for alert in self.alerts if alert.is_for(channel, there_are))
        return replace(self, alerts=mine) if mine else None

    @property
    def firing(self) -> tuple[Firing, ...]:
        return tuple(alert for alert in self.alerts if not alert.is_over)


class UnreadableError(ValueError):
    """It is not what Alertmanager sends."""


def read(payload: Any) -> Notice:
    """Raises UnreadableError with what is wanted."""
    if not isinstance(payload, Mapping) or payload.get("version") != VERSION:
        raise UnreadableError(f"it is no message of Alertmanager; wanted: a JSON object whose version is '{VERSION}'")
    try:
        alerts = tuple(sorted(map(_alert, payload["alerts"]), key=_gravity))
        labels = {**_texts(payload.get("commonLabels")), **_texts(payload.get("groupLabels"))}
        key, left_out = str(payload["groupKey"]), int(payload.get("truncatedAlerts") or 0)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"it cannot be read: {error!r}; wanted: groupKey, and alerts with labels and startsAt") from error
    if not alerts:
        raise UnreadableError("it names no alert")
    return Notice(key, subject_of(labels), alerts, left_out)


def subject_of(labels: Mapping[str, str]) -> str:
    """Whom labels are about."""
    what = labels.get("service") or labels.get("store") or ""
    return "/".join(filter(None, (labels.get("namespace", ""), what)))


def _alert(given: Mapping[str, Any]) -> Firing:
    ends = str(given.get("endsAt") or _NEVER)
    is_over = given.get("status") == "resolved" and ends != _NEVER
    annotations = _texts(given.get("annotations"))
    return Firing(
        labels=_texts(given["labels"]),
        annotations=annotations,
        began=datetime.fromisoformat(given["startsAt"]) - _held(annotations),
        ended=datetime.fromisoformat(ends) if is_over else None,
        fingerprint=str(given.get("fingerprint") or ""),
    )


def _held(annotations: Mapping[str, str]) -> timedelta:
    text = annotations.get(HELD, "")
    return timedelta(seconds=int(text) if text.isdecimal() else 0)


def _texts(given: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in (given or {}).items()}


_ORDER: Sequence[str] = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


def _gravity(alert: Firing) -> tuple[bool, int, datetime]:
    severity = alert.labels.get("severity", "")
    return alert.is_over, _ORDER.index(severity) if severity in _ORDER else len(_ORDER), alert.began
