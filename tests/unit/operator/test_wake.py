"""Whom a change wakes: everybody that waits for it, and nobody else."""

from typing import Any

import pytest

from moorage.core import names
from moorage.kube.reflector import Store
from moorage.operator.controller import OWN_KINDS
from moorage.operator.wake import wakes

Object = dict[str, Any]


def resource(kind: str, name: str, phase: str = "", *, namespace: str = "shop", **spec: Any) -> Object:
    found = {"kind": kind, "metadata": {"name": name, "namespace": namespace, "resourceVersion": "1"}, "spec": spec}
    return found | ({"status": {"phase": phase}} if phase else {})


def stores(*items: Object) -> dict[str, Store]:
    found = {kind: Store() for kind in OWN_KINDS}
    for kind, store in found.items():
        store.listed([i for i in items if i["kind"] == kind], "1")
    return found


ORDERS = resource("DataService", "orders", engine="mongodb")
RUNNING = resource("DataBackup", "b1", "Running", service="orders")
DONE = resource("DataBackup", "b0", "Succeeded", service="orders")
WAITING_ELSEWHERE = resource("DataBackup", "b2", namespace="other", service="carts")
RESTORE = resource("DataRestore", "r1", "Seeding", inPlace="orders")
STORE = resource("BackupStore", "s3")
ALL = stores(ORDERS, RUNNING, DONE, WAITING_ELSEWHERE, RESTORE, STORE)


def test_a_service_wakes_its_backups_and_restores_that_are_not_over() -> None:
    found = wakes("DataService", ORDERS, ALL)
    assert found == {("DataService", "shop", "orders"), ("DataBackup", "shop", "b1"), ("DataRestore", "shop", "r1")}


def test_a_backup_wakes_its_service() -> None:
    assert ("DataService", "shop", "orders") in wakes("DataBackup", RUNNING, ALL)


def test_a_backup_that_is_over_wakes_those_of_any_namespace_that_wait_for_its_place() -> None:
    assert ("DataBackup", "other", "b2") in wakes("DataBackup", DONE, ALL)
    assert ("DataBackup", "other", "b2") not in wakes("DataBackup", RUNNING, ALL)


@pytest.mark.parametrize(
    ("phase", "task", "wakes_them"),
    [
        ("Verifying", "0123456789ab-1", True),
        ("Verifying", "0123456789ab-r1", False),
        ("Pending", "0123456789ab-1", True),
        ("Pending", None, False),
        ("Running", "0123456789ab-1", False),
    ],
    ids=["just taken", "progress of its rehearsal", "waits after a try", "not begun", "runs"],
)
def test_a_place_that_is_free_is_told_once_and_not_with_every_progress(phase: str, task: str | None, wakes_them: bool) -> None:
    backup = resource("DataBackup", "b1", phase, service="orders")
    backup["status"]["taskId"] = task
    assert (("DataBackup", "other", "b2") in wakes("DataBackup", backup, ALL)) is wakes_them


def test_a_store_wakes_the_services_of_its_namespace_and_who_waits_for_it() -> None:
    found = wakes("BackupStore", STORE, ALL)
    assert {("DataService", "shop", "orders"), ("DataBackup", "shop", "b1"), ("DataRestore", "shop", "r1")} <= found
    assert not any(namespace == "other" for _, namespace, _ in found)


def test_a_restore_wakes_its_service() -> None:
    assert wakes("DataRestore", RESTORE, ALL) == {("DataRestore", "shop", "r1"), ("DataService", "shop", "orders")}


def test_a_worker_wakes_whom_it_works_for_and_not_the_service_of_that_name() -> None:
    pod = resource("Pod", "moorage-backup-1")
    pod["metadata"] |= {
        "labels": {names.LABEL_INSTANCE: "orders", names.LABEL_COMPONENT: names.COMPONENT_WORKER},
        "annotations": {names.ANNOTATION_FOR: "DataBackup/b1"},
    }
    assert wakes("Pod", pod, ALL) == {("DataBackup", "shop", "b1")}


def test_a_members_pod_wakes_its_service_and_the_restore_that_waits_for_it() -> None:
    pod = resource("Pod", "orders-g2-0")
    pod["metadata"]["labels"] = {names.LABEL_INSTANCE: "orders", names.LABEL_COMPONENT: names.COMPONENT_MEMBER}
    assert wakes("Pod", pod, ALL) == {("DataService", "shop", "orders"), ("DataRestore", "shop", "r1")}


def test_a_claim_wakes_the_store_that_lies_on_it() -> None:
    of_files = stores(resource("BackupStore", "nfs", fileSystem={"claim": "shared"}))
    assert wakes("PersistentVolumeClaim", resource("PersistentVolumeClaim", "shared"), of_files) == {
        ("BackupStore", "shop", "nfs")
    }
