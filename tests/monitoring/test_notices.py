"""What a real Alertmanager sends is understood, goes to whom it should, and comes again until it was accepted."""

import json
import queue
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from moorage.monitoring.alerts import alerts
from moorage.monitoring.routes import NOBODY, PEOPLE, config
from moorage.monitoring.rules import inhibit_rules
from moorage.monitoring.telling.message import Language, Places, Teller
from moorage.monitoring.telling.notice import Notice, read
from tests.monitoring import programs
from tests.monitoring.alertmanager import TOKEN, Alertmanager, running

SECONDS_MAX = 120.0
TELLER = Teller(Language.EN, ZoneInfo("UTC"), Places(), {a.name: a for a in alerts()})


class Relay:
    """Notes what comes, and says `busy` as often as it is told to."""

    def __init__(self) -> None:
        self.notices: queue.Queue[Notice] = queue.Queue()
        self.refusals = 0
        self.refused = 0
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(relay.answer(given, self.headers.get("Authorization", "")))
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, given: Any, authorization: str) -> int:
        if authorization != f"Bearer {TOKEN}":
            return 401
        if self.refused < self.refusals:
            self.refused += 1
            return 503
        self.notices.put(read(given))
        return 200


@pytest.fixture
def relay() -> Iterator[Relay]:
    made = Relay()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def alertmanager(relay: Relay) -> Iterator[Alertmanager]:
    made = config(f"http://127.0.0.1:{relay.server.server_address[1]}/", "token")
    for route in made["route"]["routes"]:
        route.update(group_wait="1s", group_interval="1s")
    with running(made) as found:
        yield found


def red(**more: Any) -> dict[str, Any]:
    labels = {
        "alertname": "MoorageServiceRed",
        "namespace": "shop",
        "service": "orders",
        "scope": "service",
        "severity": "critical",
    }
    began = (datetime.now(UTC) - timedelta(seconds=133)).isoformat()
    return {"labels": labels, "annotations": {"summary": "s", "why": "there is no primary"}, "startsAt": began, **more}


def test_a_red_service_is_told_and_so_is_its_end(alertmanager: Alertmanager, relay: Relay) -> None:
    relay.refusals = 2
    alert = red()
    alertmanager.ask("/alerts", [alert])
    began = relay.notices.get(timeout=SECONDS_MAX)
    assert relay.refused == 2, "what was not accepted came again"
    assert TELLER.message(began).title == "[Alerting] 🔴 shop/orders cannot serve"
    assert "there is no primary" in str(TELLER.message(began).lines)
    alertmanager.ask("/alerts", [{**alert, "endsAt": datetime.now(UTC).isoformat()}])
    ended = relay.notices.get(timeout=SECONDS_MAX)
    title = TELLER.message(ended).title
    assert title.startswith("[OK] 🟢 shop/orders recovered after 2m")
    assert ended.key == began.key


def test_alertmanager_takes_the_configuration(tmp_path: Path) -> None:
    assert f"{len(inhibit_rules())} inhibit rules" in programs.run("amtool", "check-config", _written(tmp_path))


@pytest.mark.parametrize(("severity", "who"), [("critical", PEOPLE), ("warning", PEOPLE), ("info", NOBODY), ("none", NOBODY)])
def test_people_are_told_of_what_they_must_act_on_and_of_nothing_else(severity: str, who: str, tmp_path: Path) -> None:
    words = (
        "config",
        "routes",
        "test",
        f"--config.file={_written(tmp_path)}",
        f"--verify.receivers={who}",
        f"severity={severity}",
    )
    assert programs.run("amtool", *words).startswith(who)


def _written(folder: Path) -> Path:
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(config("http://relay/", "token")))
    return path
