"""The running development cluster, as tests see it: kubectl, conditions with a deadline, and the processes of members."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from devcluster.config import BIN, KUBECONFIG
from tests.e2e import objects

T = TypeVar("T")

MOORAGE = Path(".venv/bin/moorage")
ENV = {**os.environ, "KUBECONFIG": str(KUBECONFIG), "PATH": f"{BIN}:{os.environ['PATH']}", "NO_COLOR": "1"}


def run(
    *command: str | Path, stdin: str | None = None, check: bool = True, seconds: float = 180
) -> subprocess.CompletedProcess[str]:
    """One command against the cluster; its output is in the assertion when it fails."""
    words = [str(c) for c in command]
    done = subprocess.run(words, input=stdin, env=ENV, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0 or not check, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def kubectl(*arguments: str, stdin: str | None = None, check: bool = True) -> str:
    done = run("kubectl", *arguments, stdin=stdin, check=check)
    return done.stdout + ("" if check else done.stderr)


def moorage(*arguments: str, check: bool = True, seconds: float = 180) -> subprocess.CompletedProcess[str]:
    return run(MOORAGE, *arguments, check=check, seconds=seconds)


def get(kind: str, name: str, namespace: str = "default") -> dict[str, Any]:
    found = objects.one(kind, name, namespace)
    assert found is not None, f"{kind} {namespace}/{name} is not there"
    return found


@contextmanager
def fresh_namespace(name: str) -> Iterator[str]:
    """A namespace of the tests' own; what an interrupted run left of it is removed first."""
    kubectl("delete", "namespace", name, "--ignore-not-found", "--timeout=150s")
    kubectl("create", "namespace", name)
    yield name
    kubectl("delete", "namespace", name, "--wait=false")


def exists(kind: str, name: str, namespace: str = "default") -> bool:
    return objects.one(kind, name, namespace) is not None


def until(what: str, probe: Callable[[], T | None], *, seconds: float = 60.0, every_seconds: float = 0.2) -> T:
    """The first truthy answer of `probe`; fails saying what was waited for and what was seen last."""
    deadline = time.monotonic() + seconds
    last: T | None = None
    while time.monotonic() < deadline:
        last = probe()
        if last:
            return last
        time.sleep(every_seconds)  # the pace of a bounded wait for a condition
    msg = f"not within {seconds} s: {what}; last seen: {last}"
    raise AssertionError(msg)


def status(name: str) -> dict[str, Any]:
    found: dict[str, Any] = get("mds", name).get("status") or {}
    return found


def wait_green(name: str, seconds: float = 120.0) -> dict[str, Any]:
    def green() -> dict[str, Any] | None:
        seen = status(name)
        fresh = seen.get("observedGeneration") == get("mds", name)["metadata"]["generation"]
        return seen if seen.get("healthCluster") == "green" and fresh else None

    try:
        return until(f"{name} is green", green, seconds=seconds)
    except AssertionError as error:
        raise AssertionError(f"{error}; it says: {status(name).get('healthMsg')}") from None


def pod_of(service: str, member: str) -> str:
    ordinal = "2" if member == "arbiter" else member.removeprefix("datanode")
    return f"{service}-g1-{ordinal}"


ENGINES = frozenset({"mongod", "mysqld"})
"""Programs; a member's Pod runs one of them."""


def engine_pid(pod: str, namespace: str = "default", *, processes: Path = Path("/proc")) -> int:
    """Process id, on this machine, of the engine of a Pod. Services of two namespaces may well have the same name."""
    wanted = {f"POD_NAME={pod}".encode(), f"POD_NAMESPACE={namespace}".encode()}
    for entry in processes.iterdir():
        if entry.name.isdigit():
            try:
                name = (entry / "comm").read_text().strip()
                if name in ENGINES and wanted <= set((entry / "environ").read_bytes().split(b"\0")):
                    return int(entry.name)
            except OSError:
                continue  # it ended while we looked
    msg = f"{namespace}/{pod} runs no engine"
    raise AssertionError(msg)


def kill_engine(pod: str, namespace: str = "default") -> None:
    """`kill -9`: the process is the cluster's own, started for this test's service."""
    os.kill(engine_pid(pod, namespace), signal.SIGKILL)


def kill_agent(pod: str, namespace: str = "default") -> None:
    """`kill -9` of the engine's parent process."""
    fields = Path(f"/proc/{engine_pid(pod, namespace)}/stat").read_text().rpartition(")")[2].split()
    os.kill(int(fields[1]), signal.SIGKILL)


def scale_operator(replicas: int) -> None:
    kubectl("-n", "moorage-system", "scale", "deployment", "moorage", f"--replicas={replicas}")
    if replicas == 0:
        until("the operator is gone", lambda: not operator_pods(), seconds=90)
    else:
        kubectl("-n", "moorage-system", "rollout", "status", "deployment", "moorage", "--timeout=90s")


def operator_pods() -> list[str]:
    return kubectl("-n", "moorage-system", "get", "pods", "-l", "app.kubernetes.io/component=operator", "-o", "name").split()
