"""A replica set without Moorage on the same three nodes: bare Pods, same image and resources, MongoDB's own fail-over."""

import json
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from tests.e2e.cluster import get, kubectl, until

NODES = ("n1", "n2", "n3")
CPU = "750m"
"""What each member of every peer gets; with less the kernel's throttling is what one measures."""


class RawSet:
    """Three bare Pods as a context; `election_timeout_ms` is the one setting that differs between peers."""

    def __init__(self, name: str, election_timeout_ms: int) -> None:
        self.name, self._election_timeout_ms = name, election_timeout_ms
        self.pods = [f"{name}-{i}" for i in range(3)]
        self.addresses: dict[str, str] = {}

    def __enter__(self) -> "RawSet":
        for pod, node in zip(self.pods, NODES, strict=True):
            kubectl("apply", "-f", "-", stdin=json.dumps(self._pod(pod, node)))
        kubectl("wait", "--for=condition=Ready", "--timeout=90s", *(f"pod/{pod}" for pod in self.pods))
        self.addresses = {get("pod", pod)["status"]["podIP"]: pod for pod in self.pods}
        self._initiate()
        return self

    def __exit__(self, *_: object) -> None:
        kubectl("delete", "pod", "--grace-period=0", "--force", "--ignore-not-found", *self.pods)

    @property
    def uri(self) -> str:
        hosts = ",".join(f"{address}:27017" for address in self.addresses)
        return f"mongodb://{hosts}/app?replicaSet={self.name}&w=majority&retryWrites=true"

    def primary_pod(self) -> str:
        """The Pod of the primary, once all three members are up and one leads."""

        def steady() -> str | None:
            try:
                with MongoClient[dict[str, Any]](self.uri, serverSelectionTimeoutMS=500) as client:
                    members = client.admin.command("replSetGetStatus")["members"]
            except PyMongoError:
                return None
            leads = [m["name"].partition(":")[0] for m in members if m["state"] == 1]
            return self.addresses[leads[0]] if leads and all(m["state"] in (1, 2) for m in members) else None

        return until(f"{self.name} is whole", steady, seconds=90)

    def _initiate(self) -> None:
        members = [{"_id": i, "host": f"{address}:27017"} for i, address in enumerate(self.addresses)]
        settings = {"electionTimeoutMillis": self._election_timeout_ms}

        def initiated() -> bool:
            try:
                with MongoClient[dict[str, Any]](
                    next(iter(self.addresses)), directConnection=True, serverSelectionTimeoutMS=1000
                ) as client:
                    client.admin.command({"replSetInitiate": {"_id": self.name, "members": members, "settings": settings}})
            except PyMongoError:
                return False
            return True

        until(f"{self.name} can be initiated", initiated, seconds=60)

    def _pod(self, pod: str, node: str) -> dict[str, Any]:
        command = ["mongod", "--replSet", self.name, "--bind_ip_all", "--dbpath", "/data/db", "--wiredTigerCacheSizeGB", "0.25"]
        mount = {"name": "data", "mountPath": "/data/db"}
        resources = {"cpu": CPU, "memory": "512Mi"}
        container = {
            "name": "mongod",
            "image": "mongo:6.0",
            "command": command,
            "env": [{"name": "POD_NAME", "value": pod}],
            "volumeMounts": [mount],
            "resources": {"requests": resources, "limits": resources},
        }
        spec = {"nodeName": node, "containers": [container], "volumes": [{"name": "data", "emptyDir": {}}]}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": pod}, "spec": spec}
