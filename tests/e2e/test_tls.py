"""Nothing of our own parts speaks in clear text, and a client can tell the service from somebody else."""

import json
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import PyMongoError, ServerSelectionTimeoutError

from moorage.certificates import draw_authority
from tests.e2e.client import open_client, tls_uri, uri
from tests.e2e.cluster import engine_pid, get, kubectl, pod_of, status, until, wait_green

KUBELET_SECONDS_MAX = 150
"""Until a changed Secret is in every Pod, with room to spare."""
NOT_ENCRYPTED = 23838
"""Id of mongod's log line about a connection that does not use TLS."""


def answers(address: str) -> bool:
    try:
        with open_client(address) as client:
            return bool(client.admin.command("ping")["ok"])
    except PyMongoError:
        return False


def members(service: str) -> list[str]:
    return [pod_of(service, member) for member in status(service)["healthInstances"]]


def not_encrypted(pod: str) -> list[str]:
    """IP addresses from which the member's engine was spoken to in clear text, as it says itself."""
    lines = (line for line in kubectl("logs", pod, "-c", "member").splitlines() if line.startswith("{"))
    found = (entry for entry in map(json.loads, lines) if entry.get("id") == NOT_ENCRYPTED)
    return [entry["attr"]["remote"].rpartition(":")[0] for entry in found]


def test_a_client_that_knows_the_authority_connects_through_the_address(orders: str, tmp_path: Path) -> None:
    wait_green(orders)
    address = tls_uri(orders, tmp_path)
    until("the certificate names the address", lambda: answers(address), seconds=KUBELET_SECONDS_MAX)
    with open_client(address) as client:
        assert client["app"]["secrets"].insert_one({"at": datetime.now(UTC)}).acknowledged


def test_a_client_that_expects_another_authority_refuses_the_service(orders: str, tmp_path: Path) -> None:
    other = tmp_path / "other.crt"
    other.write_text(draw_authority(orders, "default", datetime.now(UTC))["ca.crt"])
    address = f"{uri(orders, 'tls-direct-uri')}&tlsCAFile={other}"
    with open_client(address) as client, pytest.raises(ServerSelectionTimeoutError, match="CERTIFICATE_VERIFY_FAILED"):
        client.admin.command("ping")


def test_a_pod_in_the_cluster_connects_with_the_uri_and_the_authority_of_the_secret(orders: str) -> None:
    wait_green(orders)
    script = "db.getSiblingDB('app').pods.insertOne({}, {writeConcern: {w: 'majority'}}).acknowledged"
    container = {
        "name": "client",
        "image": "mongo:6.0",
        "env": [{"name": "URI", "valueFrom": {"secretKeyRef": {"name": f"{orders}-app", "key": "tls-uri"}}}],
        "volumeMounts": [{"name": "binding", "mountPath": "/bindings/orders"}],
        "command": [
            "mongosh",
            "--nodb",
            "--quiet",
            "--eval",
            f"db = connect(`${{process.env.URI}}&tlsCAFile=/bindings/orders/ca.crt`); print({script})",
        ],
    }
    spec = {
        "restartPolicy": "Never",
        "containers": [container],
        "volumes": [{"name": "binding", "secret": {"secretName": f"{orders}-app"}}],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tls-client"}, "spec": spec}
    kubectl("apply", "-f", "-", stdin=json.dumps(pod))
    try:
        until("the client ended", lambda: get("pod", "tls-client")["status"].get("phase") in ("Succeeded", "Failed"), seconds=60)
        assert kubectl("logs", "tls-client").strip().endswith("true")
    finally:
        kubectl("delete", "pod", "tls-client", "--ignore-not-found")


def test_members_and_agents_never_speak_in_clear_text(orders: str) -> None:
    seen = wait_green(orders)
    pods = members(orders)
    ours = {"127.0.0.1", *(get("pod", pod)["status"]["podIP"] for pod in pods)}
    with open_client(uri(orders)) as client:  # one that does, to see that it would be told
        client.admin.command("ping")
    primary = pod_of(orders, seen["primary"])
    until("the engine tells of a client in clear text", lambda: not_encrypted(primary), seconds=10)
    assert {pod: sorted(ours & set(not_encrypted(pod))) for pod in pods} == {pod: [] for pod in pods}


@pytest.mark.long
def test_a_renewed_certificate_reaches_running_members_without_a_restart(orders: str, tmp_path: Path) -> None:
    wait_green(orders)
    address = tls_uri(orders, tmp_path)
    until("the certificate names the address", lambda: answers(address), seconds=KUBELET_SECONDS_MAX)
    before, engines = served(orders), {pod: engine_pid(pod) for pod in members(orders)}
    kubectl("delete", "secret", f"{orders}-tls")

    def is_another_served() -> bool:
        try:
            return served(orders) != before
        except OSError:  # for a moment there was no way there; what is promised is that no engine starts anew
            return False

    until("another certificate is served", is_another_served, seconds=KUBELET_SECONDS_MAX, every_seconds=1.0)
    assert answers(address)
    assert {pod: engine_pid(pod) for pod in engines} == engines
    wait_green(orders)


def served(service: str) -> str:
    """The certificate that the member behind the address shows."""
    endpoints: dict[str, Any] = status(service)["endpoints"]
    return ssl.get_server_certificate((endpoints["host"], endpoints["port"]), timeout=5)
