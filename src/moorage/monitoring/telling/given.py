"""A channel as somebody writes it down, and what is wrong with it before anything is sent. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moorage.core.alerts import Severity
from moorage.monitoring.telling.channel import Channel, Kind
from moorage.monitoring.telling.message import Language

TELEGRAM_URL = "https://api.telegram.org"
_FIELDS = ("kind", "url", "language", "zone", "secret", "to", "sender", "user", "spaces", "services", "severities", "muted")
_SPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SEVERITIES = (Severity.CRITICAL, Severity.WARNING)
"""Of less nobody is told."""
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")
_EXAMPLES = {
    Kind.SLACK: "https://hooks.slack.com/services/…",
    Kind.DINGTALK: "https://oapi.dingtalk.com/robot/send?access_token=…",
    Kind.WECOM: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…",
    Kind.FEISHU: "https://open.feishu.cn/open-apis/bot/v2/hook/…",
    Kind.TELEGRAM: TELEGRAM_URL,
    Kind.MAIL: "smtp://mail.example.com:587 or smtps://mail.example.com",
    Kind.WEBHOOK: "https://example.com/hook",
}


class Wrong(StrEnum):
    """What is wrong with a channel; sentences are translated by it."""

    TAKEN = "channel-taken"
    """Its name is another one's."""
    URL = "channel-url"
    ZONE = "channel-zone"
    SENDER = "channel-sender"
    NOBODY = "channel-nobody"
    TOKEN = "channel-token"  # noqa: S105 - a code
    CHAT = "channel-chat"
    PHONES = "channel-phones"
    USER = "channel-user"
    PASSWORD = "channel-password"  # noqa: S105 - a code
    SPACES = "channel-spaces"
    SERVICES = "channel-services"
    SECRET_AGAIN = "channel-secret-again"  # noqa: S105 - a code


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. `field`: as it is written down; `message`: with what is allowed, and never a secret."""

    wrong: Wrong
    field: str
    message: str


class UnusableChannelError(ValueError):
    """Says what is wrong and what is allowed; never a secret. `faults`: each of those that a translation knows."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


def channel(name: str, given: Mapping[str, Any]) -> Channel:
    """Lists may be what commas separate; a telephone or chat number may be a number. Raises UnusableChannelError."""
    made = read(name, given)
    refuse(made.name, faults(made))
    return made


def read(name: str, given: Mapping[str, Any]) -> Channel:
    """As it is written, whether it works or not. Raises UnusableChannelError for words that are none."""
    if _NAME.fullmatch(name) is None:
        raise UnusableChannelError(f"a channel's name is '{name}'; allowed: a-z, 0-9 and '-', at most 40")
    unknown = sorted(set(given) - set(_FIELDS))
    if unknown:
        raise UnusableChannelError(f"{name}: there is no {', '.join(unknown)}; there are {', '.join(_FIELDS)}")
    kind = _one_of(name, "kind", given.get("kind"), Kind)
    return Channel(
        name=name,
        kind=kind,
        url=str(given.get("url") or (TELEGRAM_URL if kind is Kind.TELEGRAM else "")).strip(),
        language=_one_of(name, "language", given.get("language") or Language.EN, Language),
        zone=str(given.get("zone") or "UTC"),
        secret=str(given.get("secret") or "").strip(),
        to=_words(given.get("to")),
        sender=str(given.get("sender") or "").strip(),
        user=str(given.get("user") or "").strip(),
        spaces=_words(given.get("spaces")),
        services=_words(given.get("services")),
        severities=tuple(_one_of(name, "severities", one, _SEVERITIES) for one in _words(given.get("severities"))),
        muted=_one_of(name, "muted", given.get("muted") or False, (False, True)),
    )


def refuse(name: str, found: Sequence[Fault]) -> None:
    """Raises UnusableChannelError when there is one."""
    if found:
        raise UnusableChannelError(f"{name}: {'; '.join(fault.message for fault in found)}", found)


