"""What happens when a DataService is deleted. Each step is bounded in time: a deletion never hangs."""

import json

import structlog

from moorage.api.dataservice import DataService, OnDelete
from moorage.core import generations, names
from moorage.kube.client import Kube, KubeError, Object

log = structlog.get_logger()

PODS_GONE_SECONDS_MAX = 90.0
"""Longer than the members' grace period; after that Kubernetes' garbage collection finishes alone."""


async def delete(kube: Kube, service: DataService, age_seconds: float) -> bool:
    """One pass; true when the finalizer was released. `age_seconds`: since the deletion was asked for."""
    namespace, name = service.metadata.namespace, service.metadata.name
    labels = {names.LABEL_INSTANCE: name, names.LABEL_PART_OF: names.PART_OF}
    expired = age_seconds > PODS_GONE_SECONDS_MAX
    claims, _ = await kube.list("PersistentVolumeClaim", namespace, labels={names.LABEL_INSTANCE: name})
    empty = [claim for claim in claims if not claim["spec"].get("volumeName")]
    claims = [claim for claim in claims if claim not in empty]
    if service.spec.on_delete is OnDelete.RETAIN:
        kept = json.dumps(_kept(service), sort_keys=True)
        marks = {"metadata": {"annotations": {names.ANNOTATION_SERVICE: kept}, "labels": labels}}
        for claim in (claim for claim in claims if not _has_marks(claim, kept, labels)):
            await kube.merge("PersistentVolumeClaim", claim["metadata"]["name"], namespace, marks)
    members, _ = await kube.list("StatefulSet", namespace, labels=labels)
    for statefulset in members:  # of every generation
        await kube.delete("StatefulSet", statefulset["metadata"]["name"], namespace)
    pods, _ = await kube.list("Pod", namespace, labels={names.LABEL_INSTANCE: name})
    if any(not _is_worker(pod) for pod in pods) and not expired:
        return False
    keeps = service.spec.on_delete is OnDelete.RETAIN and bool(claims)
    for claim in empty if keeps else [*empty, *claims]:  # a claim that never had a volume holds nothing to keep
        await kube.delete("PersistentVolumeClaim", claim["metadata"]["name"], namespace)
    if not keeps:
        for secret in (names.internal_secret(name), names.authority_secret(name)):
            await kube.delete("Secret", secret, namespace)
    remaining = [f for f in service.metadata.finalizers if f != names.FINALIZER]
    try:
        await kube.merge("DataService", name, namespace, {"metadata": {"finalizers": remaining}})
    except KubeError as error:
        if not error.not_found:
            raise
    log.info("service_deleted", service=service.key, volumes=str(service.spec.on_delete), pods_left=len(pods))
    return True


def _kept(service: DataService) -> Object:
    generation = generations.serving(service)
    meta = service.metadata
    found: Object = {"spec": service.spec.to_dict(), "engine": service.spec.engine, "deleted": meta.deletion_timestamp}
    return found | ({"generation": generation} if generation > 1 else {})


def _is_worker(pod: Object) -> bool:
    """A worker of its backups: it ends without this service, and holds none of its volumes."""
    return (pod["metadata"].get("labels") or {}).get(names.LABEL_COMPONENT) == names.COMPONENT_WORKER


def _has_marks(claim: Object, kept: str, labels: dict[str, str]) -> bool:
    """Each pass comes by here: what is written already is not written again."""
    meta = claim["metadata"]
    is_kept = (meta.get("annotations") or {}).get(names.ANNOTATION_SERVICE) == kept
    return is_kept and labels.items() <= (meta.get("labels") or {}).items()
