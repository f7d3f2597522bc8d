"""A real Alertmanager and a real Prometheus behind the console's gate, and what fires there."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import yaml

from moorage.core.names import certificate_secret
from moorage.monitoring import routes
from moorage.server.part_secrets import token_secret
from tests.monitoring.alertmanager import Alertmanager, running
from tests.monitoring.programs import root
from tests.ports import free_port
from tests.server.console import Console
from tests.server.kubernetes import CONSOLE_NAMESPACE, MONITORING_USER
from tests.server.processes import Program

PAGE_SECONDS = 1


class Watched:
    """`alertmanager` is asked past the gate; `url` is the gate."""

    def __init__(self, alertmanager: Alertmanager, url: str, prometheus: str) -> None:
        self.alertmanager, self.url, self.prometheus = alertmanager, url, prometheus

    def fire(self, *alerts: dict[str, str]) -> None:
        """With these labels, until they are told to be over."""
        self._tell(alerts, is_over=False)

    def end(self, *alerts: dict[str, str]) -> None:
        self._tell(alerts, is_over=True)

    def _tell(self, alerts: Sequence[dict[str, str]], *, is_over: bool) -> None:
        now = datetime.now(UTC).isoformat()
        more = {"endsAt": now} if is_over else {}
        self.alertmanager.ask("/alerts", [{"labels": labels, "startsAt": now, **more} for labels in alerts])

    def ask(self, path: str, token: str) -> httpx2.Response:
        """The gate, as whoever has a way to it and trusts whatever it shows."""
        return httpx2.get(
            f"{self.url}{path}", headers={"Authorization": f"Bearer {token}"} if token else {}, verify=False, timeout=20
        )


def series(prometheus: str, query: str) -> list[Any]:
    found: list[Any] = httpx2.get(f"{prometheus}/api/v1/query", params={"query": query}, timeout=20).json()["data"]["result"]
    return found


@contextmanager
def watched(console: Console, folder: Path, rules: list[dict[str, Any]]) -> Iterator[Watched]:
    """`rules`: of the Prometheus, which judges them each second and scrapes nobody but itself."""
    console.mount(MONITORING_USER, "monitoring")
    programs: list[Program] = []
    with running(routes.config("http://127.0.0.1:1/notices", "token")) as alertmanager:
        try:
            prometheus = _prometheus(folder, rules, programs)
            gate = _gate(console, folder, prometheus, alertmanager, programs)
            yield Watched(alertmanager, gate, prometheus)
        finally:
            for program in reversed(programs):
                program.stop()


def _prometheus(folder: Path, rules: list[dict[str, Any]], programs: list[Program]) -> str:
    each = f"{PAGE_SECONDS}s"
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "x", "interval": each, "rules": rules}]}))
    url = f"127.0.0.1:{free_port()}"
    itself = [{"job_name": "itself", "static_configs": [{"targets": [url]}]}]
    config = {"global": {"scrape_interval": each}, "rule_files": ["rules.yaml"], "scrape_configs": itself}
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config))
    binary = root() / "usr/bin/prometheus"
    loader: list[str | Path] = [root() / "usr/lib64/ld-linux-x86-64.so.2", "--library-path", root() / "usr/lib/x86_64-linux-gnu"]
    words: tuple[str | Path, ...] = (
        *loader,
        binary,
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={folder / 'series'}",
        f"--web.listen-address={url}",
    )
    program = Program(words, folder / "prometheus.log")
    programs.append(program)
    program.until("Prometheus that answers", lambda: _answers(f"http://{url}/-/ready"))
    return f"http://{url}"


def _gate(console: Console, folder: Path, prometheus: str, alertmanager: Alertmanager, programs: list[Program]) -> str:
    """With what the console drew for it, as Kubernetes mounts it."""
    for name, place in ((certificate_secret(MONITORING_USER), "tls"), (token_secret(MONITORING_USER), "token")):
        (folder / place).mkdir()
        for entry, text in console.kubernetes.values(name, CONSOLE_NAMESPACE).items():
            (folder / place / entry).write_text(text)
    environment = {
        "MOORAGE_HOST": "127.0.0.1",
        "MOORAGE_PORT": str(console.gate_port),
        "MOORAGE_GATE_TLS": str(folder / "tls"),
        "MOORAGE_GATE_TOKEN": str(folder / "token/token"),
        "MOORAGE_GATE_PROMETHEUS": prometheus,
        "MOORAGE_GATE_ALERTMANAGER": alertmanager.url.removesuffix("/api/v2"),
    }
    program = Program((sys.executable, "-m", "moorage.server.gate"), folder / "gate.log", environment)
    programs.append(program)
    url = f"https://127.0.0.1:{console.gate_port}"
    program.until("gate that answers", lambda: _answers(f"{url}/healthz"))
    return url


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5, verify=False).status_code == 200
    except httpx2.HTTPError:
        return False
