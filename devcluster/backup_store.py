"""The BackupStore `s3` of namespace default: the machine's own S3 service, with encryption, as the default store."""

import json
import os

from devcluster import s3
from devcluster.config import CHECKOUT, PKI, STATE
from devcluster.kube import Client, Json
from devcluster.shell import run

NAMESPACE = "default"
NAME, CA, IDENTITY = "s3", "s3-ca", "s3-identity"
PYTHON = CHECKOUT / ".venv/bin/python"
AGE_KEYS = STATE / "s3-age.json"
DRAW = """
import json, pyrage
identity = pyrage.x25519.Identity.generate()
print(json.dumps({"identity": str(identity), "recipient": str(identity.to_public())}))
"""


def ensure() -> None:
    """Make the store and its Secrets what they should be."""
    access, secret = s3.keys()
    identity, recipient = age_keys()
    client = Client()
    client.apply(_path("secrets", NAME), _secret(NAME, {"accessKeyId": access, "secretAccessKey": secret}))
    client.apply(_path("secrets", CA), _secret(CA, {"ca.crt": (PKI / "ca.crt").read_text()}))
    client.apply(_path("secrets", IDENTITY), _secret(IDENTITY, {"identity": identity}))
    client.apply(_path("backupstores", NAME), backup_store(recipient))


def age_keys() -> tuple[str, str]:
    """The identity that decrypts and the recipient to encrypt for: drawn once, since what was encrypted for it needs it."""
    if not AGE_KEYS.exists():
        half_done = AGE_KEYS.with_suffix(".new")
        half_done.unlink(missing_ok=True)
        with os.fdopen(os.open(half_done, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(run(PYTHON, "-c", DRAW))
        half_done.rename(AGE_KEYS)
    kept = json.loads(AGE_KEYS.read_text())
    return kept["identity"], kept["recipient"]


def backup_store(recipient: str) -> Json:
    """The resource."""
    return {
        "apiVersion": "moorage.dev/v1",
        "kind": "BackupStore",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {
            "s3": {"endpoint": s3.ENDPOINT, "bucket": s3.BUCKET, "credentialsSecret": NAME, "caSecret": CA},
            "encryption": {"recipient": recipient, "identitySecret": IDENTITY},
            "default": True,
        },
    }


def _secret(name: str, values: dict[str, str]) -> Json:
    meta = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "stringData": values}


def _path(plural: str, name: str) -> str:
    group = "/api/v1" if plural == "secrets" else "/apis/moorage.dev/v1"
    return f"{group}/namespaces/{NAMESPACE}/{plural}/{name}"
