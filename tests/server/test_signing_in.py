"""Who gets in, how long, and who does not."""

from collections.abc import Callable

import httpx2

from tests.server.console import API, CSRF, Browser, Console
from tests.server.kubernetes import CONSOLE_NAMESPACE, Kubernetes
from tests.server.people import PASSWORD, Someone

MakePerson = Callable[..., Someone]


def test_a_console_that_is_ready_says_so_and_nobody_gets_in_unasked(console: Console) -> None:
    assert httpx2.get(f"{console.url}/healthz").text == "ok"
    for path in ("/services", "/overview", "/accounts", "/audit", "/stream", "/hosts", "/catalog"):
        refused = console.browser().get(path)
        assert (refused.status_code, refused.json()["code"]) == (401, "sign-in-needed"), path
        assert refused.headers["content-type"] == "application/problem+json"


def test_the_first_password_opens_nothing_until_it_is_changed(console: Console, admin: Browser) -> None:
    made = admin.post("/accounts", {"name": "wang"}).json()
    browser = console.browser()
    signed_in = browser.sign_in("wang", made["password"])
    assert signed_in.json()["mustChangePassword"] is True
    refused = browser.get("/services")
    assert (refused.status_code, refused.json()["code"]) == (403, "password-must-change")
    same = browser.put("/session/password", {"old": made["password"], "new": made["password"]})
    assert (same.status_code, same.json()["code"]) == (422, "password-refused")
    assert browser.put("/session/password", {"old": "not it, surely", "new": PASSWORD}).status_code == 403
    assert browser.put("/session/password", {"old": made["password"], "new": PASSWORD}).status_code == 204
    assert browser.get("/services").status_code == 200
    assert console.browser().sign_in("wang", made["password"]).status_code == 401


def test_the_first_accounts_password_is_kept_nowhere_once_it_is_changed(kubernetes: Kubernetes, admin: Browser) -> None:
    assert admin.get("/session").json()["groups"] == ["moorage:admins"]
    assert kubernetes.get("Secret", "moorage-first-password", CONSOLE_NAMESPACE) is None


def test_the_cookie_is_for_the_server_alone_and_its_secret_is_kept_nowhere(
    console: Console, kubernetes: Kubernetes, someone: MakePerson
) -> None:
    person = someone()
    cookie = console.browser().sign_in(person.name, PASSWORD).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    secret = person.browser.client.cookies["moorage-session"]
    kept = str(kubernetes.list("Secret", CONSOLE_NAMESPACE))
    assert secret not in kept
    assert PASSWORD not in console.log()
    assert secret not in console.log()


def test_guessing_is_slowed_down_also_for_an_account_that_does_not_exist(console: Console) -> None:
    browser = console.browser()
    answers = [browser.sign_in("nobody-at-all", f"wrong {n}") for n in range(7)]
    codes = [a.status_code for a in answers]
    assert codes[:5] == [401] * 5
    assert codes[-1] == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_a_change_without_the_sessions_own_token_is_refused(someone: MakePerson, admin: Browser) -> None:
    browser = someone().browser
    without = browser.client.delete(f"{API}/session")
    assert (without.status_code, without.json()["code"]) == (403, "cross-site")
    another = browser.client.delete(f"{API}/session", headers={CSRF: admin.csrf})
    assert another.status_code == 403
    assert browser.get("/session").status_code == 200


def test_another_sites_page_can_neither_sign_in_nor_change(console: Console, someone: MakePerson) -> None:
    person = someone()
    foreign = {"Origin": "https://evil.example", CSRF: person.browser.csrf}
    assert person.browser.client.delete(f"{API}/session", headers=foreign).json()["code"] == "cross-site"
    body = {"name": person.name, "password": PASSWORD}
    signed_in = httpx2.post(f"{console.url}{API}/session", json=body, headers={"Sec-Fetch-Site": "cross-site"})
    assert signed_in.json()["code"] == "cross-site"


