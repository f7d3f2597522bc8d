"""Dynamic volumes: folders on the machine, which all nodes share, so any node can mount any of them, as with network storage.

`plan` is pure: claims and volumes in, steps out. Class `standard` is a plain folder without a limit; class `limited` is a file
system of exactly the claimed size (a loop-mounted file), so that it can be filled without filling the machine.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from devcluster.config import VOLUMES
from devcluster.controller.quantity import size_in_bytes
from devcluster.kube import Json

PROVISIONER = "moorage.dev/devcluster"
STANDARD, LIMITED = "standard", "limited"
CLASSES = (STANDARD, LIMITED)


@dataclass(frozen=True)
class Create:
    """A claim waits for its volume."""

    claim: Json


@dataclass(frozen=True)
class Grow:
    """A claim asks for more than its volume has."""

    claim: Json
    volume: Json


@dataclass(frozen=True)
class Delete:
    """Nobody claims the volume any more and its policy says that the data goes too."""

    volume: Json


Step = Create | Grow | Delete


def plan(claims: Iterable[Json], volumes: Iterable[Json]) -> list[Step]:
    """What is to be done now."""
    by_name = {volume["metadata"]["name"]: volume for volume in volumes if _is_ours(volume)}
    steps: list[Step] = []
    for claim in claims:
        volume = by_name.get(claim["spec"].get("volumeName") or volume_name(claim))
        if _waits(claim) and volume is None:
            steps.append(Create(claim))
        elif volume and claim.get("status", {}).get("phase") == "Bound" and _wants_more(claim, volume):
            steps.append(Grow(claim, volume))
    steps += [Delete(volume) for volume in by_name.values() if _is_done_with(volume)]
    return steps


def volume_name(claim: Json) -> str:
    return f"pvc-{claim['metadata']['uid']}"


def storage_class(name: str) -> Json:
    default = "true" if name == STANDARD else "false"
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "annotations": {"storageclass.kubernetes.io/is-default-class": default}},
        "provisioner": PROVISIONER,
        "reclaimPolicy": "Delete",
        "allowVolumeExpansion": True,
        "volumeBindingMode": "Immediate",
    }


def volume_of(step: Step) -> str:
    """The name of the volume that a step is about."""
    return volume_name(step.claim) if isinstance(step, Create) else str(step.volume["metadata"]["name"])


def volume(claim: Json) -> Json:
    """The volume for a claim."""
    meta, spec = claim["metadata"], claim["spec"]
    name = volume_name(claim)
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER}},
        "spec": {
            "capacity": {"storage": spec["resources"]["requests"]["storage"]},
            "accessModes": spec["accessModes"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": spec["storageClassName"],
            "claimRef": {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "namespace": meta["namespace"],
                "name": meta["name"],
                "uid": meta["uid"],
            },
            "hostPath": {"path": str(folder_of(name)), "type": "Directory"},
        },
    }


def folder_of(name: str) -> Path:
    return VOLUMES / name


def _is_ours(volume: Json) -> bool:
    return bool(volume["metadata"].get("annotations", {}).get("pv.kubernetes.io/provisioned-by") == PROVISIONER)


def _waits(claim: Json) -> bool:
    return (
        claim["spec"].get("storageClassName") in CLASSES
        and not claim["spec"].get("volumeName")
        and claim.get("status", {}).get("phase") == "Pending"
        and "deletionTimestamp" not in claim["metadata"]
    )


def _wants_more(claim: Json, volume: Json) -> bool:
    wanted = size_in_bytes(claim["spec"]["resources"]["requests"]["storage"])
    has = size_in_bytes(volume["spec"]["capacity"]["storage"])
    told = size_in_bytes(claim["status"].get("capacity", {}).get("storage", "0"))
    return has < wanted or told < wanted


def _is_done_with(volume: Json) -> bool:
    released = volume.get("status", {}).get("phase") == "Released"
    return (
        released and volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete" and "deletionTimestamp" not in volume["metadata"]
    )
