"""What the cluster has beside Kubernetes itself: the controller process and the storage classes."""

import sys

from devcluster import process
from devcluster.config import CHECKOUT, PKI
from devcluster.controller import disks
from devcluster.controller.volumes import CLASSES, storage_class
from devcluster.kube import Client
from devcluster.process import Service


def start_controller() -> None:
    """Started anew when its code changed, or when `up` runs from another checkout."""
    disks.mount_all()  # before any Pod can write into the empty folder below a mount
    code = (*sorted((CHECKOUT / "devcluster/controller").glob("*.py")), PKI / "admin.crt")
    command = (sys.executable, "-m", "devcluster.controller")
    env = {"PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    process.ensure(Service("controller", command, reads=code, env=env))


def apply_storage_classes() -> None:
    client = Client()
    for name in CLASSES:
        client.apply(f"/apis/storage.k8s.io/v1/storageclasses/{name}", storage_class(name))