def faults(channel: Channel) -> list[Fault]:
    """What is wrong; empty when nothing is."""
    return [*_of_place(channel), *_of_zone(channel), *_of_people(channel), *_of_choice(channel)]


def _of_place(channel: Channel) -> Iterator[Fault]:
    schemes = ("smtp", "smtps") if channel.kind is Kind.MAIL else ("https", "http")
    try:
        parts = urlsplit(channel.url)
        is_good = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_good = False
    if not is_good:
        yield Fault(Wrong.URL, "url", f"its url is of no use; allowed: such as {_EXAMPLES[channel.kind]}")


def _of_zone(channel: Channel) -> Iterator[Fault]:
    try:
        ZoneInfo(channel.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault(Wrong.ZONE, "zone", f"there is no time zone '{channel.zone}'; there is Asia/Shanghai")


def _of_people(channel: Channel) -> Iterator[Fault]:
    match channel.kind:
        case Kind.MAIL:
            yield from _of_mail(channel)
        case Kind.TELEGRAM:
            yield from _of_bot(channel, needs_token=not channel.secret, needs_chat=len(channel.to) != 1)
        case Kind.SLACK:
            needs_chat = bool(channel.secret) and len(channel.to) != 1
            yield from _of_bot(channel, needs_token=bool(channel.to) and not channel.secret, needs_chat=needs_chat)
        case Kind.DINGTALK if any(not one.isdecimal() for one in channel.to):
            yield Fault(Wrong.PHONES, "to", "whom it mentions are telephone numbers, in digits")


def _of_bot(channel: Channel, *, needs_token: bool, needs_chat: bool) -> Iterator[Fault]:
    instead = "; or leave both out, and give a webhook's url alone" if channel.kind is Kind.SLACK else ""
    if needs_token:
        yield Fault(Wrong.TOKEN, "secret", f"it needs a bot's token as its secret{instead}")
    if needs_chat:
        yield Fault(Wrong.CHAT, "to", f"a bot's token needs one chat to send to{instead}")


def _of_mail(channel: Channel) -> Iterator[Fault]:
    if _ADDRESS.fullmatch(channel.sender) is None:
        yield Fault(Wrong.SENDER, "sender", "it needs a sender; allowed: mail addresses such as moorage@example.com")
    if not channel.to or any(_ADDRESS.fullmatch(one) is None for one in channel.to):
        yield Fault(Wrong.NOBODY, "to", "it needs somebody to send to; allowed: mail addresses such as dba@example.com")
    if channel.user and not channel.secret:
        yield Fault(Wrong.PASSWORD, "secret", "an account needs a password as its secret")
    if channel.secret and not channel.user:
        yield Fault(Wrong.USER, "user", "a password needs the user that it is of")


def _of_choice(channel: Channel) -> Iterator[Fault]:
    bad = [one for one in channel.spaces if _SPACE.fullmatch(one) is None]
    if bad:
        yield Fault(Wrong.SPACES, "spaces", f"its spaces are '{', '.join(bad)}'; allowed: names of spaces, such as shop")
    bad = [one for one in channel.services if not _is_service(one)]
    if bad:
        yield Fault(Wrong.SERVICES, "services", f"its services are '{', '.join(bad)}'; allowed: SPACE/NAME, such as shop/orders")


def _is_service(text: str) -> bool:
    space, slash, name = text.partition("/")
    return bool(slash) and all(_SPACE.fullmatch(part) for part in (space, name))


def _words(given: Any) -> tuple[str, ...]:
    words = given if isinstance(given, list | tuple) else str(given or "").split(",")
    return tuple(filter(None, (str(one).strip() for one in words)))


def _one_of(name: str, what: str, given: Any, kinds: Any) -> Any:
    try:
        return kinds[kinds.index(given)] if isinstance(kinds, tuple) else kinds(given)
    except ValueError as error:
        raise UnusableChannelError(f"{name}: its {what} is '{given}'; allowed: {', '.join(map(str, kinds))}") from error
