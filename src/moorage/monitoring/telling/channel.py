"""Where messages go, what is sent there, and how what the receiver answers is understood. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from moorage.core.alerts import Severity
from moorage.monitoring.telling.message import Language

ANSWER_LENGTH_MAX = 300
HIDDEN_LENGTH_MIN = 6
"""What is shorter of a URL is no secret, and would be cut out of every word."""
_AGAIN = frozenset((408, 425, 429))


class Kind(StrEnum):
    SLACK = "slack"
    DINGTALK = "dingtalk"
    WECOM = "wecom"
    FEISHU = "feishu"
    TELEGRAM = "telegram"
    MAIL = "mail"
    WEBHOOK = "webhook"


@dataclass(frozen=True)
class Channel:
    """Whoever prints it sees no secret: URLs of robots are passwords."""

    name: str
    kind: Kind
    url: str = field(repr=False)
    """Where to post; of MAIL the server: `smtp://HOST:PORT` (STARTTLS when it has it) or `smtps://HOST:PORT`."""
    language: Language = Language.EN
    zone: str = "UTC"
    """Name of a time zone."""
    secret: str = field(default="", repr=False)
    """That messages are signed with (DingTalk, Feishu, webhook), a bot's token (Slack, Telegram), a mail account's password."""
    to: tuple[str, ...] = ()
    """Mail addresses; one chat (Telegram, Slack with a token); people to be mentioned (DingTalk: telephone numbers)."""
    sender: str = ""
    """Mail address that messages come from."""
    user: str = ""
    """Of the mail account; empty: nobody signs in."""
    spaces: tuple[str, ...] = ()
    """It is told of these, and of `services`, alone; both empty: of everything."""
    services: tuple[str, ...] = ()
    """Each SPACE/NAME."""
    severities: tuple[Severity, ...] = ()
    """It is told of these alone; empty: of all that people are told of."""
    muted: bool = False
    """Nobody is told by it; it stays, and can be tested."""

    @property
    def place(self) -> str:
        """Where it leads, without what must not be told."""
        return f"{self.kind} at {urlsplit(self.url).hostname or 'nowhere'}"

    @property
    def origin(self) -> tuple[str, str, int | None]:
        """Who is given the secret: scheme, host and port."""
        parts = urlsplit(self.url)
        return parts.scheme, parts.hostname or "", parts.port

    @property
    def shown_url(self) -> str:
        """The URL where it is no secret: of a mail server and of Telegram's interface; else empty."""
        parts = urlsplit(self.url)
        is_bare = not parts.path.strip("/") and not parts.query and "@" not in parts.netloc
        return self.url if self.kind in (Kind.MAIL, Kind.TELEGRAM) and is_bare else ""

    @property
    def fingerprint(self) -> str:
        """By which two programs find that they know the same of it. Not for people: a weak secret could be guessed by it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def hidden(self) -> tuple[str, ...]:
        """What must be in no log: the secret, and all of the URL but its host."""
        parts = urlsplit(self.url)
        found = (self.url, parts.query, parts.path.strip("/"), *parts.path.split("/"), parts.password or "")
        hidden = {part for part in found if len(part) >= HIDDEN_LENGTH_MIN} | ({self.secret} if self.secret else set())
        return tuple(sorted(hidden, key=len, reverse=True))


@dataclass(frozen=True)
class Request:
    """To be sent by POST."""

    url: str = field(repr=False)
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Outcome(StrEnum):
    DELIVERED = "delivered"
    AGAIN = "again"
    """It may go well later."""
    REFUSED = "refused"
    """It goes well only when somebody changes the channel."""


@dataclass(frozen=True)
class Verdict:
    """`answer`: what the receiver really said, without secrets."""

    outcome: Outcome
    answer: str
    wait_seconds: float = 0.0
    """How long the receiver asks to be left alone."""


@dataclass(frozen=True)
class Answer:
    """`headers`: names in lower case."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Mapping[str, Any]:
        """Empty when it is no object."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def told(channel: Channel, text: str) -> str:
    """Without secrets, and not longer than a log is read."""
    for part in channel.hidden:
        text = text.replace(part, "…")
    return re.sub(r"\s+", " ", text).strip()[:ANSWER_LENGTH_MAX]


def by_status(channel: Channel, answer: Answer) -> Verdict | None:
    """What the status alone says; None when the body has the last word."""
    if 200 <= answer.status < 300:
        return None
    outcome = Outcome.AGAIN if answer.status in _AGAIN or answer.status >= 500 else Outcome.REFUSED
    return Verdict(outcome, said(channel, answer), _wait(answer.headers.get("retry-after", "")))


def by_code(channel: Channel, answer: Answer, keys: tuple[str, ...], again: frozenset[int]) -> Verdict:
    """Of services that answer 200 whatever they think of a message: 0 below one of `keys` is what alone means that it was taken.
    `again`: codes of a passing trouble. An answer without a code comes from somebody else, such as a proxy."""
    by_http = by_status(channel, answer)
    if by_http is not None:
        return by_http
    code = next((answer.json[key] for key in keys if key in answer.json), None)
    if code == 0:
        return Verdict(Outcome.DELIVERED, said(channel, answer))
    return Verdict(Outcome.AGAIN if code is None or code in again else Outcome.REFUSED, said(channel, answer))


def said(channel: Channel, answer: Answer) -> str:
    return told(channel, f"{answer.status} {answer.body}")


def _wait(text: str) -> float:
    return min(float(text), 3600.0) if text.isdecimal() else 0.0


def encoded(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


JSON = {"Content-Type": "application/json; charset=utf-8"}
