"""A replica set made by hand: three mongod processes on the three nodes, and nothing of Kubernetes or Moorage."""

import base64
import json
import secrets
import subprocess
import sys
import time
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from devcluster.config import NODES
from moorage.engines.mongodb.topology import ELECTION_TIMEOUT_MS, HEARTBEAT_INTERVAL_MS
from tests.e2e.cluster import engine_pid, until

PORT = 27117
USER_ID = "999"
FOLDER = "/tmp/by-hand"  # noqa: S108 - in the private /tmp of a container that runs anyway
IMAGE_OF = "demo-g1-0"
"""Its container lends the image and a folder; its own mongod is left alone."""

MAKE_IT = """
import json, sys, time
from pymongo import MongoClient
from pymongo.errors import PyMongoError
def until(step):
    while True:
        try:
            if step():
                return
        except PyMongoError:
            pass
        time.sleep(0.02)
config, port = json.loads(sys.argv[1]), int(sys.argv[2])
def client(**login):
    return MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=500, **login)
local = client()
until(lambda: local.admin.command({"replSetInitiate": config}))
until(lambda: local.admin.command("hello")["isWritablePrimary"])
user = {"pwd": "by-hand", "roles": ["root"]}
local.admin.command({"createUser": "admin", **user})
client(username="admin", password="by-hand").admin.command({"createUser": "app", **user})
"""


class RawProcesses:
    """As a context; `seconds` is how long it took until all three members were up and the users made."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._inside = ("nsenter", f"--target={engine_pid(IMAGE_OF)}", "--mount", f"--setuid={USER_ID}", f"--setgid={USER_ID}")
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "RawProcesses":
        key = base64.b64encode(secrets.token_bytes(384))
        started = time.monotonic()
        script = f"rm -rf {FOLDER}; mkdir -p {' '.join(f'{FOLDER}/{n.name}' for n in NODES)}; umask 377; cat > {FOLDER}/keyfile"
        subprocess.run([*self._inside, "sh", "-c", script], input=key, check=True)
        for node in NODES:
            mongod = ["mongod", "--replSet", "byhand", "--bind_ip_all", "--port", str(PORT), "--dbpath", f"{FOLDER}/{node.name}"]
            settings = ["--keyFile", f"{FOLDER}/keyfile", "--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "512"]
            net = f"--net=/run/netns/{node.name}"
            command = [self._inside[0], net, *self._inside[1:], *mongod, *settings]
            self._processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        self._initiate()
        self._wait_until_whole()
        self.seconds = time.monotonic() - started
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        subprocess.run([*self._inside, "rm", "-rf", FOLDER], check=True)

    def _initiate(self) -> None:
        """Through the localhost exception, from the first node's own network."""
        members = [{"_id": i, "host": f"{node.address}:{PORT}"} for i, node in enumerate(NODES)]
        settings = {"electionTimeoutMillis": ELECTION_TIMEOUT_MS, "heartbeatIntervalMillis": HEARTBEAT_INTERVAL_MS}
        config = {"_id": "byhand", "members": members, "settings": settings}
        node = ("nsenter", f"--net=/run/netns/{NODES[0].name}", sys.executable, "-c", MAKE_IT)
        subprocess.run([*node, json.dumps(config), str(PORT)], check=True)

    def _wait_until_whole(self) -> None:
        address = f"mongodb://admin:by-hand@{NODES[0].address}:{PORT}/admin?directConnection=true"

        def whole() -> bool:
            try:
                with MongoClient[dict[str, Any]](address, serverSelectionTimeoutMS=500) as client:
                    members = client.admin.command("replSetGetStatus")["members"]
            except PyMongoError:
                return False
            return all(m["state"] in (1, 2) for m in members)

        until("all three are up", whole, seconds=60, every_seconds=0.05)
