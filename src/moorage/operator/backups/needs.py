"""What a store needs besides its spec: Secrets and a claim. Looked up before a Pod is made that would wait for them for ever."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from moorage.api.backupstore import BackupStore
from moorage.kube.client import Kube
from moorage.kube.reflector import Store


@dataclass(frozen=True)
class Needs:
    """What was found of it."""

    trouble: str
    """What is missing and what to do; empty when nothing is."""
    mark: str
    """Another one whenever the spec or a Secret becomes another one."""


async def look_up(kube: Kube, store: BackupStore, copies: Mapping[str, Store]) -> Needs:
    """Asks for the Secrets, which are people's and not watched. Raises KubeError."""
    spec, namespace = store.spec, store.metadata.namespace
    trouble, seen = "", [spec.model_dump_json()]
    wanted: list[tuple[str, str, tuple[str, ...]]] = []
    if spec.s3 is not None:
        wanted.append(("spec.s3.credentialsSecret", spec.s3.credentials_secret, ("accessKeyId", "secretAccessKey")))
        if spec.s3.ca_secret is not None:
            wanted.append(("spec.s3.caSecret", spec.s3.ca_secret, ("ca.crt",)))
    for field, name, keys in wanted:
        found = await kube.get("Secret", name, namespace)
        missing = [key for key in keys if key not in ((found or {}).get("data") or {})]
        seen.append(str((found or {"metadata": {}})["metadata"].get("resourceVersion")))
        if found is None:
            trouble = trouble or f"Secret {namespace}/{name} ({field}) does not exist: create it with {' and '.join(keys)}"
        elif missing:
            trouble = trouble or f"Secret {namespace}/{name} ({field}) lacks {' and '.join(missing)}"
    if spec.file_system is not None:
        trouble = trouble or _claim_trouble(spec.file_system.claim, namespace, copies["PersistentVolumeClaim"])
    return Needs(trouble, hashlib.sha256("\n".join(seen).encode()).hexdigest()[:16])


async def why_not_decrypted(kube: Kube, store: BackupStore) -> str:
    """Why nothing can be restored from it, for want of the private key; empty when it can. Raises KubeError."""
    if store.spec.encryption is None:
        return ""
    name, namespace = store.spec.encryption.identity_secret, store.metadata.namespace
    found = await kube.get("Secret", name, namespace)
    if found is None:
        return f"Secret {namespace}/{name} (spec.encryption.identitySecret) does not exist: create it with the key identity"
    if "identity" not in (found.get("data") or {}):
        return f"Secret {namespace}/{name} (spec.encryption.identitySecret) lacks the key identity"
    return ""


def _claim_trouble(name: str, namespace: str, claims: Store) -> str:
    found = claims.get(namespace, name)
    where = f"PersistentVolumeClaim {namespace}/{name} (spec.fileSystem.claim)"
    if found is None:
        return f"{where} does not exist: create it with the access mode ReadWriteMany"
    if "ReadWriteMany" not in (found.get("spec") or {}).get("accessModes", []):
        return f"{where} must have the access mode ReadWriteMany: workers on several nodes use it at once"
    return ""
