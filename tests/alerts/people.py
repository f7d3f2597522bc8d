"""The people who are told: a receiver for each kind of channel, at the address of this machine that Pods of the cluster reach."""

import html
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import Any

import yaml
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from devcluster.config import HOST_ADDRESS
from moorage.monitoring.telling.channel import Channel, Kind
from moorage.monitoring.telling.message import Language
from tests.unit.server.receivers import Receiver

CHINESE = (Kind.DINGTALK, Kind.WECOM, Kind.FEISHU)
ZONE = "Asia/Shanghai"
MAIL_TO, MAIL_FROM = "li@example.com", "moorage@example.com"


@dataclass(frozen=True)
class Told:
    """One message. `moment`: monotonic seconds; `text`: everything that a person reads, the title included."""

    channel: str
    moment: float
    title: str
    text: str


class Letterbox:
    """A mail server."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its library calls it so
        del server, session
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        text = mail.get_content()
        self.told.append(Told(str(Kind.MAIL), time.monotonic(), str(mail["Subject"]), f"{mail['Subject']}\n{text}"))
        return "250 2.0.0 queued as 4711"


@dataclass
class People:
    """By kind of channel; `channels`: what a person writes down of each."""

    receivers: Mapping[Kind, Receiver]
    letterbox: Letterbox
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)

    def told(self, channel: str) -> list[Told]:
        """In the order in which they came."""
        if channel == Kind.MAIL:
            return list(self.letterbox.told)
        kind = Kind(channel)
        receiver = self.receivers[kind]
        pairs = zip(receiver.taken, receiver.moments, strict=False)  # a message is there a moment before its time is
        return [Told(channel, moment, *_READ[kind](body)) for body, moment in pairs]

    def secret(self) -> dict[str, str]:
        """Entries of the Secret of channels."""
        return {f"{name}.yaml": yaml.safe_dump(given, allow_unicode=True) for name, given in self.channels.items()}


@contextmanager
def listening(*kinds: Kind, host: str = HOST_ADDRESS) -> Iterator[People]:
    """Robots of China are told in Chinese, all others in English."""
    receivers: dict[Kind, Receiver] = {kind: Receiver(kind, host) for kind in kinds if kind is not Kind.MAIL}
    letterbox = Letterbox()
    mail = Controller(letterbox, hostname=host, port=_free_port(host))
    mail.start()
    try:
        people = People(receivers, letterbox, {str(r.kind): _written(r.channel()) for r in receivers.values()})
        if Kind.MAIL in kinds:
            people.channels[str(Kind.MAIL)] = {
                "kind": "mail", "url": f"smtp://{host}:{mail.port}", "to": [MAIL_TO], "sender": MAIL_FROM, "zone": ZONE,
            }  # fmt: skip
        yield people
    finally:
        mail.stop()
        for receiver in receivers.values():
            receiver.stop()


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _written(channel: Channel) -> dict[str, Any]:
    language = Language.ZH if channel.kind in CHINESE else Language.EN
    said = {"kind": str(channel.kind), "url": channel.url, "language": str(language), "zone": ZONE}
    return {**said, **({"secret": channel.secret} if channel.secret else {}), **({"to": list(channel.to)} if channel.to else {})}


def _slack(body: Mapping[str, Any]) -> tuple[str, str]:
    title = html.unescape(body["text"])
    return title, title + "\n" + html.unescape(body["attachments"][0]["blocks"][0]["text"]["text"])


def _webhook(body: Mapping[str, Any]) -> tuple[str, str]:
    lines = [f"{line['head']}: {line['text']}" for line in body["lines"]]
    links = [f"{link['title']}: {link['url']}" for link in body["links"]]
    return body["title"], "\n".join([body["title"], *lines, *links])


def _telegram(body: Mapping[str, Any]) -> tuple[str, str]:
    text = html.unescape(body["text"])
    return text.partition("\n")[0].removeprefix("<b>").removesuffix("</b>"), text


def _wecom(body: Mapping[str, Any]) -> tuple[str, str]:
    text = html.unescape(str(body["markdown"]["content"]))
    return text.partition("\n")[0], text


_READ: dict[Kind, Callable[[Mapping[str, Any]], tuple[str, str]]] = {
    Kind.SLACK: _slack,
    Kind.DINGTALK: lambda body: (body["markdown"]["title"], body["markdown"]["text"]),
    Kind.WECOM: _wecom,
    Kind.FEISHU: lambda body: (
        body["card"]["header"]["title"]["content"],
        body["card"]["header"]["title"]["content"] + "\n" + body["card"]["elements"][0]["content"],
    ),
    Kind.TELEGRAM: _telegram,
    Kind.WEBHOOK: _webhook,
}
"""Title and whole text of what each service is sent."""
