"""Takes out of what leaves the cluster what nobody else may read. Pure.

Two ways, because each misses something: values that are known to be secret, wherever they stand; and what looks like a secret.
Too much is taken out rather than too little.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from moorage.views.binding import PUBLIC

REDACTED = "[redacted]"
KNOWN_LENGTH_MIN = 8
"""A shorter value would take harmless words out; Moorage draws longer ones."""
_LINE_LENGTH_MIN = 16
"""Of a key in several lines each counts, but for a last short one."""

_Q = r"\\?[\"']"
_NAMES = r"passw(?:or)?d|pwd|passphrase|secret[_-]?(?:access)?[_-]?key|api[_-]?key|private[_-]?key|token|x-amz-signature"
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), kept)
    for pattern, kept in (
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", ""),
        (r"AGE-SECRET-KEY-1[0-9A-Z]+", ""),
        (r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+", ""),
        (rf"(?P<kept>\bauthorization(?:{_Q})?\s*[=:]\s*(?:{_Q})?)[^\"'\r\n]+", r"\g<kept>"),
        (r"(?P<kept>\bBearer\s+)[\w.~+/=-]+", r"\g<kept>"),
    )
)
_IN_URI = re.compile(r"(?P<kept>\b[a-z][a-z0-9+.-]*://[^\s:/@\"']*):[^\s@\"']+@", re.IGNORECASE)
_NAMED = re.compile(
    rf"(?P<name>(?:{_Q})?(?:\b|(?<=_))[\w.-]*(?:{_NAMES})[\w.-]*(?:{_Q})?\s*[=:]\s*)(?![\"']?\[redacted\])"
    rf"(?P<secret>\\?\"[^\"]*\"|'[^']*'|[^\s,;&}}\]]+)",
    re.IGNORECASE,
)
_NAMES_A_SECRET = re.compile(r"secret(?:[_-]?name)?$", re.IGNORECASE)
"""Fields that name a Secret and hold none."""
_SECRET_FIELD = re.compile(r"passw(?:or)?d|pwd$|passphrase|secret(?:access)?key|apikey|privatekey|token$", re.IGNORECASE)
_COPIES = ("kubectl.kubernetes.io/last-applied-configuration", "managedFields")
"""Fields that repeat the whole object, or its outline."""


def known_in(entries: Mapping[str, str]) -> set[str]:
    """The values of a Secret that must not leave, in every form in which they are written."""
    found = set()
    for key, value in entries.items():
        if key in PUBLIC:
            continue
        found |= {part for part in _parts(value) if len(part) >= KNOWN_LENGTH_MIN}
    return {form for value in found for form in (value, quote(value, safe=""), base64.b64encode(value.encode()).decode())}


def _parts(value: str) -> list[str]:
    lines = value.strip().splitlines()
    if len(lines) < 2:
        return [value.strip()]
    return [line.strip() for line in lines if len(line.strip()) >= _LINE_LENGTH_MIN and not line.startswith("-----")]


@dataclass(frozen=True)
class Redactor:
    """`known`: values that are taken out wherever they stand."""

    known: tuple[str, ...] = ()

    @classmethod
    def of(cls, known: Iterable[str]) -> "Redactor":
        return cls(tuple(sorted(set(known), key=len, reverse=True)))

    def text(self, found: str) -> str:
        """Of a log or a message."""
        for secret in self.known:
            found = found.replace(secret, REDACTED)
        for pattern, kept in _PATTERNS:
            found = pattern.sub(kept + REDACTED, found)
        found = _IN_URI.sub(rf"\g<kept>:{REDACTED}@", found)
        return _NAMED.sub(_without_value, found)

    def manifest(self, found: Any) -> Any:
        """Of an object of the API server: also the values that have the name of a secret, and copies of the whole."""
        if isinstance(found, Mapping):
            if "name" in found and "value" in found and _is_secret(str(found["name"]), found["value"]):
                return {**found, "value": REDACTED}
            kept = {key: value for key, value in found.items() if key not in _COPIES}
            return {key: REDACTED if _is_secret(key, value) else self.manifest(value) for key, value in kept.items()}
        if isinstance(found, list):
            return [self.manifest(one) for one in found]
        return self.text(found) if isinstance(found, str) else found


def _without_value(found: re.Match[str]) -> str:
    name = found["name"]
    return found[0] if _NAMES_A_SECRET.search(name.strip("\\ \t\"'=:")) else name + REDACTED


def _is_secret(key: str, value: Any) -> bool:
    name = key.replace("-", "").replace("_", "")
    return isinstance(value, str) and bool(value) and bool(_SECRET_FIELD.search(name)) and not _NAMES_A_SECRET.search(key)
