"""The members. OnDelete updates: the operator orders them, primary last."""

import json

from moorage.core import names
from moorage.core.autogrow import size_to_have
from moorage.operator.manifests.context import Context, Manifest

AGENT_DIR = "/opt/moorage"
INTERNAL_DIR = "/run/moorage/internal"
TLS_DIR = "/run/moorage/tls"
DATA_DIR = "/data/db"
HOSTS_DIR = "/run/moorage/hosts"
GRACE_SECONDS = 60
"""A hand-over takes under a second; the rest is for the engine's checkpoint on a slow disk."""


def agent_command(root: str, module: str) -> list[str]:
    """How the self-contained folder at `root` starts a module: by its own loader, in an image that may hold nothing else."""
    return [f"{root}/lib/ld-linux-x86-64.so.2", "--library-path", f"{root}/lib", f"{root}/bin/python", "-s", "-m", module]


LOCKED_DOWN: Manifest = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def template(ctx: Context) -> Manifest:
    """The Pod template."""
    card, asked = ctx.engine.card, ctx.service.spec.resources
    resources = {"cpu": asked.cpu, "memory": asked.memory}
    return {
        "metadata": {"labels": {**ctx.labels(), names.LABEL_GENERATION: str(ctx.generation)}},
        "spec": {
            "serviceAccountName": names.service_account(ctx.name),
            "automountServiceAccountToken": True,
            "enableServiceLinks": False,
            # an engine's own look-up would wait 10 s for a DNS that is away, and then find what its agent wrote down meanwhile
            "dnsConfig": {"options": [{"name": "timeout", "value": "1"}, {"name": "attempts", "value": "2"}]},
            "terminationGracePeriodSeconds": GRACE_SECONDS,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": card.user_id,
                "runAsGroup": card.user_id,
                "fsGroup": card.user_id,
                "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "affinity": _spread(ctx),
            "initContainers": [_install_agent(ctx, {"requests": resources, "limits": resources})],
            "containers": [_member(ctx, {"requests": resources, "limits": resources})],
            "volumes": _volumes(ctx),
        },
    }


