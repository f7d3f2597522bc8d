"""What the machine and the development cluster were like in the moment in which a test failed: it is gone when somebody reads."""

import os
from datetime import UTC, datetime
from pathlib import Path

from devcluster import kube, process
from devcluster.config import LOGS

LINES = 5
LONGEST = 200
PARTS = ("controller", "controller-manager", "scheduler", "apiserver")


def cluster_now() -> str:
    """A page at most."""
    running = process.running()
    said = [
        f"at {datetime.now(UTC):%H:%M:%S}, load {os.getloadavg()[0]:.0f}; processes: {' '.join(running)}",
        *_nodes(),
        *_volumes(),
    ]
    for part in PARTS:
        said += [f"{part}: {line}" for line in _last(LOGS / f"{part}.log")]
    return "\n".join(said)


def _nodes() -> list[str]:
    try:
        nodes = kube.Client(seconds=5.0).get("/api/v1/nodes")["items"]
    except (OSError, ValueError) as error:
        return [f"the API server: {error}"]
    return [f"{node['metadata']['name']}: {_conditions(node)}" for node in nodes]


def _volumes() -> list[str]:
    """Claims that wait, and volumes that nobody has: on which side something stands still."""
    try:
        client = kube.Client(seconds=5.0)
        claims = client.get("/api/v1/persistentvolumeclaims")["items"]
        volumes = client.get("/api/v1/persistentvolumes")["items"]
    except (OSError, ValueError):
        return []
    waiting = [one for one in claims if one.get("status", {}).get("phase") != "Bound"]
    idle = [one for one in volumes if one.get("status", {}).get("phase") != "Bound"]
    return [
        f"{one['kind']} {one['metadata']['name']} ({one['metadata']['uid']}): {one.get('status')}"
        for one in _kinds(waiting, idle)
    ]


def _kinds(claims: list[kube.Json], volumes: list[kube.Json]) -> list[kube.Json]:
    """A list's items do not say what they are."""
    return [{**one, "kind": "claim"} for one in claims] + [{**one, "kind": "volume"} for one in volumes]


def _conditions(node: kube.Json) -> str:
    return ", ".join(f"{one['type']} {one['status']}" for one in node.get("status", {}).get("conditions", []))


def _last(log: Path) -> list[str]:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 50_000))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError as error:
        return [str(error)]
    return [line[:LONGEST] for line in lines[-LINES:]]
