"""A namespace of its own on the cluster that runs; without one every test fails with the reason."""

import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.server import Server

PREFIX = "api-tests-"
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)[:6]
"""The same in all processes of one run."""


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    path = subprocess.run(["make", "-s", "kubeconfig"], capture_output=True, text=True, check=True).stdout.strip()
    api = Server(Path(path), f"{PREFIX}{RUN}-{uuid.uuid4().hex[:6]}")
    if not Path(path).is_file():
        pytest.fail(f"no cluster runs here: there is no kubeconfig at {path}; `make up` starts one", pytrace=False)
    answer = api.ask("get", "--raw", "/readyz", "--request-timeout=10s")
    if not answer.accepted:
        pytest.fail(f"the cluster of {path} does not answer: {answer.text}; `make up` heals it", pytrace=False)
    for name in api.must("get", "namespaces", "-o", "jsonpath={.items[*].metadata.name}").split():
        if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}{RUN}-"):  # of a run that was killed
            api.must("delete", "namespace", name, "--ignore-not-found", "--wait=false")
    api.must("create", "namespace", api.namespace)
    yield api
    api.must("delete", "dataservices", "--all", "--wait=false")
    api.must("delete", "namespace", api.namespace, "--wait=false")
