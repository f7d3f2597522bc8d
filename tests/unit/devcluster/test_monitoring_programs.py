"""Prometheus and Alertmanager of the development cluster: as the chart starts them, and of the versions that it names."""

from pathlib import Path

import pytest
import yaml

from devcluster.binaries.build import Binary
from devcluster.binaries.monitoring import ALERTMANAGER, PROMETHEUS, module_version
from devcluster.config import ALERTMANAGER_IMAGE, CHECKOUT, PROMETHEUS_IMAGE
from devcluster.imaging.monitoring_images import settings

CHART = CHECKOUT / "charts/moorage"


@pytest.mark.parametrize(("version", "module"), [("3.5.2", "v0.305.2"), ("3.13.0", "v0.313.0")])
def test_a_release_of_prometheus_is_another_version_of_its_module(version: str, module: str) -> None:
    assert module_version(version) == module


def test_the_chart_brings_what_the_development_cluster_tries() -> None:
    brought = yaml.safe_load((CHART / "values.yaml").read_text())["monitoring"]["bring"]
    assert (brought["prometheus"]["image"], brought["alertmanager"]["image"]) == (PROMETHEUS_IMAGE, ALERTMANAGER_IMAGE)


@pytest.mark.parametrize("programs", [PROMETHEUS, ALERTMANAGER])
def test_an_image_starts_its_server_and_has_what_the_charts_probes_ask_with(programs: tuple[Binary, ...]) -> None:
    server, tool = programs
    made = settings(programs)
    assert made["Entrypoint"] == [f"/bin/{server.name}"]
    template = Path(CHART / "templates/monitoring-brought.yaml").read_text()
    assert f"exec: {{command: [{tool.name}," in template
    assert made["Env"] == ["PATH=/bin"]
