"""The cluster's DNS server and its image registry: processes on the machine itself, at the nodes' side of it."""

import socket
import struct
from pathlib import Path

from devcluster import process
from devcluster.config import BIN, CACHE, HOST_ADDRESS, PKI, REGISTRY, STATE
from devcluster.process import Service
from devcluster.wait import until

# Two zones: whatever is not the cluster's does not exist, and nobody outside is ever asked.
COREFILE = f"""cluster.local:53 in-addr.arpa:53 {{
  bind {HOST_ADDRESS}
  errors
  kubernetes cluster.local in-addr.arpa {{
    kubeconfig {PKI / "admin.conf"}
    ttl 5
    pods insecure
  }}
  cache 5 {{
    denial 9984 1
  }}
}}
.:53 {{
  bind {HOST_ADDRESS}
  errors
  template ANY ANY . {{
    rcode NXDOMAIN
  }}
}}
"""
# Images are kept in the cache folder: they can be built again, and another cluster need not.
REGISTRY_CONFIG = f"""version: 0.1
log: {{level: warn}}
storage:
  filesystem: {{rootdirectory: {CACHE / "registry"}}}
  delete: {{enabled: true}}
http: {{addr: "{REGISTRY}"}}
"""


def start_dns() -> None:
    """CoreDNS; names that are not the cluster's do not exist: it asks nobody outside."""
    corefile = _write(STATE / "Corefile", COREFILE)
    process.ensure(Service("dns", (BIN / "coredns", "-conf", corefile), reads=(corefile,)))
    until("DNS to know the cluster", _resolves, 30)


def _resolves() -> bool:
    """Whether the API server's own name is found, by a query as a Pod would send it."""
    process.require("dns")
    labels = b"".join(bytes([len(part)]) + part for part in b"kubernetes.default.svc.cluster.local".split(b"."))
    query = struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(1)
        link.sendto(query, (HOST_ADDRESS, 53))
        answer = link.recv(512)
    code, answers = answer[3] & 0x0F, struct.unpack(">H", answer[6:8])[0]
    return code == 0 and answers > 0


def start_registry() -> None:
    config = _write(STATE / "registry.yml", REGISTRY_CONFIG)
    process.ensure(Service("registry", ("docker-registry", "serve", config), reads=(config,)))
    until("the registry to answer", lambda: _listens(int(REGISTRY.split(":")[1]), "registry"), 30)


def _listens(port: int, name: str) -> bool:
    process.require(name)
    socket.create_connection((HOST_ADDRESS, port), timeout=1).close()
    return True


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path
