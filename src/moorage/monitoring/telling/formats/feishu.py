"""Feishu's and Lark's robot of a group: a card with a coloured head. Pure."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from moorage.monitoring.telling.channel import JSON, Answer, Channel, Outcome, Request, Verdict, by_code, encoded
from moorage.monitoring.telling.fit import fitted
from moorage.monitoring.telling.formats import markdown
from moorage.monitoring.telling.message import Message

BYTES_MAX = 18_000
"""Of the whole request; Feishu takes 20,000."""
_PASSING = frozenset((11232, 11233, 99991400))
"""Too many messages (100 a minute, 5 a second)."""


def request(channel: Channel, message: Message, now: datetime) -> Request:
    short = fitted(message, lambda m: len(encoded(_card(m))), BYTES_MAX)
    return Request(channel.url, encoded({**_signature(channel, now), **_card(short)}), JSON)


def verdict(channel: Channel, answer: Answer) -> Verdict:
    """Old robots say `StatusCode`. One code is for everything that it does not understand, and for haste."""
    found = by_code(channel, answer, ("code", "StatusCode"), _PASSING)
    is_haste = answer.json.get("code") == 9499 and "too many" in str(answer.json.get("msg")).lower()
    return Verdict(Outcome.AGAIN, found.answer) if is_haste else found


def _card(message: Message) -> dict[str, Any]:
    head = {"template": str(message.colour), "title": {"tag": "plain_text", "content": message.title}}
    body = {"tag": "markdown", "content": markdown.text(message, "")}
    return {"msg_type": "interactive", "card": {"config": {"wide_screen_mode": True}, "header": head, "elements": [body]}}


def _signature(channel: Channel, now: datetime) -> dict[str, str]:
    """The secret is in the key; what is signed is empty."""
    if not channel.secret:
        return {}
    stamp = str(int(now.timestamp()))
    digest = hmac.new(f"{stamp}\n{channel.secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}
