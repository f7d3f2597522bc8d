"""Signing in at a provider: the code flow with PKCE, against one that holds to it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.server.console import API, Browser, Console
from tests.server.kubernetes import Kubernetes
from tests.server.provider import Provider

PEOPLE: dict[str, dict[str, object]] = {
    "li": {"email": "li@example.com", "email_verified": True, "groups": ["dba", "everybody"]},
    "mallory": {"email": "li@example.com", "email_verified": False},
    "nobody": {"name": "No Address"},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    server = Provider(PEOPLE)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def with_provider(kubernetes: Kubernetes, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    server = Console(kubernetes, tmp_path_factory.mktemp("oidc"))
    redirect_url = f"{server.url}{API}/oidc/callback"
    client_id, client_secret = provider.register(redirect_url)
    server.environment |= {
        "MOORAGE_OIDC_ISSUER": provider.url,
        "MOORAGE_OIDC_CLIENT_ID": client_id,
        "MOORAGE_OIDC_CLIENT_SECRET": client_secret,
        "MOORAGE_OIDC_REDIRECT_URL": redirect_url,
        "MOORAGE_OIDC_TITLE": "Example Company",
        "MOORAGE_OIDC_GROUPS": "dba",
    }
    try:
        server.start(sys.executable)
        yield server
    finally:
        server.stop()


def begin(browser: Browser) -> str:
    answer = browser.get("/oidc/sign-in")
    assert answer.status_code == 303, answer.text
    address: str = answer.headers["location"]
    return address


def come_back(browser: Browser, address: str) -> httpx2.Response:
    return browser.client.get(address)


def why(answer: httpx2.Response) -> str:
    """With which code the browser is sent to the page where people sign in; nothing else is told there."""
    assert (answer.status_code, answer.text) == (303, "")
    address = urlsplit(answer.headers["location"])
    assert (address.netloc, address.path) == ("", "/")
    (code,) = parse_qs(address.query, strict_parsing=True)["refused"]
    return code


def sign_in(console: Console, provider: Provider, person: str) -> tuple[Browser, httpx2.Response]:
    browser = console.browser()
    return browser, come_back(browser, provider.agree(begin(browser), person))


def test_who_signs_in_at_the_provider_is_that_person_with_the_groups_that_count(
    with_provider: Console, provider: Provider, kubernetes: Kubernetes
) -> None:
    assert with_provider.browser().get("/sign-in").json()["oidc"] == "Example Company"
    browser, answer = sign_in(with_provider, provider, "li")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    session = browser.get("/session").json()
    assert (session["user"], session["groups"], session["way"]) == ("oidc:li@example.com", ["oidc:dba"], "oidc")
    assert session["mustChangePassword"] is False
    kubernetes.space("of-provider")
    assert browser.get("/spaces").json()["items"] == []
    kubernetes.let("oidc:dba", "edit", "of-provider", kind="Group")
    browser.csrf = session["csrf"]
    made = browser.post("/services", {"engine": "mongodb", "name": "orders", "space": "of-provider"})
    assert made.status_code == 201, made.text


def test_a_persons_token_has_their_groups(with_provider: Console, provider: Provider) -> None:
    browser, _ = sign_in(with_provider, provider, "li")
    browser.csrf = browser.get("/session").json()["csrf"]
    secret = browser.post("/tokens", {"label": "ci", "days": 1}).json()["secret"]
    found = httpx2.get(f"{with_provider.url}{API}/session", headers={"Authorization": f"Bearer {secret}"}).json()
    assert (found["user"], found["groups"]) == ("oidc:li@example.com", ["oidc:dba"])


def test_a_code_is_of_no_use_to_another_browser(with_provider: Console, provider: Provider) -> None:
    victim, thief = with_provider.browser(), with_provider.browser()
    stolen = provider.agree(begin(victim), "li")
    assert why(come_back(thief, stolen)) == "sign-in-not-begun"
    own_state = parse_qs(urlsplit(begin(thief)).query)["state"][0]
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    refused = thief.get("/oidc/callback", state=own_state, code=code)
    assert why(refused) == "provider-not-believed"
    assert "does not take the code" in with_provider.log(), "PKCE: it never came to the token"
    assert thief.get("/session").status_code == 401


def test_a_code_serves_once(with_provider: Console, provider: Provider) -> None:
    browser = with_provider.browser()
    cookie = {"Cookie": ""}
    back = provider.agree(begin(browser), "li")
    cookie["Cookie"] = f"moorage-oidc={browser.client.cookies['moorage-oidc']}"
    assert come_back(browser, back).status_code == 303
    assert "moorage-oidc" not in browser.client.cookies
    assert why(httpx2.get(back, headers=cookie)) == "provider-not-believed"


@pytest.mark.parametrize("person", ["mallory", "nobody"])
def test_who_has_no_verified_address_is_nobody(with_provider: Console, provider: Provider, person: str) -> None:
    browser, answer = sign_in(with_provider, provider, person)
    assert why(answer) == "provider-names-nobody"
    assert browser.get("/session").status_code == 401


def test_a_refusal_at_the_provider_ends_where_people_sign_in_and_is_no_success_in_the_audit_list(
    with_provider: Console, admin: Browser
) -> None:
    browser = with_provider.browser()
    state = parse_qs(urlsplit(begin(browser)).query)["state"][0]
    refused = browser.get("/oidc/callback", state=state, error="access_denied", error_description="<b>no</b>")
    assert why(refused) == "provider-refused"
    assert refused.headers["cache-control"] == "no-store"
    (entry,) = (e for e in admin.get("/audit").json()["items"] if e["code"] == "provider-refused")
    assert (entry["action"], entry["status"], entry["params"]) == ("endOidc", 401, {"error": "access_denied"})
    assert why(browser.get("/oidc/callback", state="x" * 3_000, error="y" * 3_000)) == "sign-in-not-begun"


def test_a_sign_in_at_the_provider_is_in_the_audit_list(with_provider: Console, provider: Provider, admin: Browser) -> None:
    sign_in(with_provider, provider, "li")
    entries = admin.get("/audit", atMost=1000).json()["items"]
    assert any(e["who"] == "oidc:li@example.com" and e["action"] == "endOidc" and e["status"] == 303 for e in entries)


def test_a_provider_that_is_gone_takes_no_password_away(kubernetes: Kubernetes, tmp_path: Path) -> None:
    gone = Console(kubernetes, tmp_path)
    gone.environment |= {
        "MOORAGE_OIDC_ISSUER": "http://127.0.0.1:9",
        "MOORAGE_OIDC_CLIENT_ID": "console",
        "MOORAGE_OIDC_REDIRECT_URL": f"{gone.url}{API}/oidc/callback",
    }
    try:
        gone.start(sys.executable)
        assert why(gone.browser().get("/oidc/sign-in")) == "provider-unreachable"
        assert gone.browser().sign_in("nobody", "wrong").status_code == 401
    finally:
        gone.stop()


def test_without_a_provider_there_is_no_way_to_one(console: Console) -> None:
    assert console.browser().get("/sign-in").json()["oidc"] is None
    assert why(console.browser().get("/oidc/sign-in")) == "provider-unset"
