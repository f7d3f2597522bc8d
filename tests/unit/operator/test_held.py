"""Keyfile and passwords are drawn once in the life of a service: a Secret that somebody deletes comes back as it was."""

import pytest

from moorage.core import names
from tests.unit.operator.server import Operator, Server

INTERNAL, COPY = names.internal_secret("orders"), names.authority_secret("orders")


@pytest.fixture
async def operator() -> Operator:
    found = Operator(Server())
    await found.settle()
    found.service["status"]["init"]["phase"] = "Succeeded"
    return found


async def test_a_deleted_secret_comes_back_with_the_same_keyfile_and_passwords(operator: Operator) -> None:
    before = operator.server.objects.pop(("Secret", INTERNAL))["data"]
    await operator.settle()
    assert operator.server.objects["Secret", INTERNAL]["data"] == before


async def test_a_deleted_copy_is_made_again(operator: Operator) -> None:
    held = operator.server.objects["Secret", INTERNAL]["data"]
    del operator.server.objects["Secret", COPY]
    await operator.settle()
    assert held.items() <= operator.server.objects["Secret", COPY]["data"].items()


async def test_nothing_is_drawn_anew_over_data_and_it_is_said(operator: Operator) -> None:
    lost = [operator.server.objects.pop(("Secret", name)) for name in (INTERNAL, COPY)]
    await operator.settle()
    assert ("Secret", INTERNAL) not in operator.server.objects
    assert operator.stalled() == (
        "Secret shop/orders-internal is gone, and its copy in orders-ca, too: put one back from a backup"
    )
    operator.server.put(lost[0])
    await operator.settle()
    assert operator.stalled() == ""


async def test_a_secret_that_lacks_something_is_named_with_what_to_do(operator: Operator) -> None:
    held = operator.server.objects["Secret", INTERNAL]
    held["data"] = {"keyfile": held["data"]["keyfile"]}
    await operator.settle()
    assert operator.stalled() == (
        "Secret shop/orders-internal must hold keyfile and app-password and admin-password: delete it, and it is put back"
    )


async def test_a_service_that_never_ran_gets_fresh_ones(operator: Operator) -> None:
    operator.service["status"]["init"]["phase"] = "Running"
    before, _ = [operator.server.objects.pop(("Secret", name))["data"] for name in (INTERNAL, COPY)]
    await operator.settle()
    assert operator.server.objects["Secret", INTERNAL]["data"] != before


async def test_nothing_is_drawn_anew_over_the_volumes_of_a_deleted_service(operator: Operator) -> None:
    operator.service["status"]["init"]["phase"] = "Running"
    lost = [operator.server.objects.pop(("Secret", name)) for name in (INTERNAL, COPY)]
    meta = {"name": names.claim("orders", 1, 0), "namespace": "shop", "annotations": {names.ANNOTATION_SERVICE: "{}"}}
    spec = {"volumeName": "pv", "resources": {"requests": {"storage": "10Gi"}}}
    operator.server.put({"kind": "PersistentVolumeClaim", "metadata": meta, "spec": spec})
    await operator.settle()
    assert ("Secret", INTERNAL) not in operator.server.objects
    assert operator.stalled() == (
        "Secret shop/orders-internal is gone, and its copy in orders-ca, too: put one back from a backup, "
        "or delete the volumes that a deleted service of this name left"
    )
    for secret in lost:
        operator.server.put(secret)
    await operator.settle()
    assert operator.stalled() == ""
