"""Moorage itself, by its chart, and the Python environment of this checkout."""

from devcluster.config import ALERTMANAGER_IMAGE, BIN, CHECKOUT, KUBECONFIG, PROMETHEUS_IMAGE
from devcluster.shell import CommandError, fetch, run

CHART = CHECKOUT / "charts/moorage"
NAMESPACE = "moorage-system"
RELEASE = "moorage"
PATIENCE = "300s"


def install_chart(image: str, console: str, *, with_monitoring: bool = False) -> None:
    """Install or upgrade with helm and wait for the operator and the console; a run that was killed stands in nobody's way."""
    _forget_interrupted()
    where = (f"--kubeconfig={KUBECONFIG}", "--namespace", NAMESPACE)
    how = ("--create-namespace", *chart_values(image, console, with_monitoring=with_monitoring), "--wait", "--timeout", PATIENCE)
    try:
        run(BIN / "helm", "upgrade", "--install", RELEASE, CHART, *where, *how)
    except CommandError as error:  # helm says that it waited, not for what
        raise CommandError(f"{error}\n{_kubectl('get', 'pods', '--output', 'wide')}") from error


def chart_values(image: str, console: str, *, with_monitoring: bool = False) -> tuple[str, ...]:
    """For helm: a tag is text, also where all its twelve hexadecimal digits happen to be decimal ones (one build in 280)."""
    tags = (f"image.tag={_tag(image)}", f"console.image.tag={_tag(console)}")
    images = {"prometheus": PROMETHEUS_IMAGE, "alertmanager": ALERTMANAGER_IMAGE}
    monitoring = (
        "--set=relay.enabled=true,monitoring.bring.enabled=true",
        *(f"--set-string=monitoring.bring.{name}.image={found}" for name, found in images.items()),
    )
    values = (*(f"--set-string={tag}" for tag in tags), "--set=console.service.type=LoadBalancer")
    return (*values, *monitoring) if with_monitoring else values


def prepare_environment() -> None:
    """The checkout's Python environment, for the CLI and the tests."""
    fetch("make", "-s", "venv", cwd=CHECKOUT)


def _tag(image: str) -> str:
    return image.rpartition(":")[2]


def _forget_interrupted() -> None:
    """A helm that was killed leaves its release pending, and no helm touches a pending release."""
    pending = f"owner=helm,name={RELEASE},status in (pending-install,pending-upgrade,pending-rollback)"
    _kubectl("delete", "secret", "--selector", pending)


def _kubectl(*arguments: str) -> str:
    return run(BIN / "kubectl", f"--kubeconfig={KUBECONFIG}", "--namespace", NAMESPACE, *arguments)
