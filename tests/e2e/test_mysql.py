"""MySQL as a service: what is promised of every engine, once, on the cluster."""

import json
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest

from tests.e2e.client import entry
from tests.e2e.cluster import exists, get, kill_engine, kubectl, moorage, pod_of, status, until, wait_green
from tests.e2e.mysqlclient import MySqlWriter, ask

GREEN_SECONDS, RESTART_SECONDS = 300.0, 600.0
GAP_SECONDS_MAX, MOVE_SECONDS_MAX = 20.0, 10.0
"""For a machine that does much besides: a test, not a measurement. The group itself needs 5 s to find out that a member died."""
NO_PRIMARY_KEY = 3750
CLIENT = """
umask 077; cd /bindings/books; file=$(mktemp)
{ echo "[client]"; printf 'password="%s"\\n' "$(cat password)"; } > "$file"
mysql --defaults-extra-file="$file" --user="$(cat username)" --host="$(cat host)" --port="$(cat port)" \\
  --ssl-mode=VERIFY_CA --ssl-ca=ca.crt --batch --skip-column-names "$(cat database)" \\
  -e "CREATE TABLE pods (id INT PRIMARY KEY); INSERT INTO pods VALUES (7); SELECT 'found', id FROM pods"
"""


def apply(name: str, **more: Any) -> None:
    spec = {
        "engine": "mysql",
        "storage": {"size": "2Gi"},
        "resources": {"cpu": "300m", "memory": "1Gi"},
        "onDelete": "Delete",
        **more,
    }
    manifest = {"apiVersion": "moorage.dev/v1", "kind": "DataService", "metadata": {"name": name}, "spec": spec}
    kubectl("apply", "-f", "-", stdin=json.dumps(manifest))


@pytest.fixture(scope="module")
def books() -> Iterator[str]:
    """Three members, green."""
    apply("books")
    wait_green("books", GREEN_SECONDS)
    yield "books"
    kubectl("delete", "mds", "books", "--ignore-not-found", "--timeout=150s")


def test_a_stock_client_in_a_pod_needs_the_secret_alone(books: str) -> None:
    ask(books, "DROP TABLE IF EXISTS pods")
    container = {
        "name": "client",
        "image": "mysql:9.7",
        "command": ["sh", "-c", CLIENT],
        "volumeMounts": [{"name": "binding", "mountPath": "/bindings/books"}],
    }
    volume = {"name": "binding", "secret": {"secretName": f"{books}-app"}}
    spec = {"restartPolicy": "Never", "containers": [container], "volumes": [volume]}
    kubectl(
        "apply",
        "-f",
        "-",
        stdin=json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "books-client"}, "spec": spec}),
    )
    try:
        ended = ("Succeeded", "Failed")
        until("the client ended", lambda: get("pod", "books-client")["status"].get("phase") in ended, seconds=90)
        assert kubectl("logs", "books-client").split() == ["found", "7"]
    finally:
        kubectl("delete", "pod", "books-client", "--ignore-not-found")
    assert ask(books, "SELECT id FROM pods") == [{"id": 7}]


def test_a_killed_primary_costs_seconds_and_no_write(books: str) -> None:
    old = str(wait_green(books, GREEN_SECONDS)["primary"])
    with MySqlWriter(books, "killed") as writer:
        kill_engine(pod_of(books, old))
        writer.wait_for_more(50, GAP_SECONDS_MAX + 10)
    assert writer.lost() == set()
    assert writer.history.longest_gap_seconds() < GAP_SECONDS_MAX
    until("another member is primary", lambda: status(books).get("primary") not in (None, "", old))
    wait_green(books, GREEN_SECONDS)


def test_promote_moves_the_primary_to_the_member_that_was_asked_for(books: str) -> None:
    seen = wait_green(books, GREEN_SECONDS)
    wanted = next(member for member in seen["healthInstances"] if member != seen["primary"])
    with MySqlWriter(books, "promoted") as writer:
        moorage("promote", books, wanted)
        writer.wait_for_more(50)
    assert writer.lost() == set()
    assert writer.history.longest_gap_seconds() < MOVE_SECONDS_MAX
    assert wait_green(books, GREEN_SECONDS)["primary"] == wanted


@pytest.mark.long
def test_a_restart_of_all_members_costs_no_write(books: str) -> None:
    seen = wait_green(books, GREEN_SECONDS)
    before = {pod_of(books, member): _uid(pod_of(books, member)) for member in seen["healthInstances"]}
    with MySqlWriter(books, "restarted") as writer:
        # each member catches up with a writer that never rests, on the same disk
        moorage("restart", books, seconds=RESTART_SECONDS)
        anew = "every member runs anew"
        until(anew, lambda: all(_uid(pod) not in ("", uid) for pod, uid in before.items()), seconds=GREEN_SECONDS)
        writer.wait_for_more(50)
    assert writer.lost() == set()
    assert writer.history.longest_gap_seconds() < MOVE_SECONDS_MAX
    wait_green(books, GREEN_SECONDS)


def _uid(pod: str) -> str:
    """Empty while there is no such Pod."""
    return kubectl("get", "pod", pod, "--ignore-not-found", "-o", "jsonpath={.metadata.uid}").strip()


def test_a_table_without_a_primary_key_is_refused_when_it_is_made_and_the_answer_says_why(books: str) -> None:
    with pytest.raises(pymysql.MySQLError, match="primary key") as refused:
        ask(books, "CREATE TABLE without_key (n INT)")
    assert refused.value.args[0] == NO_PRIMARY_KEY
    assert ask(books, "SHOW TABLES LIKE 'without_key'") == []


@pytest.mark.long
def test_the_same_name_over_retained_volumes_brings_data_and_passwords_back(books: str) -> None:
    """The service that is there already: the nodes have no room for one more beside what other tests run."""
    ask(books, "CREATE TABLE kept (id INT PRIMARY KEY)")
    ask(books, "INSERT INTO kept VALUES (1)")
    password = entry(books, "password")
    apply(books, onDelete="Retain")
    wait_green(books, GREEN_SECONDS)
    kubectl("delete", "mds", books, "--timeout=150s")
    pods = ("get", "pods", "-l", f"app.kubernetes.io/instance={books}", "-o", "name")
    until("the Pods are gone", lambda: not kubectl(*pods).strip(), seconds=60)
    assert exists("pvc", f"data-{books}-g1-0")
    apply(books, onDelete="Retain")
    wait_green(books, GREEN_SECONDS)
    assert entry(books, "password") == password
    assert ask(books, "SELECT id FROM kept") == [{"id": 1}]
    apply(books, onDelete="Delete")
    wait_green(books, GREEN_SECONDS)
    kubectl("delete", "mds", books, "--timeout=150s")
    until("the volumes are gone", lambda: not exists("pvc", f"data-{books}-g1-0"))
