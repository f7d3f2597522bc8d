"""A real Alertmanager, on loopback."""

import itertools
import json
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from tests.monitoring import programs
from tests.ports import free_port

TOKEN = "token-of-alertmanager"
"""In file `token` beside its configuration."""


class Alertmanager:
    """On loopback."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/api/v2"
        self._numbers = itertools.count()

    def ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None

    def muted(self, **alerts: dict[str, str]) -> dict[str, bool]:
        """These fire, and nothing else; name → whether nobody is told of it. A name may end in `_` to be there twice."""
        labels = [{"alertname": name.rstrip("_"), **found} for name, found in alerts.items()]
        last = self._last()
        for fired in (labels, last):
            self.ask("/alerts", [{"labels": found, "startsAt": datetime.now(UTC).isoformat()} for found in fired])
        deadline = time.monotonic() + 30
        while len(by := self._fired()) < len(labels) + len(last) or not by[_key(last[-1])]:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        labels += last
        over = datetime.now(UTC).isoformat()
        self.ask("/alerts", [{"labels": gone, "startsAt": over, "endsAt": over} for gone in labels])
        while self.ask("/alerts?active=true&inhibited=true"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return {name: by[_key({"alertname": name.rstrip("_"), **found})] for name, found in alerts.items()}

    def _last(self) -> list[dict[str, str]]:
        """A cause and what it mutes. Alertmanager looks at one alert after the other who is muted by it, and a while after it has
        them: once these two are what they are to be, all that fired before them are."""
        of = {"namespace": "shop", "service": f"last-{next(self._numbers)}"}
        return [
            {"alertname": "MoorageServiceRed", **of},
            {"alertname": "MoorageDiskFull", **of, "pod": "last-g1-0", "scope": "member"},
        ]

    def _fired(self) -> dict[tuple[tuple[str, str], ...], bool]:
        """Whether each is muted, by its labels."""
        found = self.ask("/alerts?active=true&inhibited=true")
        return {_key(alert["labels"]): bool(alert["status"]["inhibitedBy"]) for alert in found}


@contextmanager
def running(config: dict[str, Any], token: str = TOKEN, authority: str = "") -> Iterator[Alertmanager]:
    """Files `token` and `ca.crt` lie beside its configuration.

    Its folder is inside the one that it takes for its root: Debian's finds its templates at a fixed place only."""
    port = free_port()
    with tempfile.TemporaryDirectory(dir=programs.root() / "tmp") as name:
        folder = Path(name)
        inside = Path("/") / folder.relative_to(programs.root())
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
        (folder / "token").write_text(token)
        (folder / "ca.crt").write_text(authority)
        command = [
            "chroot", str(programs.root()), "/usr/bin/prometheus-alertmanager", f"--config.file={inside / 'config.yaml'}",
            f"--storage.path={inside / 'data'}", f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
        ]  # fmt: skip
        log = folder / "log"
        with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
            try:
                yield _answering(Alertmanager(port), process, log)
            finally:
                process.terminate()


def _answering(found: Alertmanager, process: subprocess.Popen[bytes], log: Path) -> Alertmanager:
    deadline = time.monotonic() + 60
    while True:
        try:
            found.ask("/status")
        except (urllib.error.URLError, ConnectionError):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return found


def _key(labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))
