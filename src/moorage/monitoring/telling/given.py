"""A channel as somebody writes it down, and what is wrong with it before anything is sent. Pure."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moorage.monitoring.telling.channel import Channel, Kind
from moorage.monitoring.telling.message import Language

TELEGRAM_URL = "https://api.telegram.org"
_FIELDS = ("kind", "url", "language", "zone", "secret", "to", "sender", "user")
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


class UnusableChannelError(ValueError):
    """Says what is wrong and what is allowed; never a secret."""


def channel(name: str, given: Mapping[str, Any]) -> Channel:
    """`to`: a list, or what commas separate; a telephone or chat number may be a number. Raises UnusableChannelError."""
    if _NAME.fullmatch(name) is None:
        raise UnusableChannelError(f"a channel's name is '{name}'; allowed: a-z, 0-9 and '-', at most 40")
    unknown = sorted(set(given) - set(_FIELDS))
    if unknown:
        raise UnusableChannelError(f"{name}: there is no {', '.join(unknown)}; there are {', '.join(_FIELDS)}")
    kind = _one_of(name, "kind", given.get("kind"), Kind)
    to = given.get("to") or ()
    words = to if isinstance(to, list | tuple) else str(to).split(",")
    made = Channel(
        name=name,
        kind=kind,
        url=str(given.get("url") or (TELEGRAM_URL if kind is Kind.TELEGRAM else "")).strip(),
        language=_one_of(name, "language", given.get("language") or Language.EN, Language),
        zone=str(given.get("zone") or "UTC"),
        secret=str(given.get("secret") or "").strip(),
        to=tuple(filter(None, (str(one).strip() for one in words))),
        sender=str(given.get("sender") or "").strip(),
        user=str(given.get("user") or "").strip(),
    )
    why = why_unusable(made)
    if why is not None:
        raise UnusableChannelError(f"{name}: {why}")
    return made


def why_unusable(channel: Channel) -> str | None:
    """What is wrong; None when nothing is."""
    return _why_no_place(channel) or _why_no_zone(channel) or _why_nobody(channel)


def _why_no_place(channel: Channel) -> str | None:
    schemes = ("smtp", "smtps") if channel.kind is Kind.MAIL else ("https", "http")
    try:
        parts = urlsplit(channel.url)
        is_good = parts.scheme in schemes and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_good = False
    return None if is_good else f"its url is of no use; allowed: such as {_EXAMPLES[channel.kind]}"


def _why_no_zone(channel: Channel) -> str | None:
    try:
        ZoneInfo(channel.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"there is no time zone '{channel.zone}'; there is Asia/Shanghai"
    return None


def _why_nobody(channel: Channel) -> str | None:
    match channel.kind:
        case Kind.MAIL:
            bad = [one for one in (channel.sender, *channel.to) if _ADDRESS.fullmatch(one) is None]
            return (
                "it needs a sender and somebody to send to, as mail addresses"
                if bad or not channel.to
                else _why_no_login(channel)
            )
        case Kind.TELEGRAM if not (channel.secret and len(channel.to) == 1):
            return "it needs a bot's token as its secret, and one chat to send to"
        case Kind.SLACK if bool(channel.secret) != (len(channel.to) == 1):
            return "it needs a webhook's url alone, or a bot's token as its secret and one chat to send to"
        case Kind.DINGTALK if any(not one.isdecimal() for one in channel.to):
            return "whom it mentions are telephone numbers, in digits"
        case _:
            return None


def _why_no_login(channel: Channel) -> str | None:
    return "an account needs a user and a password as its secret" if bool(channel.user) != bool(channel.secret) else None


def _one_of(name: str, what: str, given: Any, kinds: Any) -> Any:
    try:
        return kinds(given)
    except ValueError as error:
        raise UnusableChannelError(f"{name}: its {what} is '{given}'; allowed: {', '.join(map(str, kinds))}") from error
