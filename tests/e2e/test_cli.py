"""A person's way through the CLI, from the catalogue to bringing a deleted service back. The tests build on one another."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pymongo import MongoClient

from tests.e2e import cluster
from tests.e2e.cluster import kubectl, run

NAMESPACE = "cli"
SMALL = ("--size", "1Gi", "--cpu", "200m", "--memory", "512Mi")


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    kubectl("create", "namespace", NAMESPACE)
    yield NAMESPACE
    kubectl("delete", "mds", "--all", "-n", NAMESPACE, "--timeout=120s", check=False)
    kubectl("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture(scope="module")
def orders(namespace: str) -> str:
    """A service that was deployed by a person who then waited."""
    done = moorage("deploy", "mongodb", "orders", *SMALL, "--wait")
    assert "green" in done.stdout
    assert "next: moorage connect orders" in done.stderr
    return "orders"


def moorage(*arguments: str, stdin: str = "", check: bool = True) -> Any:
    return run(cluster.MOORAGE, "-n", NAMESPACE, *arguments, stdin=stdin, check=check)


def seen(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(moorage("status", name, "-o", "json").stdout)
    return found


def shell(name: str, script: str) -> str:
    """What the engine's own client prints."""
    return str(moorage("connect", name, "--", "--eval", script).stdout).strip()


def test_the_catalogue_needs_no_cluster() -> None:
    done = run("env", "KUBECONFIG=/nowhere", cluster.MOORAGE, "catalog", "-o", "json")
    assert json.loads(done.stdout)[0]["name"] == "mongodb"


def test_a_dry_run_prints_what_kubectl_applies_to_the_same_end(orders: str) -> None:
    printed = moorage("deploy", "mongodb", orders, *SMALL, "--dry-run", "-o", "yaml").stdout
    assert yaml.safe_load(printed)["spec"]["storage"] == {"size": "1Gi"}
    before = cluster.get("mds", orders, NAMESPACE)["metadata"]["generation"]
    kubectl("apply", "-f", "-", stdin=printed)
    assert cluster.get("mds", orders, NAMESPACE)["metadata"]["generation"] == before
    assert "unchanged" in moorage("deploy", "mongodb", orders, *SMALL).stdout


def test_text_and_json_and_yaml_show_one_object(orders: str) -> None:
    found = seen(orders)
    assert yaml.safe_load(moorage("status", orders, "-o", "yaml").stdout) == found
    text = moorage("status", orders).stdout
    for value in (found["message"], found["address"], found["primary"], *(m["node"] for m in found["members"])):
        assert value in text
    listed = json.loads(moorage("list", "-o", "json").stdout)
    assert [(s["name"], s["health"]) for s in listed] == [(orders, "green")]


def test_exit_codes_say_what_the_colour_says(orders: str) -> None:
    assert moorage("status", orders, "--exit-code").returncode == 0
    missing = moorage("status", "nobody", "--exit-code", check=False)
    assert missing.returncode == 3
    assert missing.stderr.splitlines()[0] == f"error: there is no service 'nobody' in namespace {NAMESPACE}"


def test_why_tells_the_service_and_not_the_kubelets_small_talk(orders: str) -> None:
    found = json.loads(moorage("why", orders, "-o", "json").stdout)
    assert (found["health"], found["needs"]) == ("green", "")
    assert {event["object"] for event in found["recent"]} == {f"DataService/{orders}"}


def test_connect_opens_the_engines_own_client_logged_in(orders: str) -> None:
    assert shell(orders, "db.runCommand({connectionStatus: 1}).authInfo.authenticatedUsers[0].user") == "app"
    typed = moorage("connect", orders, stdin="db.things.insertOne({_id: 1})\n")
    assert "acknowledged: true" in typed.stdout
    assert moorage("connect", orders, "--admin", "--", "--eval", "rs.status().ok").stdout.strip() == "1"
    assert "tls=true" in shell(orders, "db.getMongo()._uri")


def test_the_uri_goes_through_the_address(orders: str) -> None:
    uri = moorage("credentials", orders, "--uri").stdout.strip()
    with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=5000) as client:
        assert client["app"]["things"].find_one({"_id": 1}) == {"_id": 1}


def test_one_entry_of_the_secret_is_printed_as_a_file_wants_it(orders: str) -> None:
    assert moorage("credentials", orders, "--entry", "ca.crt").stdout.startswith("-----BEGIN CERTIFICATE-----\n")
    assert "BEGIN CERTIFICATE" not in moorage("credentials", orders).stdout


def test_promote_says_who_is_the_primary_now(orders: str) -> None:
    wanted = next(m["name"] for m in seen(orders)["members"] if m["role"] == "secondary")
    assert moorage("promote", orders, wanted).stdout.strip() == f"{wanted} is the primary of {orders}"
    assert seen(orders)["primary"] == wanted
    refused = moorage("promote", orders, "datanode9", check=False)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "there are: datanode0, datanode1, datanode2" in refused.stderr


def test_restart_makes_one_pod_anew(orders: str) -> None:
    cluster.until("it is green", lambda: seen(orders)["health"] == "green", every_seconds=1.0)
    member = next(m for m in seen(orders)["members"] if m["role"] == "secondary")
    moorage("restart", orders, member["name"])
    started = {m["name"]: m["started"] for m in seen(orders)["members"]}
    assert started[member["name"]] > member["started"]


def test_events_and_logs_are_there(orders: str) -> None:
    reasons = {e["reason"] for e in json.loads(moorage("events", orders, "-o", "json").stdout)}
    assert {"TurnedGreen", "RequestDone", "MemberReplaced"} <= reasons
    assert moorage("logs", orders, "--tail", "1").stdout.count("\n") == 3


def test_it_works_as_a_plugin_of_kubectl_that_completes_names(orders: str) -> None:
    scripts = {**cluster.ENV, "PATH": f"{Path('.venv/bin').resolve()}{os.pathsep}{cluster.ENV['PATH']}"}
    with_plugin = ("env", f"PATH={scripts['PATH']}", "kubectl")
    assert orders in run(*with_plugin, "moorage", "-n", NAMESPACE, "list").stdout
    assert orders in run(*with_plugin, "__complete", "moorage", "-n", NAMESPACE, "status", "").stdout.splitlines()


def test_deletion_asks_and_without_a_terminal_wants_the_name(orders: str) -> None:
    done = moorage("delete", orders, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"next: moorage delete {orders} -n {NAMESPACE} --yes {orders}"


def test_a_deleted_service_comes_back_with_data_users_and_passwords(orders: str) -> None:
    old = moorage("credentials", orders, "-o", "json").stdout
    assert "3 volumes" in moorage("delete", orders, "--yes", orders).stdout
    kept = json.loads(moorage("undelete", "-o", "json").stdout)
    assert [(k["name"], k["engine"], len(k["volumes"])) for k in kept] == [(orders, "mongodb", 3)]
    assert moorage("undelete", orders, "--wait").stdout.strip() == f"{NAMESPACE}/{orders} is back"
    assert json.loads(moorage("credentials", orders, "-o", "json").stdout)["password"] == json.loads(old)["password"]
    assert shell(orders, "JSON.stringify(db.things.find().toArray())") == '[{"_id":1}]'
    kubectl("patch", "mds", orders, "-n", NAMESPACE, "--type=merge", "-p", '{"spec":{"onDelete":"Delete"}}')
    assert "nothing stays" in moorage("delete", orders, "--yes", orders).stdout
    assert json.loads(moorage("undelete", "-o", "json").stdout) == []
