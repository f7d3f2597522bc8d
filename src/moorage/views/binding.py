"""A service's Secret as people read it. Pure."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import quote

from moorage.views.errors import UnreadableError

TLS_PREFIX = "tls-"
"""Of the entries whose URI encrypts and checks."""
PUBLIC = frozenset({"type", "provider", "host", "port", "username", "database", "authSource", "ca.crt", "tls.crt", "accessKeyId"})
"""Entries of Secrets that are none."""
MASK = "••••••••"
_URIS = ("uri", "direct-uri", "tls-uri", "tls-direct-uri")
_ORDER = ("type", "provider", "host", "port", "username", "password", "database", "authSource", *_URIS, "ca.crt")


def decode(encoded: dict[str, str]) -> dict[str, str]:
    """The Secret's entries as text, in the order in which people look for them."""
    try:
        found = {key: base64.b64decode(value).decode() for key, value in encoded.items()}
    except (binascii.Error, UnicodeDecodeError) as error:
        raise UnreadableError(f"the Secret holds an entry that is no text: {error}") from error
    rank = {key: number for number, key in enumerate(_ORDER)}
    return dict(sorted(found.items(), key=lambda item: (rank.get(item[0], len(rank)), item[0])))


def covered(found: Mapping[str, str]) -> dict[str, str]:
    """The entries with `MASK` where the password stands; one in which it is not seen may be a secret, and is covered whole."""
    password = found.get("password", "")
    return {key: value if key in PUBLIC else _cover(value, password) for key, value in found.items()}


def _cover(value: str, password: str) -> str:
    if not password:
        return MASK
    shown = value.replace(quote(password, safe=""), MASK).replace(password, MASK)
    return shown if shown != value else MASK


def choose_uri(found: dict[str, str], *, inside: bool) -> str:
    """`direct-uri` goes through the address and works from everywhere; `uri` needs the cluster's DNS."""
    preferred = ("uri", "direct-uri") if inside else ("direct-uri", "uri")
    chosen = next((found[key] for key in preferred if key in found), None)
    if chosen is None:
        raise UnreadableError("the Secret holds no URI")
    return chosen


def entry(found: dict[str, str], key: str) -> str:
    """One entry, as a file or a program wants it."""
    if key not in found:
        raise UnreadableError(f"the Secret has no entry '{key}'; there are: {', '.join(found) or 'none'}")
    return found[key].rstrip("\n")
