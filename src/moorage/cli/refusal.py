"""From the API server's refusal to the sentence that people read. Pure."""

from collections.abc import Mapping
from typing import Any

from moorage.cli.errors import CliError, ExitCode
from moorage.views.refusal import sentences

_CODES = {
    400: ExitCode.USAGE,
    401: ExitCode.FORBIDDEN,
    403: ExitCode.FORBIDDEN,
    404: ExitCode.NOT_FOUND,
    409: ExitCode.CONFLICT,
    422: ExitCode.USAGE,
}
_NOT_INSTALLED = "the API server does not know this resource: Moorage, or this version of it, is not installed in this cluster"


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
    return CliError("\n".join(sentences(status)) or message, code)


def not_installed() -> CliError:
    return CliError(
        _NOT_INSTALLED, ExitCode.NOT_FOUND, "helm upgrade --install moorage charts/moorage -n moorage-system --create-namespace"
    )
