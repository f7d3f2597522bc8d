"""A namespace of its own on the cluster that runs; without one every test fails with the reason."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.server import Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    path = subprocess.run(["make", "-s", "kubeconfig"], capture_output=True, text=True, check=True).stdout.strip()
    api = Server(Path(path), f"api-tests-{uuid.uuid4().hex[:6]}")
    if not Path(path).is_file():
        pytest.fail(f"no cluster runs here: there is no kubeconfig at {path}; `make up` starts one", pytrace=False)
    answer = api.ask("get", "--raw", "/readyz", "--request-timeout=10s")
    if not answer.accepted:
        pytest.fail(f"the cluster of {path} does not answer: {answer.text}; `make up` heals it", pytrace=False)
    api.must("create", "namespace", api.namespace)
    yield api
    api.must("delete", "dataservices", "--all", "--wait=false")
    api.must("delete", "namespace", api.namespace, "--wait=false")
