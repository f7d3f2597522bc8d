"""The console's own certificate, as a browser sees it."""

import base64
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from moorage.core import names
from tests.server.console import API, Console
from tests.server.kubernetes import CONSOLE_NAMESPACE, CONSOLE_USER, Kubernetes
from tests.server.people import PASSWORD, Someone

MakePerson = Callable[..., Someone]
ADDRESS = "127.0.0.9"
"""As a load balancer's: it is in no certificate unless the Service says so."""
OWN = {"MOORAGE_TLS_OWN": CONSOLE_USER, "MOORAGE_TLS_NAMES": "console.example.com", "MOORAGE_INSECURE_COOKIES": "no"}


@pytest.fixture(scope="module")
def encrypted(kubernetes: Kubernetes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    status = {"status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}}
    kubernetes.merge("Service", CONSOLE_USER, CONSOLE_NAMESPACE, status, "/status")
    server = Console(kubernetes, tmp_path_factory.mktemp("encrypted"), {**OWN, "MOORAGE_HOST": ""})
    server.url = server.url.replace("http:", "https:")
    try:
        server.start(sys.executable)
        yield server
    finally:
        server.stop()


def trusting(kubernetes: Kubernetes) -> ssl.SSLContext:
    """A client that trusts the authority in the console's Secret, and nobody else."""
    return ssl.create_default_context(cadata=values(kubernetes, names.authority_secret(CONSOLE_USER))["ca.crt"])


def values(kubernetes: Kubernetes, secret: str) -> dict[str, str]:
    found = kubernetes.get("Secret", secret, CONSOLE_NAMESPACE)
    assert found is not None
    return {key: base64.b64decode(text).decode() for key, text in found["data"].items()}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", ADDRESS])
def test_who_trusts_the_consoles_authority_reaches_it_by_each_of_its_addresses(
    encrypted: Console, kubernetes: Kubernetes, host: str
) -> None:
    url = encrypted.url.replace("127.0.0.1", host)
    answer = httpx2.get(f"{url}{API}/sign-in", verify=trusting(kubernetes))
    assert answer.status_code == 200
    assert "max-age" in answer.headers["strict-transport-security"]
    with pytest.raises(httpx2.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx2.get(f"{url}{API}/sign-in", verify=ssl.create_default_context())


def test_a_cookie_of_an_encrypted_console_is_of_this_host_and_of_https_alone(
    encrypted: Console, kubernetes: Kubernetes, someone: MakePerson
) -> None:
    browser = httpx2.Client(base_url=encrypted.url, verify=trusting(kubernetes))
    signed_in = browser.post(f"{API}/session", json={"name": someone().name, "password": PASSWORD})
    assert signed_in.headers["set-cookie"].startswith("__Host-moorage-session=")
    assert "Secure" in signed_in.headers["set-cookie"]


def test_a_second_replica_shows_the_same_certificate(encrypted: Console, kubernetes: Kubernetes, tmp_path: Path) -> None:
    del encrypted
    before = values(kubernetes, names.certificate_secret(CONSOLE_USER))
    other = Console(kubernetes, tmp_path, OWN)
    other.url = other.url.replace("http:", "https:")
    try:
        other.start(sys.executable)
        assert httpx2.get(f"{other.url}/healthz", verify=trusting(kubernetes)).text == "ok"
    finally:
        other.stop()
    assert values(kubernetes, names.certificate_secret(CONSOLE_USER)) == before


def test_a_certificate_of_somebody_else_is_used_as_it_is_and_waited_for(kubernetes: Kubernetes, tmp_path: Path) -> None:
    """As cert-manager makes it, some time after the console was installed."""
    other = Console(kubernetes, tmp_path, {"MOORAGE_TLS_SECRET": "from-elsewhere"})
    other.url = other.url.replace("http:", "https:")
    program = other.launch(sys.executable)
    try:
        program.until("word of the missing Secret", lambda: "there is no Secret moorage-system/from-elsewhere" in other.log())
        kubernetes.create(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "from-elsewhere", "namespace": CONSOLE_NAMESPACE},
                "type": "kubernetes.io/tls",
                "stringData": {f"tls.{end}": (kubernetes.folder / f"server.{end}").read_text() for end in ("crt", "key")},
            }
        )
        program.until("ready console", other.is_ready)
        trusted = ssl.create_default_context(cafile=str(kubernetes.folder / "ca.crt"))
        assert httpx2.get(f"{other.url}/healthz", verify=trusted).text == "ok"
    finally:
        other.stop()
