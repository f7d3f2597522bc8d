"""DingTalk's robot of a group. Pure."""

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import quote_plus

from moorage.monitoring.telling.channel import JSON, Answer, Channel, Request, Verdict, by_code, encoded
from moorage.monitoring.telling.fit import fitted
from moorage.monitoring.telling.formats import markdown
from moorage.monitoring.telling.message import Message

BYTES_MAX = 18_000
"""DingTalk takes 20,000."""
_PASSING = frozenset((-1, 130101, 130102, 410100, 90018))
"""Its own trouble, and too many messages (20 a minute, then it is deaf for ten)."""


def request(channel: Channel, message: Message, now: datetime) -> Request:
    short = fitted(message, lambda m: len(_text(channel, m).encode()), BYTES_MAX)
    content = {
        "msgtype": "markdown",
        "markdown": {"title": message.title, "text": _text(channel, short)},
        "at": {"atMobiles": list(channel.to), "isAtAll": False},
    }
    return Request(_signed(channel, now), encoded(content), JSON)


def verdict(channel: Channel, answer: Answer) -> Verdict:
    return by_code(channel, answer, ("errcode",), _PASSING)


def _text(channel: Channel, message: Message) -> str:
    """Who is mentioned must stand in the text, too."""
    at = " ".join(f"@{number}" for number in channel.to)
    return markdown.text(message, f"### {markdown.plain(message.title)}") + (f"\n\n{at}" if at else "")


def _signed(channel: Channel, now: datetime) -> str:
    if not channel.secret:
        return channel.url
    stamp = str(int(now.timestamp() * 1000))
    digest = hmac.new(channel.secret.encode(), f"{stamp}\n{channel.secret}".encode(), hashlib.sha256).digest()
    mark = "&" if "?" in channel.url else "?"
    return f"{channel.url}{mark}timestamp={stamp}&sign={quote_plus(base64.b64encode(digest))}"
