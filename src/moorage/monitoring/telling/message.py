"""A notice in a person's language: what happened, what it means, what Moorage does, since when, and where to look. Pure.

It is the same for all channels; each of them writes it in its own way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from moorage.core.alerts import Alert, Said, Severity
from moorage.monitoring.telling.notice import Firing, Notice, subject_of

KEYWORD = "Moorage"
"""Robots that only take messages with a keyword are told this one; it is in every message."""
TOLD_MAX = 5
"""So many alerts of a notice are told in full; of the rest the number."""


class Language(StrEnum):
    EN = "en"
    ZH = "zh"


class Colour(StrEnum):
    """Beside it stand always a word and a sign."""

    RED = "red"
    YELLOW = "yellow"
    BLUE = "blue"
    GREEN = "green"


SIGNS = {Colour.RED: "🔴", Colour.YELLOW: "🟡", Colour.BLUE: "🔵", Colour.GREEN: "🟢"}
_COLOURS: dict[str, Colour] = {Severity.CRITICAL: Colour.RED, Severity.WARNING: Colour.YELLOW, Severity.INFO: Colour.BLUE}


@dataclass(frozen=True)
class Words:
    alerting: str
    ok: str
    recovered: str
    means: str
    impact: str
    doing: str
    you: str
    since: str
    took: str
    more: str
    itself: str
    console: str
    dashboard: str
    runbook: str
    silence: str
    merged: str
    test: str
    test_says: str


WORDS = {
    Language.EN: Words(
        "[Alerting]", "[OK]", "{subject} recovered after {took}", "Meaning", "Impact", "Moorage", "You", "Since", "Duration",
        "{count} more alerts", "Moorage itself", "Console", "Dashboard", "Runbook", "Silence 1 h", "{count} messages in one",
        "[Test] 🔵 a test message of Moorage", "If you can read this, alerts arrive here.",
    ),
    Language.ZH: Words(
        "[告警]", "[恢复]", "{subject} 已恢复，持续 {took}", "含义", "影响", "Moorage", "您需要", "开始时间", "持续",
        "另有 {count} 条告警", "Moorage 自身", "控制台", "仪表盘", "处理手册", "静默 1 小时", "合并了 {count} 条消息",
        "[测试] 🔵 Moorage 测试消息", "能看到这条消息，说明告警可以送达此处。",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Places:
    """Where links lead; each a URL without a slash at its end, or empty: then there is no such link."""

    console: str = ""
    grafana: str = ""
    runbooks: str = ""
    alertmanager: str = ""


@dataclass(frozen=True)
class Line:
    """`head` is what the text is: "Meaning"."""

    head: str
    text: str


@dataclass(frozen=True)
class Link:
    title: str
    url: str


@dataclass(frozen=True)
class Message:
    """For people. `thread`: what belongs to one conversation, where a channel can have one."""

    title: str
    colour: Colour
    lines: tuple[Line, ...]
    links: tuple[Link, ...] = ()
    thread: str = ""


@dataclass(frozen=True)
class Teller:
    """Says notices in one language, for one place on earth."""

    language: Language
    zone: ZoneInfo
    places: Places
    alerts: Mapping[str, Alert]
    """Those that Moorage brings along, by name: their texts are in both languages. Of others what the rule says is told."""

    @property
    def words(self) -> Words:
        return WORDS[self.language]

    def message(self, notice: Notice) -> Message:
        told = notice.alerts if notice.is_over else notice.firing
        lines = [line for alert in told[:TOLD_MAX] for line in self._of_alert(alert, is_one=len(told) == 1)]
        unsaid = len(told) - len(told[:TOLD_MAX]) + notice.left_out
        if unsaid:
            lines.append(Line("", self.words.more.format(count=unsaid)))
        title, colour = self._title(notice, told[0])
        return Message(title, colour, tuple(lines), tuple(self._links(told[0])), notice.key)

    def test(self) -> Message:
        """What somebody sees who asks whether a channel works."""
        return Message(self.words.test, Colour.BLUE, (Line(KEYWORD, self.words.test_says),))

    def merged(self, messages: Sequence[Message]) -> Message:
        """Several as one: of each conversation the newest title. It links to where the gravest one does."""
        if len(messages) == 1:
            return messages[0]
        newest = tuple({message.thread: message for message in messages}.values())
        worst = min(newest, key=lambda message: list(Colour).index(message.colour))
        titles = tuple(Line("", message.title) for message in newest)
        title = f"{SIGNS[worst.colour]} {KEYWORD}: {self.words.merged.format(count=len(messages))}"
        return replace(worst, title=title, lines=titles, thread="")

    def _title(self, notice: Notice, first: Firing) -> tuple[str, Colour]:
        subject = notice.subject or self.words.itself
        if notice.is_over:
            began = min(alert.began for alert in notice.alerts)
            ended = max(alert.ended for alert in notice.alerts if alert.ended is not None)
            said = self.words.recovered.format(subject=subject, took=duration(ended - began))
            return f"{self.words.ok} {SIGNS[Colour.GREEN]} {said}", Colour.GREEN
        colour = _COLOURS.get(first.labels.get("severity", ""), Colour.YELLOW)
        return f"{self.words.alerting} {SIGNS[colour]} {self._said(first).summary}", colour

    def _of_alert(self, alert: Firing, *, is_one: bool) -> list[Line]:
        words, said = self.words, self._said(alert)
        lines = [Line("", said.summary)] if not is_one or alert.is_over else []
        if alert.ended is not None:
            return [*lines, Line(words.since, self._moment(alert.began)), Line(words.took, duration(alert.ended - alert.began))]
        doing = [text for text in (alert.annotations.get("why", ""), said.moorage) if text]
        parts = ((words.means, said.meaning), (words.impact, said.impact), (words.doing, "\n".join(doing)), (words.you, said.you))
        return [*lines, *(Line(head, text) for head, text in parts if text), Line(words.since, self._moment(alert.began))]

    def _said(self, alert: Firing) -> Said:
        return texts(alert.labels, alert.annotations, self.language, self.alerts)

    def _moment(self, moment: datetime) -> str:
        return moment.astimezone(self.zone).isoformat(" ", "seconds")

    def _links(self, alert: Firing) -> list[Link]:
        words, places, labels = self.words, self.places, alert.labels
        namespace, service = labels.get("namespace", ""), labels.get("service", "")
        found = []
        if places.console:
            path = f"/services/{quote(namespace, '')}/{quote(service, '')}" if service else ""
            found.append(Link(words.console, f"{places.console}{path}"))
        if places.grafana:
            chosen = urlencode({f"var-{name}": labels[name] for name in ("namespace", "service") if labels.get(name)})
            found.append(Link(words.dashboard, f"{places.grafana}/d/moorage-fleet?{chosen}"))
        runbook = alert.annotations.get("runbook_url", "")
        if places.runbooks and alert.name in self.alerts:
            runbook = f"{places.runbooks}/{alert.name}.md"
        if runbook.startswith(("https://", "http://")):
            found.append(Link(words.runbook, runbook))
        if places.alertmanager and not alert.is_over:
            found.append(Link(words.silence, silence_url(places.alertmanager, labels)))
        return found


def texts(labels: Mapping[str, str], annotations: Mapping[str, str], language: Language, alerts: Mapping[str, Alert]) -> Said:
    """Of Moorage's own alerts (`alerts`, by name) their texts; of others what their rule says (in Chinese, too, or not)."""
    known = alerts.get(labels.get("alertname", ""))
    if known is None:
        own = "_zh" if language is Language.ZH and annotations.get("summary_zh") else ""
        summary = annotations.get(f"summary{own}") or annotations.get("title") or labels.get("alertname", "")
        return Said(summary=summary, meaning=annotations.get(f"description{own}", ""), impact="", moorage="", you="")
    said: Said = known.zh if language is Language.ZH else known
    pod = labels.get("pod", "")
    subject = subject_of(labels) + (f" ({pod})" if pod else "") or labels.get("kind", "")
    return replace(said, summary=said.summary.replace("$subject", subject))


def silence_url(alertmanager: str, labels: Mapping[str, str]) -> str:
    """A silence of this very alert, filled in: one press."""
    matchers = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()) if name in _IDENTITY)
    return f"{alertmanager}/#/silences/new?filter={quote(f'{{{matchers}}}', '')}"


_IDENTITY = ("alertname", "namespace", "service", "store", "pod")


def duration(time: timedelta) -> str:
    """Such as 2m13s; days and hours without seconds."""
    seconds = max(0, round(time.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days}d{hours % 24}h"
    if hours:
        return f"{hours}h{minutes % 60}m"
    return f"{minutes}m{seconds % 60}s" if minutes else f"{seconds}s"
