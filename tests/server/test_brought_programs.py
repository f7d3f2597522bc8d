"""Prometheus and Alertmanager, of the versions that the chart names, start with its arguments and files; its probes see them."""

import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from devcluster.binaries.build import Binary
from devcluster.binaries.monitoring import ALERTMANAGER, PROMETHEUS
from moorage.certificates import draw_authority
from tests.api.test_chart import Object, one, render
from tests.ports import free_ports
from tests.server.processes import Program

PROGRAMS = {"prometheus": PROMETHEUS, "alertmanager": ALERTMANAGER}
PORTS = {"prometheus": "9090", "alertmanager": "9093"}


def put(words: Sequence[str], places: Mapping[str, str]) -> list[str]:
    """With a folder of the test and a port that is free in place of the Pod's own."""
    made = list(words)
    for there, here in places.items():
        made = [word.replace(there, here) for word in made]
    return made


def holds(probe: Object, tool: Binary, places: Mapping[str, str]) -> bool:
    name, *arguments = probe["exec"]["command"]
    assert name == tool.name
    return subprocess.run([tool.path, *put(arguments, places)], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_starts_as_the_chart_says_and_its_probes_see_it(name: str, tmp_path: Path) -> None:
    server, tool = PROGRAMS[name]
    for program in (server, tool):
        program.ensure()
    objects = render("--set=relay.enabled=true", "--set=monitoring.bring.enabled=true")
    for file, text in one(objects, "ConfigMap", "moorage-monitoring")["data"].items():
        (tmp_path / file).write_text(text.replace("/etc/moorage/relay", str(tmp_path)))
    (tmp_path / "ca.crt").write_text(draw_authority("moorage-relay", "moorage-system", datetime.now(UTC))["ca.crt"])
    pod = one(objects, "StatefulSet", "moorage-monitoring")["spec"]["template"]["spec"]
    (container,) = (c for c in pod["containers"] if c["name"] == name)
    (port,) = free_ports(1)
    places = {"/etc/moorage/monitoring": str(tmp_path), "/data": str(tmp_path), PORTS[name]: str(port)}
    probes = [container["livenessProbe"], container["readinessProbe"]]
    assert not any(holds(probe, tool, places) for probe in probes), "nobody listens yet"
    running = Program([server.path, *put(container["args"], places)], tmp_path / "log")
    try:
        running.until("probe that holds", lambda: all(holds(probe, tool, places) for probe in probes))
    finally:
        running.stop()
