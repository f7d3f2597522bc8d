"""Takes out of a text what nobody else may read. Pure. Secrets are never fetched; this is for what slipped into a log."""

import re
from typing import Any

REDACTED = "[redacted]"
_IN_URI = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://[^\s:/@]+):(?P<secret>[^\s@]+)@")
_NAMED = re.compile(
    r"(?P<name>[\"']?\b[\w.-]*(?:password|passwd|secret[_-]?(?:access)?[_-]?key|token|identity|keyfile)[\w.-]*[\"']?\s*[=:]\s*)"
    r"(?P<secret>\"[^\"]*\"|'[^']*'|[^\s,;}\]]+)",
    re.IGNORECASE,
)
_AGE = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]+")
_BEARER = re.compile(r"(?P<name>\bBearer\s+)[\w.~+/=-]+", re.IGNORECASE)
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_TELLING = re.compile(r"secret(name)?$|secret_?name$|identitysecret$|credentialssecret$|casecret$", re.IGNORECASE)
"""Fields that name a Secret and hold none."""


def text(found: str) -> str:
    """Of a log or a message."""
    found = _IN_URI.sub(rf"\g<scheme>:{REDACTED}@", found)
    found = _AGE.sub(REDACTED, found)
    found = _BEARER.sub(rf"\g<name>{REDACTED}", found)
    return _NAMED.sub(lambda m: m["name"] + REDACTED if not _names_a_secret(m["name"]) else m[0], found)


def _names_a_secret(name: str) -> bool:
    return bool(_TELLING.search(name.strip(" \t\"'=:")))


def manifest(found: Any) -> Any:
    """Of an object of the API server: the values that have the name of a secret, and copies of the whole in annotations."""
    if isinstance(found, dict):
        if "name" in found and "value" in found and _sounds_secret(str(found["name"])):
            return {**found, "value": REDACTED}
        kept = {key: value for key, value in found.items() if key not in (_LAST_APPLIED, "managedFields")}
        return {key: REDACTED if _is_secret(key, value) else manifest(value) for key, value in kept.items()}
    if isinstance(found, list):
        return [manifest(one) for one in found]
    return text(found) if isinstance(found, str) else found


def _is_secret(key: str, value: Any) -> bool:
    return isinstance(value, str) and bool(value) and _sounds_secret(key) and not _TELLING.search(key)


def _sounds_secret(name: str) -> bool:
    return bool(
        re.search(
            r"password|passwd|secretaccesskey|token$|private_?key|keyfile$", name.replace("-", "").replace("_", ""), re.IGNORECASE
        )
    )
