"""A worker: a Pod that lives as long as its task, with a memory limit and rights of its own (decision 0008)."""

from dataclasses import dataclass, field

from moorage.api.backupstore import BackupStoreSpec
from moorage.api.quantity import to_bytes
from moorage.api.schema import API_VERSION
from moorage.core import names
from moorage.core.task import Task, TaskKind
from moorage.operator.manifests.context import Manifest
from moorage.operator.manifests.statefulset import AGENT_DIR, DATA_DIR, INTERNAL_DIR, LOCKED_DOWN, TLS_DIR, agent_command

STORE_DIR = "/run/moorage/store"
STORE_CA_DIR = "/run/moorage/store-ca"
IDENTITY_DIR = "/run/moorage/identity"
APP_DIR = "/run/moorage/app"
FILES_DIR = "/backups"
IMAGE_DIR = "/moorage"
"""Where the platform's own image holds its self-contained folder."""
CONTAINER = "worker"
MIB = 2**20
MEMORY_MIB = 256
BACKUP_MEMORY_MIB = 384
SEED_EXTRA_MIB = 256
SHORT_SECONDS = 120
"""A check or a deletion that takes longer hangs."""
DRILL_SECONDS = 2 * 3600
"""Longer than any drill is waited for."""
GRACE_SECONDS = 30
"""For ending an upload so that the store keeps no part of it."""


@dataclass(frozen=True)
class Owner:
    """With whom an object goes."""

    kind: str
    name: str
    uid: str

    def reference(self) -> Manifest:
        named = {"apiVersion": API_VERSION, "kind": self.kind, "name": self.name, "uid": self.uid}
        return {**named, "controller": True, "blockOwnerDeletion": True}


@dataclass(frozen=True)
class Scratch:
    """A volume that lives as long as the worker: for a rehearsal."""

    size: str
    class_name: str | None = None


@dataclass(frozen=True)
class Worker:
    """What a worker's Pod is made from."""

    task: Task
    store: BackupStoreSpec
    works_for: tuple[str, str]
    """Kind and name of the resource that is woken by it."""
    owner: Owner
    instance: str
    """The service, or the store of a check."""
    user_id: int
    """The engine's: what one worker writes on a shared file system, the next one must be able to delete."""
    platform_image: str
    engine_image: str = ""
    """For tasks that need the engine's own programs; empty: the platform's image does."""
    internal: bool = False
    """Whether it needs the service's passwords (and, to talk to members, its certificates)."""
    tls: bool = False
    app: bool = False
    """Whether it uses the service as an application does: by the address and the password in `NAME-app`."""
    data: str | Scratch | None = None
    """Claim to fill, or a volume of its own."""
    node: str = ""
    """Node that it is best on: that of the member that it reads from."""
    member_memory: str = ""
    """SEED: a member's memory, which its engine is sized for."""
    labels: dict[str, str] = field(default_factory=dict)


def pod_name(task: Task) -> str:
    return f"moorage-{task.kind}-{task.id}"


def pod(worker: Worker) -> Manifest:
    """The Pod. It never restarts: a worker that fell is replaced by the next try, which has a name of its own."""
    task, root = worker.task, AGENT_DIR if worker.engine_image else IMAGE_DIR
    resources = _resources(worker)
    mounts, volumes = _mounts(worker)
    spec: Manifest = {
        "restartPolicy": "Never",
        "serviceAccountName": names.WORKER,
        "automountServiceAccountToken": True,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": worker.user_id,
            "runAsGroup": worker.user_id,
            "fsGroup": worker.user_id,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": CONTAINER,
                "image": worker.engine_image or worker.platform_image,
                "command": agent_command(root, "moorage.worker"),
                "env": _environment(task, root),
                "resources": resources,
                "securityContext": LOCKED_DOWN,
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "FallbackToLogsOnError",
                "volumeMounts": mounts,
            }
        ],
        "volumes": volumes,
    }
    if worker.engine_image:
        spec["initContainers"] = [_install(worker, resources)]
    if task.kind in (TaskKind.CHECK, TaskKind.DELETE):
        spec["activeDeadlineSeconds"] = SHORT_SECONDS
    if task.kind is TaskKind.DRILL:
        spec["activeDeadlineSeconds"] = DRILL_SECONDS
    if worker.node:
        spec["affinity"] = _near(worker.node)
    return {"apiVersion": "v1", "kind": "Pod", "metadata": _metadata(worker), "spec": spec}


def _metadata(worker: Worker) -> Manifest:
    task = worker.task
    labels = names.labels(worker.instance, task.engine or "moorage", names.COMPONENT_WORKER)
    return {
        "name": pod_name(task),
        "namespace": task.namespace,
        "labels": {**labels, **worker.labels, names.LABEL_TASK: task.id},
        "annotations": {names.ANNOTATION_TASK: task.to_json(), names.ANNOTATION_FOR: "/".join(worker.works_for)},
        "ownerReferences": [worker.owner.reference()],
    }


