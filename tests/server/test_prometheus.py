"""The Prometheus that the chart brings: it finds Pods with its own rights, and what it finds red is told to people."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from devcluster.binaries.monitoring import PROMETHEUS
from moorage.agent import health as of_agent
from moorage.core import names
from moorage.monitoring import routes, scrapes
from moorage.monitoring.alerts import alerts
from moorage.monitoring.rules import rule_file
from moorage.operator import health as of_operator
from tests.monitoring.alertmanager import running
from tests.ports import free_ports
from tests.server.kubernetes import CONSOLE_NAMESPACE, MONITORING_USER, Kubernetes
from tests.server.processes import Program
from tests.server.relay import RelayProcess
from tests.unit.server.receivers import Receiver

OPERATOR = {"app.kubernetes.io/name": "moorage", "app.kubernetes.io/component": "operator"}
RED = 'moorage_service_health{namespace="shop",service="orders",health="red"} 1\n'
Page = Callable[[], Awaitable[str]]


def make_pod(kubernetes: Kubernetes, namespace: str, name: str, labels: dict[str, str], ports: dict[str, int]) -> None:
    """It runs, as far as the API server knows, on this machine."""
    container = {"name": "x", "image": "x", "ports": [{"name": n, "containerPort": p} for n, p in ports.items()]}
    meta = {"name": name, "namespace": namespace, "labels": labels}
    kubernetes.create({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {"containers": [container]}})
    status = {"status": {"phase": "Running", "podIP": "127.0.0.1", "podIPs": [{"ip": "127.0.0.1"}]}}
    kubernetes.merge("Pod", name, namespace, status, "/status")


class Prometheus:
    """The very program and configuration; only where the API server is it must be told outside of a cluster."""

    def __init__(self, kubernetes: Kubernetes, folder: Path, alertmanager: str) -> None:
        PROMETHEUS[0].ensure()
        made = scrapes.config(alertmanager, "rules.yaml")
        for job in made["scrape_configs"]:
            (found,) = job["kubernetes_sd_configs"]
            found.update(_from_outside(kubernetes))
            if "namespaces" in found:
                found["namespaces"] = {"names": [CONSOLE_NAMESPACE]}
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(made))
        (folder / "rules.yaml").write_text(yaml.safe_dump(rule_file(alerts(), "docs/runbooks"), sort_keys=False))
        (port,) = free_ports(1)
        self.url = f"http://127.0.0.1:{port}/api/v1"
        words = (
            PROMETHEUS[0].path,
            f"--config.file={folder / 'prometheus.yaml'}",
            f"--storage.tsdb.path={folder / 'series'}",
            f"--web.listen-address=127.0.0.1:{port}",
        )
        self.program = Program(words, folder / "prometheus.log")

    def ask(self, path: str) -> Any:
        try:
            answer = httpx2.get(f"{self.url}{path}", timeout=10)
        except httpx2.HTTPError:
            return None
        return answer.json()["data"] if answer.status_code == 200 else None

    def targets(self) -> dict[str, str]:
        """Pod → what its last scrape came to."""
        found = self.ask("/targets?state=active") or {"activeTargets": []}
        return {target["labels"]["pod"]: target["health"] for target in found["activeTargets"]}


def _from_outside(kubernetes: Kubernetes) -> dict[str, Any]:
    files = {"ca_file": "ca.crt", "cert_file": f"{MONITORING_USER}.crt", "key_file": f"{MONITORING_USER}.key"}
    return {"api_server": kubernetes.url, "tls_config": {name: str(kubernetes.folder / file) for name, file in files.items()}}


@pytest.fixture
async def pods(kubernetes: Kubernetes, space: str) -> AsyncIterator[None]:
    """A member and an operator, whose pages are those of the real agent and the real operator; and what is neither."""
    agent, operator = free_ports(2)

    async def well() -> str:
        return "moorage_agent_start_timestamp_seconds 1\n"

    async def red() -> str:
        return RED

    served = [
        asyncio.create_task(of_agent.serve(agent, lambda: 0.0, well)),
        asyncio.create_task(of_operator.serve(operator, red)),
    ]
    member = names.labels("orders", "mongodb")
    make_pod(kubernetes, space, "orders-g1-0", member, {"agent": agent, "engine": 27017})
    make_pod(kubernetes, space, "worker", {**member, "app.kubernetes.io/component": "worker"}, {"agent": agent})
    make_pod(kubernetes, space, "impostor", OPERATOR, {"health": operator})
    make_pod(kubernetes, CONSOLE_NAMESPACE, "moorage-0", OPERATOR, {"health": operator})
    yield
    for task in served:
        task.cancel()
    kubernetes.delete("Pod", "moorage-0", CONSOLE_NAMESPACE)


async def test_a_red_service_is_found_and_told_to_people(
    kubernetes: Kubernetes, pods: None, relay: RelayProcess, slack: Receiver, tmp_path: Path
) -> None:
    """From the operator's page to the message, each program and each configuration as the chart brings it."""
    relay.say("dba", kind="slack", url=slack.channel().url)
    relay.start()
    told = routes.config(f"https://127.0.0.1:{relay.port}/notices", "token", "ca.crt")
    token, authority = (relay.folder / "token/token").read_text(), (relay.folder / "tls/ca.crt").read_text()
    with running(told, token, authority) as alertmanager:
        prometheus = Prometheus(kubernetes, tmp_path, alertmanager.url.split("/")[2])
        began = time.monotonic()
        try:
            await asyncio.to_thread(prometheus.program.until, "message", lambda: bool(slack.taken))
            found = prometheus.targets()
        finally:
            prometheus.program.stop()
    print(f"told {time.monotonic() - began:.1f} s after Prometheus was started")
    assert found == {"orders-g1-0": "up", "moorage-0": "up"}, (
        "members everywhere, operators of its own namespace, and nobody else"
    )
    assert "shop/orders cannot serve" in str(slack.taken[0])
