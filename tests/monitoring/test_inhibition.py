"""A real Alertmanager mutes what follows from a cause that is told already, and nothing else."""

import json
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from moorage.monitoring.rules import inhibit_rules
from tests.monitoring import programs
from tests.ports import free_port

SERVICE = {"namespace": "shop", "service": "orders", "scope": "service"}
MEMBER = {"namespace": "shop", "service": "orders", "pod": "orders-g1-0", "scope": "member"}
OTHER = {"service": "others"}


@pytest.fixture(scope="module")
def config() -> Iterator[Path]:
    """Inside the folder that Alertmanager takes for its root: Debian's finds its templates at a fixed place only."""
    with tempfile.TemporaryDirectory(dir=programs.root() / "tmp") as folder:
        path = Path(folder) / "config.yaml"
        route = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}
        path.write_text(yaml.safe_dump({**route, "inhibit_rules": inhibit_rules()}))
        yield path


def test_alertmanager_takes_the_rules(config: Path) -> None:
    assert f"{len(inhibit_rules())} inhibit rules" in programs.run("amtool", "check-config", config)


class Alertmanager:
    """On loopback."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/api/v2"

    def ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            text = answer.read()
        return json.loads(text) if text else None

    def muted(self, **alerts: dict[str, str]) -> dict[str, bool]:
        """These fire, and nothing else; name → whether nobody is told of it. A name may end in `_` to be there twice."""
        labels = [{"alertname": name.rstrip("_"), **found} for name, found in alerts.items()]
        self.ask("/alerts", [{"labels": found, "startsAt": datetime.now(UTC).isoformat()} for found in labels])
        deadline = time.monotonic() + 30
        while len(found := self.ask("/alerts?active=true&inhibited=true")) < len(labels):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        by = {tuple(sorted(alert["labels"].items())): bool(alert["status"]["inhibitedBy"]) for alert in found}
        over = datetime.now(UTC).isoformat()
        self.ask("/alerts", [{"labels": gone, "startsAt": over, "endsAt": over} for gone in labels])
        while self.ask("/alerts?active=true&inhibited=true"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        return {name: by[tuple(sorted(told.items()))] for name, told in zip(alerts, labels, strict=True)}


@pytest.fixture(scope="module")
def alertmanager(config: Path) -> Iterator[Alertmanager]:
    port, inside = free_port(), Path("/") / config.parent.relative_to(programs.root())
    command = [
        "chroot", str(programs.root()), "/usr/bin/prometheus-alertmanager", f"--config.file={inside / config.name}",
        f"--storage.path={inside / 'data'}", f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
    ]  # fmt: skip
    with config.with_name("log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield _answering(Alertmanager(port), process, config.with_name("log"))
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


def test_members_are_not_told_of_while_their_service_is_red(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageServiceRed=SERVICE, MoorageMongodbLag=MEMBER, MoorageDiskFull=MEMBER, MoorageMongodbLag_=MEMBER | OTHER,
        MoorageBackupMissed=SERVICE,
    ) == {
        "MoorageServiceRed": False, "MoorageMongodbLag": True, "MoorageDiskFull": True, "MoorageMongodbLag_": False,
        "MoorageBackupMissed": False,
    }  # fmt: skip


def test_a_service_in_maintenance_is_told_of_in_nothing_and_all_others_are(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageMaintenance=SERVICE, MoorageServiceRed=SERVICE, MoorageBackupMissed=SERVICE, MoorageDiskFull=MEMBER,
        MoorageServiceRed_=SERVICE | OTHER, MoorageOperatorSilent={"scope": "platform"},
    ) == {
        "MoorageMaintenance": False, "MoorageServiceRed": True, "MoorageBackupMissed": True, "MoorageDiskFull": True,
        "MoorageServiceRed_": False, "MoorageOperatorSilent": False,
    }  # fmt: skip


def test_the_nearest_end_of_a_volume_is_told_alone(alertmanager: Alertmanager) -> None:
    other = MEMBER | {"pod": "orders-g1-1"}
    assert alertmanager.muted(
        MoorageDiskFullIn4h=MEMBER, MoorageDiskFullIn24h=MEMBER, MoorageDiskFullIn24h_=other
    ) == {"MoorageDiskFullIn4h": False, "MoorageDiskFullIn24h": True, "MoorageDiskFullIn24h_": False}  # fmt: skip


def test_what_an_operator_that_is_away_cannot_know_is_not_told(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageOperatorSilent={"scope": "platform"}, MoorageServiceUnknown=SERVICE, MoorageMongodbLag=MEMBER
    ) == {"MoorageOperatorSilent": False, "MoorageServiceUnknown": True, "MoorageMongodbLag": False}  # fmt: skip
