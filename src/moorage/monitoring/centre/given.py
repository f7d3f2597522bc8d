"""What Alertmanager answers (its API, version 2), read: alerts that fire, and silences. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from moorage.core.alerts import Severity

ORDER: Sequence[str] = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
MARK = "Acknowledged until it is over"
"""What the comment of an acknowledgement begins with: Alertmanager knows silences alone."""
SERVICE = ("namespace", "service")
Found = TypeVar("Found")


class UnreadableError(ValueError):
    """It is not what Alertmanager answers."""


@dataclass(frozen=True)
class Fired:
    """An alert that fires. `muted_by`: fingerprints of alerts that are its cause; `silenced_by`: ids of silences."""

    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    began: datetime
    muted_by: tuple[str, ...] = ()
    silenced_by: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.labels.get("alertname", "")

    @property
    def severity(self) -> str:
        return self.labels.get("severity", "")

    @property
    def space(self) -> str:
        return self.labels.get("namespace", "")

    @property
    def service(self) -> str:
        return self.labels.get("service", "")


@dataclass(frozen=True)
class Matcher:
    """Of one label."""

    name: str
    value: str
    is_regex: bool = False
    is_equal: bool = True

    def holds(self, labels: Mapping[str, str]) -> bool:
        """As Alertmanager decides it: an expression is about the whole value, and a label that is missing is an empty one."""
        found = labels.get(self.name, "")
        try:
            is_same = re.fullmatch(self.value, found) is not None if self.is_regex else found == self.value
        except re.error:  # Go's expressions are not quite ours
            return False
        return is_same is self.is_equal

    @property
    def text(self) -> str:
        sign = ("=~" if self.is_equal else "!~") if self.is_regex else ("=" if self.is_equal else "!=")
        return f'{self.name}{sign}"{self.value}"'


@dataclass(frozen=True)
class Silence:
    """`who` and `comment` are whoever made it says."""

    id: str
    matchers: tuple[Matcher, ...]
    began: datetime
    until: datetime
    who: str
    comment: str
    is_over: bool = False

    @property
    def is_acknowledgement(self) -> bool:
        """Whether it ends with what it is about."""
        return self.comment.startswith(MARK)

    @property
    def reason(self) -> str:
        return self.comment.removeprefix(MARK).removeprefix(":").strip()

    def is_about(self, labels: Mapping[str, str]) -> bool:
        return all(matcher.holds(labels) for matcher in self.matchers)

    def pinned(self, label: str) -> str:
        """The one value of a label that it can be about; empty when there is no such one."""
        found = {m.value for m in self.matchers if m.name == label and m.is_equal and not m.is_regex}
        return found.pop() if len(found) == 1 else ""


def alerts(answer: Any) -> list[Fired]:
    """The gravest first, of these the oldest. Raises UnreadableError."""
    return sorted((_read(_fired, one) for one in _list(answer)), key=_gravity)


def silences(answer: Any) -> list[Silence]:
    """Those that hold or will hold, the one that ends first in front. Raises UnreadableError."""
    found = (_read(_silence, one) for one in _list(answer))
    return sorted((one for one in found if not one.is_over), key=lambda one: (one.until, one.id))


def of_alert(labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Matchers of this very alert and no other."""
    return [_equal(name, value) for name, value in sorted(labels.items())]


def of_service(space: str, service: str) -> list[dict[str, Any]]:
    """Matchers of everything about one service."""
    return [_equal("namespace", space), _equal("service", service)]


def wish(
    matchers: list[dict[str, Any]], who: str, comment: str, began: datetime, until: datetime, silence: str = ""
) -> dict[str, Any]:
    """What is posted to make a silence, or, with its id, to change one."""
    made = {
        "matchers": matchers,
        "startsAt": began.isoformat(),
        "endsAt": until.isoformat(),
        "createdBy": who,
        "comment": comment,
    }
    return {**made, "id": silence} if silence else made


def again(silence: Silence, until: datetime) -> dict[str, Any]:
    """What is posted to let it end at another time."""
    matchers = [{"name": m.name, "value": m.value, "isRegex": m.is_regex, "isEqual": m.is_equal} for m in silence.matchers]
    return wish(matchers, silence.who, silence.comment, silence.began, until, silence.id)


def acknowledged(note: str) -> str:
    """The comment of an acknowledgement."""
    return f"{MARK}: {note}" if note else MARK


def gravity(severity: str) -> int:
    return ORDER.index(severity) if severity in ORDER else len(ORDER)


def _gravity(alert: Fired) -> tuple[int, datetime, str]:
    return gravity(alert.severity), alert.began, alert.fingerprint


def _equal(name: str, value: str) -> dict[str, Any]:
    return {"name": name, "value": value, "isRegex": False, "isEqual": True}


def _list(answer: Any) -> Iterable[Any]:
    if not isinstance(answer, list):
        raise UnreadableError("Alertmanager answered no list; wanted: its API, version 2")
    return answer


def _read(read: Callable[[Any], Found], given: Any) -> Found:
    try:
        return read(given)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"what Alertmanager answered cannot be read: {error!r}; wanted: its API, version 2") from error


def _fired(given: Mapping[str, Any]) -> Fired:
    status = given["status"]
    return Fired(
        fingerprint=str(given["fingerprint"]),
        labels=_texts(given["labels"]),
        annotations=_texts(given.get("annotations")),
        began=datetime.fromisoformat(given["startsAt"]),
        muted_by=tuple(status.get("inhibitedBy") or ()),
        silenced_by=tuple(status.get("silencedBy") or ()),
    )


def _silence(given: Mapping[str, Any]) -> Silence:
    return Silence(
        id=str(given["id"]),
        matchers=tuple(
            Matcher(m["name"], m["value"], bool(m.get("isRegex")), m.get("isEqual") is not False) for m in given["matchers"]
        ),
        began=datetime.fromisoformat(given["startsAt"]),
        until=datetime.fromisoformat(given["endsAt"]),
        who=str(given.get("createdBy") or ""),
        comment=str(given.get("comment") or ""),
        is_over=given["status"]["state"] == "expired",
    )


def _texts(given: Mapping[str, Any] | None) -> dict[str, str]:
    return {str(name): str(value) for name, value in (given or {}).items()}
