"""A mail; what belongs to one conversation is a thread in every mail program. Pure."""

import hashlib
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from moorage.monitoring.telling.channel import Channel, Outcome, Verdict, told
from moorage.monitoring.telling.message import Line, Message


def mail(channel: Channel, message: Message, now: datetime) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["Subject"] = " ".join(message.title.split())
    made["From"], made["To"] = channel.sender, ", ".join(channel.to)
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{_digest(message.thread, message.title, now.isoformat())}@moorage>"
    made["Auto-Submitted"] = "auto-generated"
    if message.thread:
        made["References"] = f"<{_digest(channel.name, message.thread)}@moorage>"
    made.set_content(_text(message))
    return made


def verdict(channel: Channel, code: int, text: str) -> Verdict:
    """Of a mail server's answer: 2xx it has it, 4xx later; 0: there was no answer."""
    said = told(channel, f"{code} {text}")
    if 200 <= code < 300:
        return Verdict(Outcome.DELIVERED, said)
    return Verdict(Outcome.AGAIN if code < 500 else Outcome.REFUSED, said)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _text(message: Message) -> str:
    links = [f"{link.title}: {link.url}" for link in message.links]
    return "\n\n".join(filter(None, (message.title, *map(_line, message.lines), "\n".join(links)))) + "\n"


def _line(line: Line) -> str:
    return f"{line.head}: {line.text}" if line.head else line.text
