"""`down`: the end of everything that `up` started, and of nothing else. `clean`: its data too."""

import shutil
from pathlib import Path

from devcluster import control_plane, network, nodes, process, sweep
from devcluster.config import CACHE, CHECKOUT, LOGS, STATE, VOLUMES
from devcluster.links import CUTS
from devcluster.machine import check
from devcluster.steps import step

CONTAINER_LOGS = Path("/var/log/containers")


def down() -> None:
    """Stop; objects, volumes and images stay. So do the blackhole routes: a client that runs on must not leak packets."""
    check()
    with step("Controller"):
        process.stop("controller")
    with step("Nodes and their containers"):
        nodes.shut_down()
    with step("API server and what hangs on it"):
        process.stop("dns", *control_plane.NAMES[:2])
        process.stop("apiserver", seconds=5)
        process.stop("etcd", "registry", "s3")
    with step("Network and mounts"):
        network.remove()
        CUTS.unlink(missing_ok=True)
        sweep.unmount(VOLUMES)
        sweep.unmount(STATE)
        sweep.remove_cgroups("moorage")


def clean() -> None:
    """Down, and remove the cluster's data; what was built stays in the cache."""
    down()
    with step("Data"):
        for link in CONTAINER_LOGS.glob("*"):
            if link.is_symlink() and str(link.readlink()).startswith(f"{STATE}/"):
                link.unlink()
        for name in (p for p in STATE.iterdir() if p != LOGS) if STATE.exists() else ():
            shutil.rmtree(name) if name.is_dir() and not name.is_symlink() else name.unlink()
        shutil.rmtree(STATE, ignore_errors=True)
    print(f"What was built stays in {CACHE}; without it the next `make up` builds for a quarter of an hour.")
    print(f"This checkout's own environment is {CHECKOUT / '.venv'}.")
    print("The blackhole routes stay until the machine starts anew: a client that still runs must not leak packets.")