def test_a_session_that_was_signed_out_is_over(someone: MakePerson) -> None:
    browser = someone().browser
    cookie = browser.client.cookies["moorage-session"]
    assert browser.delete("/session").status_code == 204
    stolen = httpx2.get(f"{browser.client.base_url}{API}/session", headers={"Cookie": f"moorage-session={cookie}"})
    assert stolen.status_code == 401


def test_a_person_ends_another_browser_of_theirs_and_nobody_elses(console: Console, someone: MakePerson) -> None:
    person, other = someone(), someone()
    second = console.browser()
    second.sign_in(person.name, PASSWORD)
    (row,) = [row for row in second.get("/sessions").json() if row["isThis"]]
    assert other.browser.delete(f"/sessions/{row['id']}").status_code == 404
    assert second.get("/session").status_code == 200
    assert person.browser.delete(f"/sessions/{row['id']}").status_code == 204
    assert second.get("/session").status_code == 401
    assert person.browser.get("/session").status_code == 200


def test_a_changed_password_ends_the_other_sessions(console: Console, someone: MakePerson) -> None:
    person = someone()
    second = console.browser()
    second.sign_in(person.name, PASSWORD)
    assert person.browser.put("/session/password", {"old": PASSWORD, "new": "another good one 7"}).status_code == 204
    assert second.get("/session").status_code == 401
    assert person.browser.get("/session").status_code == 200


def test_a_disabled_account_is_out_at_once_tokens_among_it(console: Console, admin: Browser, someone: MakePerson) -> None:
    person = someone()
    secret = person.browser.post("/tokens", {"label": "backup job", "days": 1}).json()["secret"]
    bearer = {"Authorization": f"Bearer {secret}"}
    assert httpx2.get(f"{console.url}{API}/services", headers=bearer).status_code == 200
    assert admin.patch(f"/accounts/{person.name}", {"isDisabled": True}).status_code == 200
    assert httpx2.get(f"{console.url}{API}/services", headers=bearer).status_code == 401
    assert person.browser.get("/session").status_code == 401
    assert console.browser().sign_in(person.name, PASSWORD).status_code == 401


def test_a_token_changes_without_csrf_makes_no_token_and_is_no_cookie(console: Console, someone: MakePerson) -> None:
    person = someone()
    secret = person.browser.post("/tokens", {"label": "ci", "days": 1}).json()["secret"]
    bearer = {"Authorization": f"Bearer {secret}"}
    made = httpx2.post(f"{console.url}{API}/tokens", json={"label": "x", "days": 1}, headers=bearer)
    assert (made.status_code, made.json()["code"]) == (403, "forbidden")
    as_cookie = httpx2.get(f"{console.url}{API}/services", headers={"Cookie": f"moorage-session={secret}"})
    assert as_cookie.status_code == 401


def test_who_did_what_is_kept_also_what_was_refused_and_never_a_password(admin: Browser, someone: MakePerson) -> None:
    person = someone()
    person.browser.post("/accounts", {"name": "mallory"})
    entries = admin.get("/audit", atMost=1000).json()["items"]
    refused = next(e for e in entries if e["who"] == person.user and e["action"] == "createAccount")
    assert (refused["status"], refused["code"], refused["address"]) == (403, "forbidden", "127.0.0.1")
    assert refused["made"] == "account/mallory", "which it was to be"
    assert any(e["who"] == person.user and e["action"] == "changePassword" and e["status"] == 204 for e in entries)
    assert PASSWORD not in str(entries)
    assert person.browser.get("/audit").status_code == 403


def test_an_answer_loads_nothing_from_elsewhere_and_a_body_of_two_mebibytes_is_refused(console: Console) -> None:
    browser = console.browser()
    answer = browser.get("/sign-in")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    large = browser.post("/session", {"name": "x", "password": "y" * 2_097_152})
    assert (large.status_code, large.json()["code"]) == (413, "too-large")
