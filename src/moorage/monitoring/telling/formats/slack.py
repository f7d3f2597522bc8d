"""Slack: an incoming webhook, or a bot's token and a chat (`chat.postMessage`). Pure."""

from datetime import datetime

from moorage.monitoring.telling.channel import JSON, Answer, Channel, Outcome, Request, Verdict, by_status, encoded, said
from moorage.monitoring.telling.fit import fitted
from moorage.monitoring.telling.message import Colour, Line, Message

TEXT_LENGTH_MAX = 2900
"""Characters; Slack takes 3,000 in a block."""
_COLOURS = {Colour.RED: "#d92d20", Colour.YELLOW: "#f5a623", Colour.BLUE: "#2f6feb", Colour.GREEN: "#2da44e"}
_PASSING = frozenset(("ratelimited", "rate_limited", "service_unavailable", "internal_error", "fatal_error", "request_timeout"))


def request(channel: Channel, message: Message, now: datetime) -> Request:
    del now
    text = _text(fitted(message, lambda m: len(_text(m)), TEXT_LENGTH_MAX))
    block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    content = {
        "text": _plain(message.title),
        "attachments": [{"color": _COLOURS[message.colour], "fallback": message.title, "blocks": [block]}],
        **({"channel": channel.to[0]} if channel.to else {}),
    }
    token = {"Authorization": f"Bearer {channel.secret}"} if channel.secret else {}
    return Request(channel.url, encoded(content), {**JSON, **token})


def verdict(channel: Channel, answer: Answer) -> Verdict:
    """A webhook answers `ok`; the interface for bots 200 and `{"ok": false}` when it refuses."""
    by_http = by_status(channel, answer)
    if by_http is not None:
        return by_http
    if answer.body.strip() == "ok" or answer.json.get("ok") is True:
        return Verdict(Outcome.DELIVERED, said(channel, answer))
    is_passing = answer.json.get("error") in _PASSING or "ok" not in answer.json
    return Verdict(Outcome.AGAIN if is_passing else Outcome.REFUSED, said(channel, answer))


def _text(message: Message) -> str:
    links = " · ".join(f"<{link.url}|{_plain(link.title)}>" for link in message.links)
    return "\n".join(filter(None, (*map(_line, message.lines), links)))


def _line(line: Line) -> str:
    return f"*{_plain(line.head)}*: {_plain(line.text)}" if line.head else _plain(line.text)


def _plain(text: str) -> str:
    """Nobody is mentioned, and nothing is a link, because of what a text holds."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
