"""From the API server's refusal to the sentence that people read. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from moorage.cli.errors import CliError, ExitCode

_CODES = {
    400: ExitCode.USAGE,
    401: ExitCode.FORBIDDEN,
    403: ExitCode.FORBIDDEN,
    404: ExitCode.NOT_FOUND,
    409: ExitCode.CONFLICT,
    422: ExitCode.USAGE,
}
_NOT_INSTALLED = "the API server does not know this resource: Moorage, or this version of it, is not installed in this cluster"
_NOISE = re.compile(r"^(Invalid value: (\"(object|string)\"|\{.*?\}): )")
"""The server puts the schema's type where a value belongs; our sentence names the value itself."""
_BOUND = re.compile(r"^Invalid value: (?P<value>.+?): \S+ in body should be (?P<allowed>.+)$")
_DNS_RULE = "RFC 1123"
"""Kubernetes' own rule for names, told by its regular expression; ours says the same for people."""


def from_status(status: Mapping[str, Any]) -> CliError:
    """`status`: the `Status` object that the server answered with."""
    http_code = int(status.get("code") or 0)
    code = _CODES.get(http_code, ExitCode.ERROR)
    message = str(status.get("message") or f"the API server answered with HTTP {http_code}")
    if http_code == 401:
        return CliError("the API server does not know you: the login is missing or has expired", code, "kubectl auth whoami")
    if http_code == 404 and ("could not find the requested resource" in message or "page not found" in message):
        return not_installed()
    if http_code == 404 and message.startswith("namespaces "):
        name = message.partition('"')[2].partition('"')[0]
        return CliError(message, code, f"kubectl create namespace {name}")
    return CliError("\n".join(_sentences(status)) or message, code)


def not_installed() -> CliError:
    return CliError(
        _NOT_INSTALLED, ExitCode.NOT_FOUND, "helm upgrade --install moorage charts/moorage -n moorage-system --create-namespace"
    )


def _sentences(status: Mapping[str, Any]) -> list[str]:
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
