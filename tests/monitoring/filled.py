"""Prometheus with a past: blocks of series that the registry of metrics says there are, as promtool makes them."""

import math
import subprocess
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

from devcluster.binaries.monitoring import PROMETHEUS
from moorage.core.panels import Dashboard
from tests.monitoring.series import Labels, asked_for
from tests.ports import free_port
from tests.server.processes import Program

GIB = 2**30
ValueOf = Callable[[str, Labels, float], float | None]
"""Name, labels, seconds since 1970; None: nothing was heard of it then."""


@dataclass(frozen=True)
class Fleet:
    """Whose series there are: a service's name is of its namespace alone."""

    services: Sequence[tuple[str, str]]
    members: int = 3

    def pods(self, service: str) -> list[str]:
        return [f"{service}-g1-{ordinal}" for ordinal in range(self.members)]


def expressions(dashboard: Dashboard) -> list[str]:
    queries = [query.expr for row in dashboard.rows for panel in row.panels for query in panel.queries]
    return [*queries, *(mark.expr for mark in dashboard.marks)]


def series(dashboards: Iterable[Dashboard], fleet: Fleet) -> list[tuple[str, Labels]]:
    """All that the dashboards ask for, of every service and member; each once."""
    found = _series(dashboards, fleet)
    return list({(name, tuple(sorted(labels.items()))): (name, labels) for name, labels in found}.values())


def _series(dashboards: Iterable[Dashboard], fleet: Fleet) -> Iterator[tuple[str, Labels]]:
    kinds = {(name, tuple(labels.items())) for d in dashboards for expr in expressions(d) for name, labels in asked_for(expr)}
    for name, pairs in sorted(kinds):
        labels = dict(pairs)
        if "namespace" not in labels:
            yield name, labels
            continue
        for namespace, service in fleet.services:
            mine = {**labels, "namespace": namespace}
            if "service" in mine:
                mine["service"] = service
            if "member" in mine:
                yield from ((name, {**mine, "member": f"datanode{number}"}) for number in range(fleet.members))
            elif "pod" in mine:
                yield from ((name, {**mine, "pod": pod}) for pod in fleet.pods(service))
            else:
                yield name, mine


def usual(name: str, labels: Labels, time: float) -> float | None:
    """A busy and healthy service: waves of an hour, another one for each series."""
    luck = zlib.crc32(f"{name}{labels}".encode()) % 1000 / 1000
    wave = 1 + 0.4 * math.sin(time / 573 + luck * 6) + 0.1 * math.sin(time / 37 + luck * 50)
    primary = labels.get("pod", "-0").endswith("-0")
    if "health" in labels:
        return float(labels["health"] == "green")
    if "role" in labels:
        return float((labels["role"] == "primary") == primary)
    if name.endswith("_timestamp_seconds"):
        return time // 7_200 * 7_200
    if name.endswith(("_total", "_bucket", "_sum", "_count")):
        return _counted(name, labels, time, 1 + luck)
    known = {
        "moorage_volume_size_bytes": 20 * GIB,
        "moorage_volume_free_bytes": GIB * (12 - luck - (time % 86_400) / 20_000),
        "moorage_container_memory_limit_bytes": 2 * GIB,
        "moorage_container_memory_bytes": GIB * (0.9 + 0.3 * luck + 0.05 * wave),
        "moorage_container_cpu_limit_cores": 2.0,
        "moorage_service_members_normal": 3.0,
        "moorage_service_members_expected": 3.0,
        "moorage_member_term": 7.0,
    }
    return known.get(name, 0.02 * wave if "seconds" in name else wave * (10 + 90 * luck))


def _counted(name: str, labels: Labels, time: float, per_second: float) -> float:
    """Of a histogram each bucket's part; all of them rise by waves."""
    risen = (time + 500 * math.sin(time / 900)) * per_second
    if name.endswith("_bucket"):
        bound = float(labels["le"])
        return risen * (1.0 if math.isinf(bound) else bound / (bound + 0.01))
    return risen * (0.01 if name.endswith("_sum") else 0.2 if "cpu" in name else 1)


def fill(folder: Path, found: Iterable[tuple[str, Labels]], times: Sequence[float], value_of: ValueOf = usual) -> Path:
    """The folder of series, each with a value for each of these times."""
    text, made = folder / "series.txt", folder / "series"
    with text.open("w") as out:
        for name, labels in found:
            said = ",".join(f'{label}="{value}"' for label, value in labels.items())
            lines = ((value_of(name, labels, time), time) for time in times)
            out.writelines(f"{name}{{{said}}} {value!r} {time}\n" for value, time in lines if value is not None)
        out.write("# EOF\n")
    PROMETHEUS[1].ensure()
    done = subprocess.run(
        [PROMETHEUS[1].path, "tsdb", "create-blocks-from", "openmetrics", text, made], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    text.unlink()
    return made


class FilledPrometheus:
    """It asks nobody; it only remembers."""

    def __init__(self, folder: Path) -> None:
        PROMETHEUS[0].ensure()
        (folder / "prometheus.yaml").write_text("{}\n")
        self._port, self._folder = free_port(), folder
        self.url = f"http://127.0.0.1:{self._port}"
        self._program: Program | None = None

    def start(self) -> None:
        """Nothing is done when it runs."""
        if self._program is not None:
            return
        words = (
            PROMETHEUS[0].path,
            f"--config.file={self._folder / 'prometheus.yaml'}",
            f"--storage.tsdb.path={self._folder / 'series'}",
            "--storage.tsdb.retention.time=10y",
            f"--web.listen-address=127.0.0.1:{self._port}",
        )
        self._program = Program(words, self._folder / "prometheus.log")
        self._program.until("ready Prometheus", self._is_ready)

    def stop(self) -> None:
        if self._program is not None:
            self._program.stop()
            self._program = None

    def _is_ready(self) -> bool:
        try:
            return httpx2.get(f"{self.url}/-/ready", timeout=2, trust_env=False).status_code == 200
        except httpx2.HTTPError:
            return False
