"""A worker's Pod: what its task needs, and nothing else."""

import json
from typing import Any

import pytest

from moorage.api.backupstore import BackupStoreSpec
from moorage.core import names
from moorage.core.task import Task, TaskKind, task_from_json
from moorage.operator.manifests.worker import Owner, Scratch, Worker, access, pod

S3 = BackupStoreSpec.model_validate(
    {
        "s3": {"endpoint": "https://s3", "bucket": "b00", "credentialsSecret": "keys", "caSecret": "authority"},
        "encryption": {"recipient": "age1x", "identitySecret": "private"},
    }
)
FILES = BackupStoreSpec.model_validate({"fileSystem": {"claim": "shared"}})


def made(kind: TaskKind, store: BackupStoreSpec = S3, **more: Any) -> dict[str, Any]:
    task = Task("3f2a9c01b7de-1", kind, store.model_dump(mode="json"), "shop", "orders", "mongodb")
    worker = Worker(task, store, ("DataBackup", "b1"), Owner("DataBackup", "b1", "u"), "orders", 999, "moorage:1", **more)
    return pod(worker)


def secrets(of: dict[str, Any]) -> set[str]:
    return {v["secret"]["secretName"] for v in of["spec"]["volumes"] if "secret" in v}


def test_a_worker_tells_its_task_and_whom_it_works_for() -> None:
    found = made(TaskKind.BACKUP)
    meta, (container,) = found["metadata"], found["spec"]["containers"]
    assert meta["name"] == "moorage-backup-3f2a9c01b7de-1"
    assert meta["annotations"][names.ANNOTATION_FOR] == "DataBackup/b1"
    assert task_from_json(meta["annotations"][names.ANNOTATION_TASK]).kind is TaskKind.BACKUP
    environment = {e["name"]: e.get("value") for e in container["env"]}
    assert environment["MOORAGE_TASK"] == meta["annotations"][names.ANNOTATION_TASK]


def test_no_service_selects_a_worker() -> None:
    labels = made(TaskKind.BACKUP)["metadata"]["labels"]
    assert not names.labels("orders", "mongodb").items() <= labels.items()


def test_only_who_decrypts_is_given_the_private_key() -> None:
    assert "private" not in secrets(made(TaskKind.BACKUP, internal=True, tls=True))
    assert "private" in secrets(made(TaskKind.SEED, member_memory="2Gi"))


def test_a_check_is_given_no_password_of_a_service() -> None:
    assert secrets(made(TaskKind.CHECK)) == {"keys", "authority"}


def test_a_drills_writer_holds_what_an_application_holds_and_nothing_else() -> None:
    found = made(TaskKind.DRILL, BackupStoreSpec(), app=True)
    assert secrets(found) == {"orders-app"}
    assert "initContainers" not in found["spec"]
    assert found["spec"]["activeDeadlineSeconds"] == 7200


def test_a_backup_reads_with_the_services_passwords_and_certificates() -> None:
    assert {"orders-internal", "orders-tls"} <= secrets(made(TaskKind.BACKUP, internal=True, tls=True))


def test_a_shared_file_system_is_mounted() -> None:
    found = made(TaskKind.DELETE, FILES)
    (volume,) = [v for v in found["spec"]["volumes"] if "persistentVolumeClaim" in v]
    assert volume["persistentVolumeClaim"]["claimName"] == "shared"
    assert {"name": volume["name"], "mountPath": "/backups"} in found["spec"]["containers"][0]["volumeMounts"]


@pytest.mark.parametrize(("kind", "seconds"), [(TaskKind.CHECK, 120), (TaskKind.DELETE, 120), (TaskKind.BACKUP, None)])
def test_what_should_be_short_is_ended_when_it_is_not(kind: TaskKind, seconds: int | None) -> None:
    assert made(kind)["spec"].get("activeDeadlineSeconds") == seconds


def test_the_volume_of_a_rehearsal_goes_with_its_worker_and_is_none_of_the_services() -> None:
    found = made(TaskKind.SEED, member_memory="2Gi", data=Scratch("10Gi", "fast"))
    (volume,) = [v for v in found["spec"]["volumes"] if v["name"] == "data"]
    claim = volume["ephemeral"]["volumeClaimTemplate"]
    assert claim["spec"]["storageClassName"] == "fast"
    assert names.LABEL_INSTANCE not in claim["metadata"]["labels"]


@pytest.mark.parametrize("kind", list(TaskKind))
@pytest.mark.parametrize("image", ["", "mongo:6"])
def test_a_worker_may_run_where_pods_are_restricted(kind: TaskKind, image: str) -> None:
    spec = made(kind, engine_image=image, member_memory="2Gi")["spec"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in [*spec["containers"], *spec.get("initContainers", [])]:
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert not container["securityContext"]["allowPrivilegeEscalation"]
        assert {"cpu", "memory"} == container["resources"]["limits"].keys() == container["resources"]["requests"].keys()


def test_a_worker_prefers_the_node_of_its_source_and_starts_elsewhere_when_it_must() -> None:
    affinity = made(TaskKind.BACKUP, node="n2")["spec"]["affinity"]["nodeAffinity"]
    assert "n2" in json.dumps(affinity["preferredDuringSchedulingIgnoredDuringExecution"])
    assert "requiredDuringSchedulingIgnoredDuringExecution" not in affinity


def test_workers_of_a_namespace_share_rights_on_pods_alone() -> None:
    account, role, binding = access("shop")
    assert role["rules"] == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "patch"]}]
    assert binding["subjects"][0]["name"] == account["metadata"]["name"] == "moorage-worker"
