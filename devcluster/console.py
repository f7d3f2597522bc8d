"""The console of the cluster: where it is, whether it answers there, and its administrator's first password."""

import base64
import http.client
import ssl

from devcluster.install import NAMESPACE
from devcluster.kube import ApiError, Client, Json
from devcluster.shell import CommandError
from devcluster.wait import until

NAME = "moorage-console"
FIRST_PASSWORD = "moorage-first-password"  # noqa: S105 - a Secret's name
SECONDS = 120
"""It looks once a minute whether its certificate names the address that it was given."""


def address() -> str:
    """Its load-balancer address. Raises CommandError while it has none."""
    service = Client().get(f"/api/v1/namespaces/{NAMESPACE}/services/{NAME}")
    ingress = service["status"].get("loadBalancer", {}).get("ingress") or []
    if not ingress:
        raise CommandError("the console has no address yet")
    return str(ingress[0]["ip"])


def wait_ready() -> None:
    """Until its page comes from its address with a certificate that names it."""

    def answers() -> bool:
        authority = _values(_secret(f"{NAME}-ca") or {}).get("ca.crt", "")
        if not authority:
            raise CommandError("the console has drawn no authority yet")
        connection = http.client.HTTPSConnection(address(), timeout=3, context=ssl.create_default_context(cadata=authority))
        try:
            connection.request("GET", "/")
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != 200:
            raise CommandError(f"it answers {status}")
        return True

    until("the console to show its page", answers, SECONDS)


def first_password() -> str:
    """Raises CommandError once it was changed."""
    secret = _secret(FIRST_PASSWORD)
    if secret is None:
        raise CommandError("the console's first password was changed, and since then it is kept nowhere")
    return _values(secret)["password"]


def summary() -> tuple[str, str]:
    """What a person needs to get in: the address, and how to have the password."""
    password = "python3 -m devcluster password" if _secret(FIRST_PASSWORD) else "the one that it was changed to"
    return f"https://{address()}, with a certificate of its own", f"as admin; password: {password}"


def _secret(name: str) -> Json | None:
    try:
        return Client().get(f"/api/v1/namespaces/{NAMESPACE}/secrets/{name}")
    except ApiError as error:
        if error.status == 404:
            return None
        raise


def _values(secret: Json) -> dict[str, str]:
    return {key: base64.b64decode(text).decode() for key, text in (secret.get("data") or {}).items()}
