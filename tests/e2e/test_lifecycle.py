"""Deploy, heal, delete, bring back."""

import pytest

from tests.e2e.client import connect, entry
from tests.e2e.cluster import exists, kubectl, until, wait_green
from tests.e2e.conftest import MANIFEST

KEPT = MANIFEST.replace("onDelete: Delete", "onDelete: Retain")


def test_an_object_deleted_by_hand_is_back(orders: str) -> None:
    for kind, name in (("service", orders), ("pdb", orders), ("endpointslice", orders), ("secret", f"{orders}-app")):
        kubectl("delete", kind, name)
        until(f"{kind}/{name} is back", lambda kind=kind, name=name: exists(kind, name), seconds=15)  # type: ignore[misc]
    wait_green(orders)
    with connect(orders) as client:
        assert client.admin.command("ping")["ok"] == 1


def test_the_passwords_deleted_by_hand_come_back_as_they_were(orders: str) -> None:
    def data(secret: str) -> str:
        return kubectl("get", "secret", secret, "-o", "jsonpath={.data}")

    internal, app = f"{orders}-internal", f"{orders}-app"
    before = data(internal), data(app)
    kubectl("delete", "secret", internal)
    until(f"secret/{internal} is back", lambda: exists("secret", internal), seconds=15)
    assert (data(internal), data(app)) == before
    wait_green(orders)
    with connect(orders) as client:
        assert client.admin.command("ping")["ok"] == 1


def test_what_is_edited_by_hand_is_put_back(orders: str) -> None:
    wait_green(orders)
    field = "jsonpath={.spec.ports[0].port}"
    port = kubectl("get", "service", orders, "-o", field)
    kubectl("patch", "service", orders, "--type=json", "-p", '[{"op":"replace","path":"/spec/ports/0/port","value":1}]')
    until("the port is put back", lambda: kubectl("get", "service", orders, "-o", field) == port, seconds=15)
    password = kubectl("get", "secret", f"{orders}-app", "-o", "jsonpath={.data.password}")
    kubectl("patch", "secret", f"{orders}-app", "--type=merge", "-p", '{"data":{"password":"d3Jvbmc="}}')
    until(
        "the password is put back",
        lambda: kubectl("get", "secret", f"{orders}-app", "-o", "jsonpath={.data.password}") == password,
        seconds=15,
    )


@pytest.mark.long
def test_the_same_name_over_retained_volumes_brings_data_and_passwords_back() -> None:
    name = "keeper"
    kubectl("apply", "-f", "-", stdin=KEPT.format(name=name))
    wait_green(name)
    with connect(name) as client:
        client["app"]["things"].insert_one({"_id": 1, "kept": True})
    password = kubectl("get", "secret", f"{name}-app", "-o", "jsonpath={.data.password}")
    authority = entry(name, "ca.crt")
    kubectl("delete", "mds", name, "--timeout=120s")
    until(
        "the Pods are gone", lambda: not kubectl("get", "pods", "-l", f"app.kubernetes.io/instance={name}", "-o", "name").strip()
    )
    assert exists("pvc", f"data-{name}-g1-0")
    kubectl("apply", "-f", "-", stdin=KEPT.format(name=name))
    wait_green(name)
    assert kubectl("get", "secret", f"{name}-app", "-o", "jsonpath={.data.password}") == password
    assert entry(name, "ca.crt") == authority
    with connect(name) as client:
        assert client["app"]["things"].find_one({"_id": 1}) == {"_id": 1, "kept": True}
    kubectl("patch", "mds", name, "--type=merge", "-p", '{"spec":{"onDelete":"Delete"}}')
    kubectl("delete", "mds", name, "--timeout=120s")
    until("the volumes are gone", lambda: not exists("pvc", f"data-{name}-g1-0"))
    assert not exists("secret", f"{name}-internal")
    assert not exists("secret", f"{name}-ca")


def test_a_protected_service_is_refused_by_the_api_server() -> None:
    kubectl("apply", "-f", "-", stdin=MANIFEST.format(name="vault") + "  protected: true\n")
    try:
        said = kubectl("delete", "mds", "vault", "--wait=false", check=False)
        assert "protected" in said
        assert exists("mds", "vault")
    finally:
        kubectl("patch", "mds", "vault", "--type=merge", "-p", '{"spec":{"protected":false}}')
        kubectl("delete", "mds", "vault", "--wait=false")
