"""Run by `helm test` in the operator's image: two dry runs against the API server."""

import json
import os
import ssl
import sys
import urllib.error
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
NAMESPACE = (ACCOUNT / "namespace").read_text()
HOST = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"


def create(engine: str) -> tuple[int, str]:
    body = {
        "apiVersion": "moorage.dev/v1",
        "kind": "DataService",
        "metadata": {"name": "helm-test"},
        "spec": {"engine": engine},
    }
    request = urllib.request.Request(  # noqa: S310 - the API server
        f"{HOST}/apis/moorage.dev/v1/namespaces/{NAMESPACE}/dataservices?dryRun=All",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {(ACCOUNT / 'token').read_text()}"},
    )
    context = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    try:
        with urllib.request.urlopen(request, context=context, timeout=10) as answer:  # noqa: S310
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


good, bad = create("mongodb"), create("no-such-engine")
sys.stdout.write(f"a good DataService: {good}\na bad DataService: {bad}\n")
sys.exit(0 if good[0] == 201 and bad[0] == 422 and "not in the catalogue" in bad[1] else 1)