def _environment(task: Task, root: str) -> list[Manifest]:
    return [
        {"name": "MOORAGE_TASK", "value": task.to_json()},
        {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
        {"name": "PYTHONHOME", "value": root},
        {"name": "PYTHONDONTWRITEBYTECODE", "value": "1"},
        # memory of a part that was sent goes back to the system at once
        {"name": "MALLOC_MMAP_THRESHOLD_", "value": "131072"},
    ]


def _resources(worker: Worker) -> Manifest:
    """Processor time is asked for sparingly and limited widely: what nobody else needs makes a backup or a restore short."""
    memory, ask, most = f"{MEMORY_MIB}Mi", "50m", "1"
    if worker.task.kind is TaskKind.BACKUP:
        memory, ask, most = f"{BACKUP_MEMORY_MIB}Mi", "100m", "4"
    if worker.task.kind is TaskKind.SEED:
        memory = f"{to_bytes(worker.member_memory) // MIB + SEED_EXTRA_MIB}Mi"
        ask, most = "250m", "8"
    return {"requests": {"cpu": ask, "memory": memory}, "limits": {"cpu": most, "memory": memory}}


def _install(worker: Worker, resources: Manifest) -> Manifest:
    return {
        "name": "install-agent",
        "image": worker.platform_image,
        "command": [*agent_command(IMAGE_DIR, "moorage.agent.install"), "--for", "worker", AGENT_DIR],
        "env": [{"name": "PYTHONHOME", "value": IMAGE_DIR}, {"name": "PYTHONDONTWRITEBYTECODE", "value": "1"}],
        "securityContext": LOCKED_DOWN,
        "resources": resources,
        "volumeMounts": [{"name": "agent", "mountPath": AGENT_DIR}],
    }


def _mounts(worker: Worker) -> tuple[list[Manifest], list[Manifest]]:
    """Each worker mounts what its task needs and nothing else; the private key only who decrypts."""
    task, store = worker.task, worker.store
    secrets: dict[str, tuple[str, str]] = {}
    mounts: list[Manifest] = [{"name": "tmp", "mountPath": "/tmp"}]  # noqa: S108 - a private emptyDir
    volumes: list[Manifest] = [{"name": "tmp", "emptyDir": {}}]
    if worker.engine_image:
        mounts.append({"name": "agent", "mountPath": AGENT_DIR, "readOnly": True})
        volumes.append({"name": "agent", "emptyDir": {}})
    if store.s3 is not None:
        secrets["store"] = (STORE_DIR, store.s3.credentials_secret)
        if store.s3.ca_secret is not None:
            secrets["store-ca"] = (STORE_CA_DIR, store.s3.ca_secret)
    if store.file_system is not None:
        mounts.append({"name": "files", "mountPath": FILES_DIR})
        volumes.append({"name": "files", "persistentVolumeClaim": {"claimName": store.file_system.claim}})
    if store.encryption is not None and task.kind is TaskKind.SEED:
        secrets["identity"] = (IDENTITY_DIR, store.encryption.identity_secret)
    if worker.internal:
        secrets["internal"] = (INTERNAL_DIR, names.internal_secret(task.service))
    if worker.tls:
        secrets["tls"] = (TLS_DIR, names.certificate_secret(task.service))
    if worker.app:
        secrets["app"] = (APP_DIR, names.app_secret(task.service))
    for name, (path, secret) in secrets.items():
        mounts.append({"name": name, "mountPath": path, "readOnly": True})
        volumes.append({"name": name, "secret": {"secretName": secret, "defaultMode": 0o440}})
    if worker.data is not None:
        mounts.append({"name": "data", "mountPath": DATA_DIR})
        volumes.append({"name": "data", **_data(worker.data)})
    return mounts, volumes


def _data(data: str | Scratch) -> Manifest:
    if isinstance(data, str):
        return {"persistentVolumeClaim": {"claimName": data}}
    claim: Manifest = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": data.size}}}
    if data.class_name is not None:
        claim["storageClassName"] = data.class_name
    # without the service's label: its deletion keeps the claims that carry it
    labels = {names.LABEL_PART_OF: names.PART_OF, names.LABEL_COMPONENT: names.COMPONENT_WORKER}
    return {"ephemeral": {"volumeClaimTemplate": {"metadata": {"labels": labels}, "spec": claim}}}


def _near(node: str) -> Manifest:
    """Preferred only: what it reads then does not cross the network twice."""
    field_is = {"key": "metadata.name", "operator": "In", "values": [node]}
    term = {"weight": 100, "preference": {"matchFields": [field_is]}}
    return {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [term]}}


def access(namespace: str) -> tuple[Manifest, Manifest, Manifest]:
    """ServiceAccount, Role and RoleBinding of a namespace's workers. They belong to no service: backups outlive those.

    That a worker changes no Pod but its own, and there nothing but its report, is held by the chart's policy.
    """
    meta = {"name": names.WORKER, "namespace": namespace, "labels": _access_labels()}
    group = "rbac.authorization.k8s.io"
    return (
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta, "automountServiceAccountToken": False},
        {
            "apiVersion": f"{group}/v1",
            "kind": "Role",
            "metadata": meta,
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "patch"]}],
        },
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": meta,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": names.WORKER},
            "subjects": [{"kind": "ServiceAccount", "name": names.WORKER, "namespace": namespace}],
        },
    )


def _access_labels() -> dict[str, str]:
    return {
        names.LABEL_COMPONENT: names.COMPONENT_WORKER,
        names.LABEL_PART_OF: names.PART_OF,
        "app.kubernetes.io/managed-by": names.MANAGED_BY,
    }
