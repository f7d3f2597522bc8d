"""WeCom's robot of a group. Pure."""

from datetime import datetime

from moorage.monitoring.telling.channel import JSON, Answer, Channel, Request, Verdict, by_code, encoded
from moorage.monitoring.telling.fit import fitted
from moorage.monitoring.telling.formats import markdown
from moorage.monitoring.telling.message import Colour, Message

BYTES_MAX = 4096
_COLOURS = {Colour.RED: "warning", Colour.YELLOW: "warning", Colour.BLUE: "comment", Colour.GREEN: "info"}
"""It has orange, grey and green."""
_PASSING = frozenset((-1, 45009, 45033))
"""Its own trouble, and too many messages (20 a minute)."""


def request(channel: Channel, message: Message, now: datetime) -> Request:
    del now
    text = _text(fitted(message, lambda m: len(_text(m).encode()), BYTES_MAX))
    return Request(channel.url, encoded({"msgtype": "markdown", "markdown": {"content": text}}), JSON)


def verdict(channel: Channel, answer: Answer) -> Verdict:
    return by_code(channel, answer, ("errcode",), _PASSING)


def _text(message: Message) -> str:
    return markdown.text(message, f'**<font color="{_COLOURS[message.colour]}">{markdown.plain(message.title)}</font>**')
