"""Builds Prometheus and Alertmanager from Go modules, for whoever asks for them: Debian's Prometheus finds no Pods."""

import json
from pathlib import Path

from devcluster.binaries import toolchain
from devcluster.binaries.build import Binary, go
from devcluster.config import ALERTMANAGER_VERSION, PROMETHEUS_VERSION
from devcluster.shell import fetch, run

MODULE = "github.com/prometheus"
VERSION = f"{MODULE}/common/version.Version"
PLUGINS = f'package plugins\n\nimport _ "{MODULE}/prometheus/discovery/kubernetes"\n'
"""Of its ways to find targets the one that is used: the others bring the libraries of two dozen clouds."""


def module_version(prometheus: str) -> str:
    """Its Go module counts otherwise: 3.5.2 is v0.305.2."""
    major, minor, patch = prometheus.split(".")
    return f"v0.{major}{int(minor):02}.{patch}"


def _build_prometheus(binary: Binary, folder: Path, output: Path) -> None:
    """In a copy of its own source, since no file of Go's cache may be replaced."""
    module = json.loads(go(folder, "mod", "download", "-json", f"{MODULE}/prometheus@{module_version(binary.version)}"))
    source = folder / "source"
    run("cp", "-r", "--no-preserve=mode", module["Dir"], source)
    (source / "plugins/plugins.go").write_text(PLUGINS)
    flags = ("-ldflags", f"-s -w -X {VERSION}={binary.version}")
    fetch(toolchain.go(), "build", "-o", output, *flags, f"./cmd/{binary.name}", cwd=source, env=toolchain.environment())


def _build_alertmanager(binary: Binary, folder: Path, output: Path) -> None:
    package = f"{MODULE}/alertmanager/cmd/{binary.name}"
    go(folder, "mod", "init", f"moorage.dev/{binary.name}")
    go(folder, "get", f"{package}@v{binary.version}")
    go(folder, "build", "-o", output, "-ldflags", f"-s -w -X {VERSION}={binary.version}", package)


PROMETHEUS = tuple(Binary(name, PROMETHEUS_VERSION, None, _build_prometheus) for name in ("prometheus", "promtool"))
ALERTMANAGER = tuple(Binary(name, ALERTMANAGER_VERSION, None, _build_alertmanager) for name in ("alertmanager", "amtool"))
"""Each with the tool that the chart's probes ask it with."""
ALL = (*PROMETHEUS, *ALERTMANAGER)
