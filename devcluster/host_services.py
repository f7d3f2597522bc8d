"""The cluster's DNS server and its image registry: processes on the machine itself, at the nodes' side of it."""

import socket
from pathlib import Path

from devcluster import process
from devcluster.config import BIN, CACHE, HOST_ADDRESS, PKI, REGISTRY, STATE
from devcluster.process import Service
from devcluster.wait import until

COREFILE = f""".:53 {{
  bind {HOST_ADDRESS}
  errors
  kubernetes cluster.local in-addr.arpa {{
    kubeconfig {PKI / "admin.conf"}
    ttl 5
    pods insecure
  }}
  template ANY ANY . {{
    rcode NXDOMAIN
    fallthrough cluster.local in-addr.arpa
  }}
  cache 5
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
    until("DNS to answer", lambda: _listens(53, "dns"), 30)


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
