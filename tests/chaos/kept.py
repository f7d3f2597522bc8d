"""What is kept for whoever looks into a run that was red: the members' and the operators' logs, and the objects."""

from pathlib import Path

from tests.chaos import bench
from tests.e2e.cluster import kubectl

WHOSE = (
    (bench.NAMESPACE, "app.kubernetes.io/component=member"),
    ("moorage-system", "app.kubernetes.io/component=operator"),
)


def keep_logs(folder: Path) -> None:
    """Into the run's folder. A cluster that does not answer takes nothing else of the run with it: that is written there."""
    try:
        _keep(folder)
    except Exception as error:
        (folder / "logs-missing.txt").write_text(f"{type(error).__name__}: {error}\n")


def _keep(folder: Path) -> None:
    for namespace, selector in WHOSE:
        for pod in kubectl("get", "pods", "-n", namespace, "-l", selector, "-o", "name", check=False).split():
            for more in ((), ("--previous",)):
                text = kubectl("logs", pod, "-n", namespace, "--since=15m", *more, check=False)
                (folder / f"{pod.rpartition('/')[2]}{''.join(more)}.log").write_text(text)
    described = kubectl("get", "mds,pods,pvc,endpointslices,events", "-n", bench.NAMESPACE, "-o", "yaml", check=False)
    (folder / "objects.yaml").write_text(described)
