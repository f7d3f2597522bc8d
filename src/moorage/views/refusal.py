"""The sentences in an API server's refusal, as people read them. Pure."""

import re
from collections.abc import Mapping
from typing import Any

_NOISE = re.compile(r"^(Invalid value: (\"(object|string)\"|\{.*?\}): )")
"""The server puts the schema's type where a value belongs; our sentence names the value itself."""
_BOUND = re.compile(r"^Invalid value: (?P<value>.+?): \S+ in body should be (?P<allowed>.+)$")
_DNS_RULE = "RFC 1123"
"""Kubernetes' own rule for names, told by its regular expression; ours says the same for people."""


def sentences(status: Mapping[str, Any]) -> list[str]:
    """One line per cause: `field: sentence`. Empty when the server names no causes."""
    if status.get("reason") != "Invalid":
        return []
    causes = (status.get("details") or {}).get("causes") or []
    lines = dict.fromkeys(_sentence(str(c.get("field") or ""), str(c.get("message") or "")) for c in causes if c.get("message"))
    told = [line for line in lines if "some validation rules were not checked" not in line]
    ours = [line for line in told if _DNS_RULE not in line]
    return ours if any(line.startswith("metadata.name '") for line in ours) else told


def _sentence(field: str, message: str) -> str:
    text = _BOUND.sub(r"\g<value> is not possible; allowed: \g<allowed>", _NOISE.sub("", message))
    return f"{field}: {text}" if field and field != "<nil>" else text
