"""A bad value is refused by the API server itself, with a sentence that names the field, the value and what is allowed."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.api.server import Server

OURS = "standing"


@pytest.fixture(scope="module")
def standing(server: Server) -> Iterator[str]:
    """A service that exists and runs nothing: the operator starts no member with a setting that the engine does not have."""
    manifest: dict[str, Any] = {
        "apiVersion": "moorage.dev/v1",
        "kind": "DataService",
        "metadata": {"name": OURS},
        "spec": {
            "engine": "mongodb",
            "storage": {"size": "5Gi", "className": "standard"},
            "parameters": {"no.such": "1"},
            "onDelete": "Delete",
        },
    }
    server.create(manifest)
    yield OURS
    server.must("delete", "dataservice", OURS, "--wait=false")


QUERY: dict[str, Any] = {"name": "open_orders", "database": "app", "query": '{"aggregate": "orders", "pipeline": []}'}


def queries(*changes: dict[str, Any]) -> dict[str, Any]:
    """A part of a spec."""
    return {"metrics": {"queries": [{**QUERY, **change} for change in changes]}}


def test_queries_that_become_metrics_are_taken(server: Server) -> None:
    assert server.would_create("orders", **queries({})).accepted
    assert server.would_create("orders", **queries({"labels": ["state", "_id"], "members": "Each", "value": "n"})).accepted
    assert server.would_create("orders", **queries(*({"name": f"q{n}"} for n in range(20)))).accepted


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "Open"}, "metrics query 'Open' is no name of a metric; allowed: lower-case letters and digits, in words"),
        ({"name": "a" * 61}, "spec.metrics.queries[0].name: Too long"),
        ({"value": "a b"}, "value 'a b' cannot be; allowed: letters, digits and _, no digit and no two _ in front"),
        ({"labels": ["state", "pod"]}, "labels [state, pod] cannot be; allowed: letters, digits and _"),
        ({"labels": ["__x"]}, "labels [__x] cannot be"),
        ({"labels": ["a", "a"]}, "Duplicate value"),
        ({"labels": ["a", "b", "c", "d", "e"]}, "Too many"),
        ({"everySeconds": 5}, "spec.metrics.queries[0].everySeconds in body should be greater than or equal to 10"),
        ({"timeoutSeconds": 31, "everySeconds": 60}, "timeoutSeconds in body should be less than or equal to 30"),
        ({"timeoutSeconds": 10, "everySeconds": 10}, "timeoutSeconds is not below everySeconds"),
        ({"members": "All"}, 'Unsupported value: "All"'),
        ({"query": "x" * 2001}, "spec.metrics.queries[0].query: Too long"),
        ({"database": ""}, "spec.metrics.queries[0].database"),
    ],
)
def test_a_query_that_cannot_become_a_metric_is_refused(server: Server, change: dict[str, Any], sentence: str) -> None:
    answer = server.would_create("orders", **queries(change))
    assert not answer.accepted
    assert sentence in answer.text


def test_two_queries_of_one_name_and_more_than_there_may_be_are_refused(server: Server) -> None:
    assert "Duplicate value" in server.would_create("orders", **queries({}, {})).text
    assert "Too many" in server.would_create("orders", **queries(*({"name": f"q{n}"} for n in range(21)))).text


def test_a_good_service_is_taken(server: Server) -> None:
    assert server.would_create("orders").accepted
    assert server.would_create("orders", storage={"size": "10Gi", "autoGrow": {"step": "20%", "max": "100Gi"}}).accepted
    assert server.would_create("a" * 40, members=2, arbiter=True, timeZone="Asia/Shanghai", version="7.0").accepted
    assert server.would_create("orders", drills={"allowed": True}).accepted
    assert server.would_create("orders", members=5, drills={"allowed": True}).accepted
    assert server.would_create("orders", members=1, drills={"allowed": False}).accepted


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"engine": "oracle"}, "spec.engine: Invalid value: engine 'oracle' is not in the catalogue; allowed: mongodb, mysql"),
        (
            {"version": "3.2"},
            "spec.version: Invalid value: version '3.2' is not one that mongodb has; allowed: 6.0, 7.0, 8.0",
        ),
        (
            {"members": 2},
            "members is 2; mongodb needs an odd number to have a majority; allowed: 1, 3, 5, 7, or 2 with arbiter: true",
        ),
        ({"members": 4}, "spec.members: Invalid value: members is 4;"),
        ({"members": 0}, "spec.members: Invalid value: 0: spec.members in body should be greater than or equal to 1"),
        ({"members": 9}, "spec.members: Invalid value: 9: spec.members in body should be less than or equal to 7"),
        ({"members": 3, "arbiter": True}, "spec.members: Invalid value: members is 3; with an arbiter there are 2 data members"),
        (
            {"storage": {"size": "500Mi"}},
            "spec.storage.size: Invalid value: storage size '500Mi' is too small for mongodb; allowed: 1Gi or more",
        ),
        ({"storage": {"size": "large"}}, "spec.storage.size: Invalid value: 'large' is not a quantity; allowed: a number with"),
        ({"storage": {"size": "-1Gi"}}, "spec.storage.size: Invalid value: '-1Gi' is not a quantity; allowed: a number with"),
        (
            {"storage": {"size": "10Gi", "autoGrow": {"max": "5Gi"}}},
            "spec.storage.autoGrow.max: Invalid value: storage autoGrow.max '5Gi' is smaller than storage.size; allowed: 10Gi",
        ),
        (
            {"storage": {"autoGrow": {"step": "200%", "max": "50Gi"}}},
            "spec.storage.autoGrow.step: Invalid value: storage autoGrow.step '200%' cannot be; allowed: a size of 1Gi or more",
        ),
        (
            {"storage": {"autoGrow": {"step": "10Mi", "max": "50Gi"}}},
            "storage autoGrow.step '10Mi' cannot be; allowed: a size of",
        ),
        (
            {"storage": {"autoGrow": {"max": "much"}}},
            "spec.storage.autoGrow.max: Invalid value: 'much' is not a quantity; allowed",
        ),
        ({"storage": {"autoGrow": {"step": "5Gi"}}}, "spec.storage.autoGrow.max: Required value"),
        (
            {"resources": {"memory": "64Mi"}},
            "spec.resources.memory: Invalid value: memory '64Mi' is too small for mongodb; allowed: 512Mi or more",
        ),
        (
            {"timeZone": "Mars/Base"},
            "spec.timeZone: Invalid value: timeZone 'Mars/Base' does not exist; allowed: a name of the IANA time zone database",
        ),
        (
            {"members": 1, "drills": {"allowed": True}},
            "spec.drills.allowed: Invalid value: drills.allowed is true, and a drill needs three or more members with data",
        ),
        (
            {"members": 1, "arbiter": False, "drills": {"allowed": True}},
            "members is 1; allowed: false, or members: 3 or more without an arbiter",
        ),
        (
            {"members": 2, "arbiter": True, "drills": {"allowed": True}},
            "members is 2 and an arbiter; allowed: false, or members: 3 or more without an arbiter",
        ),
        ({"expose": {"type": "NodePort"}}, 'spec.expose.type: Unsupported value: "NodePort": supported values: '),
        (
            {"engine": "mysql", "arbiter": True},
            "spec.arbiter: Invalid value: arbiter is true, and mysql has none; allowed: false, with members: 1, 3, 5, 7",
        ),
        (
            {"engine": "mysql", "version": "8.0"},
            "spec.version: Invalid value: version '8.0' is not one that mysql has; allowed: 8.4, 9.7",
        ),
        (
            {"engine": "mysql", "resources": {"memory": "512Mi"}},
            "spec.resources.memory: Invalid value: memory '512Mi' is too small for mysql; allowed: 1Gi or more",
        ),
        (
            {"engine": "mysql", "storage": {"size": "1Gi"}},
            "spec.storage.size: Invalid value: storage size '1Gi' is too small for mysql; allowed: 2Gi or more",
        ),
        ({"onDelete": "Keep"}, 'spec.onDelete: Unsupported value: "Keep": supported values: "Retain", "Delete"'),
    ],
    ids=lambda value: None if isinstance(value, str) else "-".join(map(str, value.values())),
)
def test_a_value_that_cannot_be_is_refused_with_what_is_allowed(server: Server, spec: dict[str, Any], sentence: str) -> None:
    answer = server.would_create("orders", **spec)
    assert not answer.accepted
    assert sentence in answer.text.replace('Invalid value: "object": ', "Invalid value: ").replace(
        'Invalid value: "string": ', "Invalid value: "
    )


@pytest.mark.parametrize("name", ["a" * 41, "Orders", "1orders", "my.orders", "orders-", "my_orders"])
def test_a_name_that_is_too_long_or_no_dns_label_is_refused_with_what_is_allowed(server: Server, name: str) -> None:
    answer = server.would_create(name)
    assert not answer.accepted
    sentence = f"metadata.name '{name}' is not usable: allowed are at most 40 characters, lower-case letters, digits and -"
    assert sentence in answer.text


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"storage": {"size": "4Gi"}}, "storage size cannot shrink from '5Gi' to '4Gi'; allowed: 5Gi or more"),
        ({"storage": {"size": "4999Mi"}}, "storage size cannot shrink from '5Gi' to '4999Mi'; allowed: 5Gi or more"),
        ({"arbiter": True}, "arbiter cannot be changed after the service was made: it is 'false' and 'true' was asked for"),
        ({"engine": "oracle"}, "engine cannot be changed after the service was made: it is 'mongodb' and 'oracle' was asked for"),
    ],
    ids=["smaller", "a little smaller", "arbiter", "engine"],
)
def test_what_cannot_change_is_refused_with_what_it_is_and_what_was_asked_for(
    server: Server, standing: str, spec: dict[str, Any], sentence: str
) -> None:
    answer = server.would_change(standing, **spec)
    assert not answer.accepted
    assert sentence in answer.text


@pytest.mark.parametrize("spec", [{"storage": {"size": "6Gi"}}, {"image": "mongo:other"}, {"protected": True}])
def test_what_may_change_is_taken(server: Server, standing: str, spec: dict[str, Any]) -> None:
    answer = server.would_change(standing, **spec)
    assert answer.accepted, answer.text


def test_the_storage_class_may_be_put_right_until_the_service_has_run(server: Server, standing: str) -> None:
    assert server.would_change(standing, storage={"className": "fast"}).accepted
    ran = '--patch={"status": {"init": {"phase": "Succeeded"}}}'
    server.must("patch", "dataservice", standing, "--subresource=status", "--type=merge", ran)
    answer = server.would_change(standing, storage={"className": "fast"})
    assert not answer.accepted
    assert (
        "storage className cannot be changed once the service has run: it is 'standard' and 'fast' was asked for" in answer.text
    )


@contextmanager
def at_version(server: Server, version: str | None, *, engine: str = "mongodb", **status: Any) -> Iterator[str]:
    """A service of this version whose status says what is given. It runs nothing, as `standing` does."""
    name = "versions"
    spec = {"engine": engine, "parameters": {"no.such": "1"}, "onDelete": "Delete"} | ({"version": version} if version else {})
    manifest = {"apiVersion": "moorage.dev/v1", "kind": "DataService", "metadata": {"name": name}, "spec": spec}
    server.create(manifest)
    try:
        seen, deadline = "", time.monotonic() + 30
        while seen != "Wait":  # from then on the operator is at rest and keeps what stands in the status
            assert time.monotonic() < deadline, f"the operator is not at rest, but at '{seen}'"
            seen = server.must("get", "dataservice", name, "-o", "jsonpath={.status.repair.action}")
            time.sleep(0.1)  # the pace of a bounded wait for a condition
        patch = json.dumps({"status": status})
        server.must("patch", "dataservice", name, "--subresource=status", "--type=merge", f"--patch={patch}")
        yield name
    finally:
        server.must("delete", "dataservice", name, "--timeout=60s")


RAN: dict[str, Any] = {"init": {"phase": "Succeeded"}}


@pytest.mark.parametrize(
    ("old", "new", "data", "allowed"),
    [
        ("6.0", "7.0", None, ""),
        ("6.0", "8.0", None, "6.0, 7.0"),
        (None, "7.0", None, ""),
        (None, "8.0", None, "6.0, 7.0"),
        ("7.0", "6.0", None, "7.0, 8.0"),
        ("7.0", None, "7.0", "7.0, 8.0"),
        ("7.0", "8.0", "6.0", "6.0, 7.0"),
        ("7.0", "6.0", "6.0", ""),
        ("7.0", "8.0", "7.0", ""),
    ],
    ids=[
        "one up",
        "two up",
        "one up from the default",
        "two up from the default",
        "down",
        "down to the default",
        "up before the last one is finished",
        "back before it is finished",
        "up when it is finished",
    ],
)
def test_a_version_goes_up_one_at_a_time_once_the_service_has_run(
    server: Server, old: str | None, new: str | None, data: str | None, allowed: str
) -> None:
    with at_version(server, old, **RAN, **({"compatibility": data} if data else {})) as name:
        answer = server.would_change(name, version=new)
        assert answer.accepted is (allowed == ""), answer.text
        if allowed:
            sentence = (
                f"version cannot go from '{old or '6.0'}' to '{new or '6.0'}': the data is of version {data or old or '6.0'}"
            )
            assert f"{sentence}; allowed: {allowed}" in answer.text


@pytest.mark.parametrize(("data", "new", "allowed"), [("8.4", "9.7", ""), ("9.7", "8.4", "9.7"), ("9.7", "9.7", "")])
def test_mysql_never_goes_back_once_its_data_is_of_the_new_version(server: Server, data: str, new: str, allowed: str) -> None:
    """The version that is asked for is the newer one all the time: what counts is what the data is of."""
    with at_version(server, data, engine="mysql", **RAN, compatibility=data) as name:
        answer = server.would_change(name, version=new)
        assert answer.accepted is (allowed == ""), answer.text
        if allowed:
            assert f"version cannot go from '{data}' to '{new}': the data is of version {data}; allowed: {allowed}" in answer.text


def test_any_version_may_be_chosen_until_the_service_has_run(server: Server) -> None:
    with at_version(server, "8.0") as name:
        answer = server.would_change(name, version="6.0")
        assert answer.accepted, answer.text


def test_the_number_of_members_may_change_as_kubectl_scale_changes_it(server: Server, standing: str) -> None:
    assert server.ask("scale", "dataservice", standing, "--replicas=5", "--dry-run=server").accepted
    answer = server.ask("scale", "dataservice", standing, "--replicas=4", "--dry-run=server")
    assert not answer.accepted
    assert "members is 4; mongodb needs an odd number to have a majority; allowed: 1, 3, 5, 7" in answer.text


def test_a_protected_service_is_not_deleted(server: Server, standing: str) -> None:
    server.must("patch", "dataservice", standing, "--type=merge", '--patch={"spec": {"protected": true}}')
    try:
        for target in ((standing,), ("--all",)):
            answer = server.ask("delete", "dataservice", *target, "--dry-run=server")
            assert not answer.accepted
            sentence = f"DataService '{standing}' is protected and is not deleted; set spec.protected to false first"
            assert sentence in answer.text
    finally:
        server.must("patch", "dataservice", standing, "--type=merge", '--patch={"spec": {"protected": false}}')
    assert server.ask("delete", "dataservice", standing, "--dry-run=server").accepted
