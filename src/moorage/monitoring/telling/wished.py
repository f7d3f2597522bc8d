"""A channel as somebody wants it who may not read its secrets: what they leave empty stays as it was. Pure."""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from moorage.monitoring.telling.channel import Channel
from moorage.monitoring.telling.given import Fault, Wrong, faults, read, refuse

_AGAIN = "its secret was given for another server, and is not sent to this one; give it again, or say that there is none"
_ALWAYS = ("kind", "url", "language", "zone")
"""Written also where they are what they would be anyway: whoever reads the entry sees them."""


def wished(name: str, given: Mapping[str, Any], before: Channel | None, *, drops_secret: bool = False) -> Channel:
    """`given`: as it is written down, with an empty `url` or `secret` for the one that is there. `before`: what is there; a
    channel that becomes another kind keeps nothing of it. Raises UnusableChannelError."""
    kept = before if before is not None and before.kind == given["kind"] else None
    url, secret = str(given.get("url") or ""), str(given.get("secret") or "")
    is_kept = kept is not None and bool(kept.secret) and not secret.strip() and not drops_secret
    if kept is not None:
        url = url.strip() or kept.url
        secret = kept.secret if is_kept else secret
    made = read(name, {**given, "url": url, "secret": "" if drops_secret else secret})
    found = faults(made)
    if kept is not None and is_kept and all(fault.wrong is not Wrong.URL for fault in found) and made.origin != kept.origin:
        # else whoever may change a channel reads its secret, by having it sent to a server of their own
        found.append(Fault(Wrong.SECRET_AGAIN, "secret", _AGAIN))
    refuse(name, found)
    return made


def written(channel: Channel) -> dict[str, Any]:
    """As it is written down; `given.channel` reads it."""
    said = {field.name: _plain(getattr(channel, field.name)) for field in fields(Channel) if field.name != "name"}
    return {name: value for name, value in said.items() if value or name in _ALWAYS}


def changed(before: Channel, after: Channel) -> list[str]:
    """Names of what differs."""
    names = (field.name for field in fields(Channel))
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return str(value) if isinstance(value, Enum) else value
