"""The CLI's door to the console: the only module that talks to it. Alerts and silences are there alone, with the person's rights.

Who asks says an API token of the console (Accounts → API tokens): what its owner may do, and no more.
"""

import os
import ssl
from collections.abc import Mapping
from typing import Any

import httpx2

from moorage.cli.errors import CliError, ExitCode

TIMEOUT_SECONDS = 20.0
URL, TOKEN, AUTHORITY = "MOORAGE_CONSOLE", "MOORAGE_TOKEN", "MOORAGE_CONSOLE_CA"
_CODES = {401: ExitCode.FORBIDDEN, 403: ExitCode.FORBIDDEN, 404: ExitCode.NOT_FOUND, 409: ExitCode.CONFLICT, 422: ExitCode.USAGE}
_MISSING = {
    URL: f"export {URL}=https://CONSOLE    (kubectl -n moorage-system get service moorage-console)",
    TOKEN: f"export {TOKEN}=…    (made in the console: Account centre, API tokens)",
}


def ask(method: str, path: str, *, query: Mapping[str, Any] | None = None, body: Any = None) -> Any:
    """What the console answered; None when that is nothing. Raises CliError with its own sentence."""
    url, token = _given(URL).rstrip("/"), _given(TOKEN)
    found = {key: value for key, value in (query or {}).items() if value is not None}
    try:
        with httpx2.Client(verify=_trust(), timeout=TIMEOUT_SECONDS, headers={"Authorization": f"Bearer {token}"}) as client:
            answer = client.request(method, f"{url}/api/v1{path}", params=found, json=body)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        hint = f"export {AUTHORITY}=FILE    (ca.crt of the Secret moorage-console-ca)" if "CERTIFICATE" in str(error) else ""
        raise CliError(f"the console at {url} does not answer: {error}", ExitCode.ERROR, hint) from error
    if answer.status_code >= 300:
        raise CliError(_why(answer), _CODES.get(answer.status_code, ExitCode.ERROR))
    return answer.json() if answer.content else None


def _given(name: str) -> str:
    found = os.environ.get(name, "").strip()
    if not found:
        raise CliError(f"{name} is not set: alerts are asked of the console", ExitCode.USAGE, _MISSING[name])
    return found


def _trust() -> ssl.SSLContext:
    file = os.environ.get(AUTHORITY)
    try:
        return ssl.create_default_context(cafile=file or None)
    except (OSError, ssl.SSLError) as error:
        raise CliError(f"{AUTHORITY}: '{file}' holds no certificate: {error}", ExitCode.USAGE) from error


def _why(answer: httpx2.Response) -> str:
    try:
        said = answer.json()
        return str(said["detail"])
    except (ValueError, KeyError, TypeError):
        return f"what answers is no console of Moorage: HTTP {answer.status_code}"
