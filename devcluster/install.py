"""The last steps of `up`: Moorage itself by its chart, and a first service. They wait for nothing that is not there yet."""

import os
from pathlib import Path

from devcluster.config import BIN, CHECKOUT, KUBECONFIG
from devcluster.shell import run, succeeds

CHART = CHECKOUT / "charts/moorage"
CLI = CHECKOUT / ".venv/bin/moorage"
NAMESPACE = "moorage-system"
SECONDS = "180s"


def has_chart() -> bool:
    return (CHART / "Chart.yaml").exists()


def has_cli() -> bool:
    return CLI.exists() and (CHECKOUT / "src/moorage/cli/main.py").exists()


def install_chart(image: str) -> None:
    """Helm leaves resource definitions alone once they are there, so they are brought up to date first."""
    definitions = CHART / "crds"
    if definitions.is_dir():
        run(BIN / "kubectl", f"--kubeconfig={KUBECONFIG}", "apply", "--server-side", "--force-conflicts", "-f", definitions)
    tag = image.rpartition(":")[2]
    where = (f"--kubeconfig={KUBECONFIG}", "--namespace", NAMESPACE, "--create-namespace")
    run(BIN / "helm", "upgrade", "--install", "moorage", CHART, *where, "--set", f"image.tag={tag}", "--wait", "--timeout", SECONDS)


def deploy_demo() -> bool:
    """The service `demo`, unless it is there; whether it was deployed."""
    env = {**os.environ, "KUBECONFIG": str(KUBECONFIG)}
    if succeeds(BIN / "kubectl", f"--kubeconfig={KUBECONFIG}", "get", "dataservices.moorage.dev", "demo"):
        return False
    run(CLI, "deploy", "mongodb", "demo", "--size", "1Gi", "--wait", env=env)
    return True


def demo_summary() -> str:
    """What the CLI itself says of the service."""
    env = {**os.environ, "KUBECONFIG": str(KUBECONFIG)}
    return run(CLI, "status", "demo", env=env)


def prepare_environment() -> None:
    """The checkout's Python environment, for the CLI and the tests."""
    run("make", "-s", "venv", cwd=Path(CHECKOUT))
