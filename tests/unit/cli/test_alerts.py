"""Alerts are asked of the console, as whoever owns the token."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from moorage.cli.errors import ExitCode
from tests.unit.cli.conftest import Moorage

ALERT = {
    "fingerprint": "3f2a", "name": "MoorageServiceRed", "severity": "critical", "space": "shop", "service": "orders", "store": "",
    "member": "", "began": "2026-11-06T18:30:05+00:00", "mutedBy": [], "silences": [],
    "texts": {"en": {"summary": "shop/orders cannot serve"}},
}  # fmt: skip
SILENCE = {
    "id": "s1", "who": "moorage:li", "reason": "the racks are moved", "isAcknowledgement": False, "silenced": [], "matchers": [],
    "began": "2026-11-06T18:30:05+00:00", "until": "2026-11-06T19:30:05+00:00", "space": "shop", "service": "orders", "alert": "",
}  # fmt: skip
PAST = {**ALERT, "ended": "2026-11-06T18:32:18+00:00", "tookSeconds": 133.0, "summary": {"en": "shop/orders cannot serve"}}
ANSWERS: dict[str, Any] = {
    "GET /api/v1/alerts": {"items": [ALERT], "openCount": 1},
    "GET /api/v1/silences": {"items": [SILENCE]},
    "GET /api/v1/alerts/history": {"items": [PAST], "more": 0, "meanSeconds": 133.0, "resolutionSeconds": 61, "days": 7},
    "POST /api/v1/silences": {"id": "s1", "until": "2026-11-06T19:30:05+00:00"},
    "POST /api/v1/alerts/3f2a/acknowledgement": {"id": "s2", "until": "2026-11-06T19:30:05+00:00"},
    "DELETE /api/v1/silences/s1": None,
}


class FakeConsole:
    """On the loopback; `asked`: what came, as `METHOD PATH?QUERY`, and its body."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                outer.asked.append((f"{self.command} {self.path}", json.loads(self.rfile.read(length)) if length else None))
                found = f"{self.command} {self.path.partition('?')[0]}"
                is_known = self.headers.get("Authorization") == "Bearer mrg_1"
                no = {"detail": "nobody is signed in, or the session is over; sign in again"}
                body = ANSWERS.get(found, {"detail": "there is no such alert"}) if is_known else no
                status = 401 if not is_known else 404 if found not in ANSWERS else 204 if body is None else 200
                text = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the library's names

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeConsole]:
    made = FakeConsole()
    monkeypatch.setenv("MOORAGE_CONSOLE", made.url)
    monkeypatch.setenv("MOORAGE_TOKEN", "mrg_1")
    yield made
    made.stop()


def test_the_list_says_what_fires_of_whom_and_what_to_do_next(moorage: Moorage, console: FakeConsole) -> None:
    ran = moorage("alerts", "orders", "-n", "shop")
    assert console.asked == [("GET /api/v1/alerts?space=shop&service=orders", None)]
    assert ran.out.splitlines()[0].split() == ["ID", "SEVERITY", "ABOUT", "SINCE", "STATE", "ALERT"]
    for word in ("3f2a", "critical", "shop/orders", "open", "cannot serve"):
        assert word in ran.out
    assert ran.err == "next: moorage alerts ack 3f2a --note TEXT\n"
    assert json.loads(moorage("alerts", "-o", "json").out) == [ALERT]


def test_history_has_the_time_to_recover(moorage: Moorage, console: FakeConsole) -> None:
    ran = moorage("alerts", "history", "--days", "14")
    assert console.asked == [("GET /api/v1/alerts/history?days=14", None)]
    assert "2 min 13 s" in ran.out
    assert "mean time to recover: 2 min 13 s, right to 61 s" in ran.err


def test_a_silence_has_a_reason_and_is_of_one_alert_or_one_service(moorage: Moorage, console: FakeConsole) -> None:
    ran = moorage("alerts", "silence", "--service", "orders", "-n", "shop", "--for", "4h", "--reason", "the racks are moved")
    said = {"seconds": 14_400, "reason": "the racks are moved", "space": "shop", "service": "orders"}
    assert console.asked[-1] == ("POST /api/v1/silences", said)
    assert "everything about shop/orders is silenced until" in ran.out
    moorage("alerts", "silence", "3f2a", "--reason", "x")
    assert console.asked[-1] == ("POST /api/v1/silences", {"seconds": 3600, "reason": "x", "alert": "3f2a"})
    count = len(console.asked)
    for words in (("--reason", "x"), ("3f2a", "--service", "orders", "--reason", "x"), ("3f2a",)):
        assert moorage("alerts", "silence", *words).code == ExitCode.USAGE
    assert len(console.asked) == count


def test_silences_name_who_made_them_and_can_be_ended(moorage: Moorage, console: FakeConsole) -> None:
    ran = moorage("alerts", "silenced")
    for word in ("s1", "moorage:li", "the racks are moved"):
        assert word in ran.out
    assert ran.err == "next: moorage alerts end s1\n"
    assert moorage("alerts", "end", "s1").out == "s1 is over\n"
    assert console.asked[-1] == ("DELETE /api/v1/silences/s1", None)


def test_an_acknowledgement_lasts_until_it_is_over(moorage: Moorage, console: FakeConsole) -> None:
    assert moorage("alerts", "ack", "3f2a", "--note", "I look").out == "3f2a is acknowledged until it is over (s2)\n"
    assert console.asked == [("POST /api/v1/alerts/3f2a/acknowledgement", {"note": "I look"})]


def test_what_the_console_refuses_is_its_own_sentence_with_an_exit_code(
    moorage: Moorage, console: FakeConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = moorage("alerts", "ack", "beef")
    assert (ran.code, ran.err.splitlines()[0]) == (ExitCode.NOT_FOUND, "error: there is no such alert")
    monkeypatch.setenv("MOORAGE_TOKEN", "another")
    assert moorage("alerts").code == ExitCode.FORBIDDEN
    assert "another" not in moorage("alerts").err


def test_who_named_no_console_or_no_token_is_told_how(moorage: Moorage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOORAGE_CONSOLE", raising=False)
    ran = moorage("alerts")
    assert ran.code == ExitCode.USAGE
    assert "export MOORAGE_CONSOLE=https://CONSOLE" in ran.err
    monkeypatch.setenv("MOORAGE_CONSOLE", "https://127.0.0.1:1")
    monkeypatch.delenv("MOORAGE_TOKEN", raising=False)
    assert "export MOORAGE_TOKEN=" in moorage("alerts").err
    monkeypatch.setenv("MOORAGE_TOKEN", "mrg_1")
    assert "does not answer" in moorage("alerts").err
