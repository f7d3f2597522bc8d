"""Whatever is sent, the answer is one that the document tells of: never a mistake of the console's own."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from moorage.server import app
from tests.server.console import API, Browser, Console
from tests.server.kubernetes import Kubernetes
from tests.server.people import make_account

DOCUMENT = json.loads(Path(app.__file__).with_name("openapi.json").read_text())
ENDLESS = ("stream", "followLogs")
ENDS_ITSELF = ("signOut",)
KNOWN = {"space": "fuzzed", "name": "orders"}
SECONDS_MAX = 60
"""A busy machine is no mistake of the console's."""
UNAVAILABLE = ("not-ready", "unreachable", "no-monitoring", "monitoring-away")
"""What the console says of Kubernetes and of monitoring, which nobody starts for this, and not of itself."""


def no_mistake(_context: Any, response: Any, _case: Any) -> None:
    assert response.status_code < 500 or response.json()["code"] in UNAVAILABLE, response.text


CHECKS = [no_mistake, content_type_conformance, response_schema_conformance, status_code_conformance]

document = schemathesis.openapi.from_dict(DOCUMENT)


@pytest.fixture(scope="module")
def fuzzed(kubernetes: Kubernetes, admin: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """A console of its own: what is guessed here slows no other test's sign-in down."""
    server = Console(kubernetes, tmp_path_factory.mktemp("fuzzed"))
    try:
        server.start(sys.executable)
        kubernetes.space(KNOWN["space"])
        assert admin.post("/services", {"engine": "mongodb", **KNOWN}).status_code == 201
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def token(admin: Browser, fuzzed: Console) -> str:
    """Of a person with all rights."""
    browser = make_account(fuzzed, admin, "fuzzer", "admins")
    secret: str = browser.post("/tokens", {"label": "fuzz", "days": 1}).json()["secret"]
    return secret


@document.exclude(operation_id=[*ENDLESS, *ENDS_ITSELF]).parametrize()
@settings(max_examples=12, suppress_health_check=list(HealthCheck), derandomize=True)
def test_no_request_makes_the_console_fail(case: Any, fuzzed: Console, token: str) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    case.call_and_validate(base_url=fuzzed.url, headers=headers, checks=CHECKS, timeout=SECONDS_MAX)
    known = {key: value for key, value in KNOWN.items() if key in (case.path_parameters or {})}
    if known:
        case.path_parameters = {**case.path_parameters, **known}
        case.call_and_validate(base_url=fuzzed.url, headers=headers, checks=CHECKS, timeout=SECONDS_MAX)


def test_the_document_that_is_served_is_the_one_that_is_checked_in(console: Console) -> None:
    assert httpx2.get(f"{console.url}{API}/openapi.json").json() == DOCUMENT


def test_nothing_of_the_document_is_open_to_everybody_but_signing_in(console: Console) -> None:
    open_to_all = {"getSignInWays", "signIn", "beginOidc", "endOidc"}
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            if operation["operationId"] in open_to_all:
                continue
            some = path.replace("{member}", "datanode0").replace("{binding}", "moorage-member-0")
            for name in ("space", "name", "backup", "restore", "store", "account", "session", "token", "engine"):
                some = some.replace(f"{{{name}}}", "x")
            answer = httpx2.request(method.upper(), f"{console.url}{some}", json={})
            assert answer.status_code == 401, (method, path, answer.text)