def _member(ctx: Context, resources: Manifest) -> Manifest:
    """The engine's image, with the agent as its program."""
    card = ctx.engine.card
    return {
        "name": names.CONTAINER_MEMBER,
        "image": card.image(ctx.service),
        "command": agent_command(AGENT_DIR, "moorage.agent"),
        "env": _environment(ctx),
        "ports": [
            {"name": names.PORT_NAME, "containerPort": card.port},
            {"name": "agent", "containerPort": names.AGENT_PORT},
        ],
        "resources": resources,
        "securityContext": LOCKED_DOWN,
        "readinessProbe": {**_probe("/readyz"), "periodSeconds": 2, "failureThreshold": 2},
        "livenessProbe": {**_probe("/livez"), "periodSeconds": 10, "failureThreshold": 3, "initialDelaySeconds": 20},
        "volumeMounts": [
            {"name": "agent", "mountPath": AGENT_DIR, "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108 - a private emptyDir
            {"name": "internal", "mountPath": INTERNAL_DIR, "readOnly": True},
            # a whole folder: the kubelet brings a renewed certificate into it, into a single file it would not
            {"name": "tls", "mountPath": TLS_DIR, "readOnly": True},
            {"name": "data", "mountPath": DATA_DIR},
            # its agent writes there where the others are while DNS is away (agent/lookups.py)
            {"name": "hosts", "mountPath": "/etc/hosts", "subPath": "hosts"},
        ],
    }


def _environment(ctx: Context) -> list[Manifest]:
    """What `agent/settings.py` reads."""
    fields = {
        "POD_NAME": "metadata.name",
        "POD_NAMESPACE": "metadata.namespace",
        "POD_IP": "status.podIP",
        "POD_UID": "metadata.uid",
        "NODE_NAME": "spec.nodeName",
        "MOORAGE_LIVE_SETTINGS": f"metadata.annotations['{names.ANNOTATION_SETTINGS}']",
    }
    values = {
        "PYTHONHOME": AGENT_DIR,
        "PYTHONDONTWRITEBYTECODE": "1",
        "MOORAGE_SERVICE": ctx.name,
        "MOORAGE_GENERATION": str(ctx.generation),
        "MOORAGE_ENGINE": ctx.engine.card.name,
        "MOORAGE_ENGINE_ARGUMENTS": json.dumps(ctx.engine.topology.engine_arguments(ctx.service, ctx.data_members)),
    }
    return [
        *({"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}} for name, path in fields.items()),
        *({"name": name, "value": value} for name, value in values.items()),
    ]


def _volumes(ctx: Context) -> list[Manifest]:
    """Beside the data's, which comes from a claim."""
    return [
        {"name": "agent", "emptyDir": {}},
        {"name": "tmp", "emptyDir": {}},
        {"name": "hosts", "emptyDir": {}},
        {"name": "internal", "secret": {"secretName": names.internal_secret(ctx.name), "defaultMode": 0o440}},
        {"name": "tls", "secret": {"secretName": names.certificate_secret(ctx.name), "defaultMode": 0o440}},
    ]


def _probe(path: str) -> Manifest:
    return {"httpGet": {"path": path, "port": "agent"}, "timeoutSeconds": 2}


def _spread(ctx: Context) -> Manifest:
    """Not apart from another generation's members: for the time of a restore there are twice as many."""
    term = {
        "labelSelector": {"matchLabels": ctx.member_labels()},
        "topologyKey": "kubernetes.io/hostname",
    }
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def _install_agent(ctx: Context, resources: Manifest) -> Manifest:
    """It may use what the member uses afterwards, which costs no node anything; with less it starves where many start at once.

    And only a Pod whose containers all have equal requests and limits is the last to be evicted.
    """
    return {
        "name": "install-agent",
        "image": ctx.agent_image,
        "command": [*agent_command("/moorage", "moorage.agent.install"), AGENT_DIR, "--hosts", f"{HOSTS_DIR}/hosts"],
        "env": [{"name": "PYTHONHOME", "value": "/moorage"}, {"name": "PYTHONDONTWRITEBYTECODE", "value": "1"}],
        "securityContext": LOCKED_DOWN,
        "resources": resources,
        "volumeMounts": [{"name": "agent", "mountPath": AGENT_DIR}, {"name": "hosts", "mountPath": HOSTS_DIR}],
    }


def claim_spec(ctx: Context) -> Manifest:
    storage = ctx.service.spec.storage
    claim: Manifest = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": storage.size}}}
    if storage.class_name is not None:
        claim["storageClassName"] = storage.class_name
    return claim


def first_claim(ctx: Context, restore: str) -> Manifest:
    """The claim of a generation's first member, which a restore fills before there is a StatefulSet.

    As large as the volumes are that it comes beside: they may have grown by themselves beyond what the spec asks for.
    """
    meta = ctx.metadata(names.claim(ctx.name, ctx.generation, 0), owned=False)
    meta["labels"] = ctx.member_labels()
    meta["annotations"] = {names.ANNOTATION_RESTORE: restore}
    spec = {**claim_spec(ctx), "resources": {"requests": {"storage": size_to_have(ctx.service)}}}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": spec}


def statefulset(ctx: Context, pod_template: Manifest) -> Manifest:
    card = ctx.engine.card
    meta = ctx.metadata(names.statefulset(ctx.name, ctx.generation))
    meta["labels"][names.LABEL_GENERATION] = str(ctx.generation)
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": meta,
        "spec": {
            "replicas": ctx.replicas,
            "serviceName": names.members_service(ctx.name),
            "podManagementPolicy": "Parallel",
            "updateStrategy": {"type": "OnDelete"},
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
            # without the generation: it can never change, and Kubernetes tells the Pods of two StatefulSets apart by name
            "selector": {"matchLabels": names.labels(ctx.name, card.name)},
            "template": pod_template,
            "volumeClaimTemplates": [
                {"metadata": {"name": "data", "labels": ctx.member_labels()}, "spec": claim_spec(ctx)},
            ],
        },
    }
