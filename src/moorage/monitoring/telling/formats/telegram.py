"""Telegram's interface for bots. The token is a part of the URL, so that URL is never told. Pure."""

from datetime import datetime
from html import escape

from moorage.monitoring.telling.channel import JSON, Answer, Channel, Outcome, Request, Verdict, by_status, encoded, said
from moorage.monitoring.telling.fit import fitted
from moorage.monitoring.telling.message import Line, Message

LENGTH_MAX = 4000
"""Characters; Telegram takes 4,096."""


def request(channel: Channel, message: Message, now: datetime) -> Request:
    """`url`: of the interface, such as `https://api.telegram.org`."""
    del now
    content = {
        "chat_id": channel.to[0] if channel.to else "",
        "text": _text(fitted(message, lambda m: len(_text(m)), LENGTH_MAX)),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    return Request(f"{channel.url.rstrip('/')}/bot{channel.secret}/sendMessage", encoded(content), JSON)


def verdict(channel: Channel, answer: Answer) -> Verdict:
    wait = (answer.json.get("parameters") or {}).get("retry_after", 0)
    by_http = by_status(channel, answer)
    if by_http is not None:
        return Verdict(by_http.outcome, by_http.answer, max(by_http.wait_seconds, min(float(wait), 3600.0)))
    if answer.json.get("ok") is True:
        return Verdict(Outcome.DELIVERED, said(channel, answer))
    return Verdict(Outcome.REFUSED if answer.json.get("ok") is False else Outcome.AGAIN, said(channel, answer))


def _text(message: Message) -> str:
    links = " · ".join(f'<a href="{escape(link.url)}">{escape(link.title)}</a>' for link in message.links)
    return "\n".join(filter(None, (f"<b>{escape(message.title)}</b>", *map(_line, message.lines), links)))


def _line(line: Line) -> str:
    return f"<b>{escape(line.head)}</b>: {escape(line.text)}" if line.head else escape(line.text)
