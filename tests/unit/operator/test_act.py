"""Steps are done idempotently, and what is not ours is left alone."""

from typing import Any, cast

import pytest

from moorage.core import names
from moorage.core.step import Apply, Desired, Exclude
from moorage.engines.registry import load
from moorage.kube.client import Kube, KubeError
from moorage.operator.act import Actor
from moorage.operator.manifests import Context, build
from tests.unit.build import TLS, service

INTERNAL = {"keyfile": "k", "app-password": "a", "admin-password": "b"}
OBJECTS = build(Context(service(), load()["mongodb"], "moorage:dev"), INTERNAL, TLS)
STEP = Apply(Desired("Secret", "orders-ca", ""), "Secret/orders-ca does not exist")


class Server:
    """An API server that holds one object already."""

    def __init__(self, labels: dict[str, str] | None) -> None:
        self.held = None if labels is None else {"kind": "Secret", "metadata": {"name": "orders-ca", "labels": labels}}

    async def create(self, manifest: dict[str, Any]) -> dict[str, Any]:
        if self.held is not None:
            raise KubeError('secrets "orders-ca" already exists', 409)
        self.held = manifest
        return manifest

    async def get(self, _kind: str, _name: str, _namespace: str) -> dict[str, Any] | None:
        return self.held


async def act(server: Server) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    await Actor(cast("Kube", server), "shop", "orders", seen.append).act(STEP, OBJECTS)
    return seen


async def test_what_is_made_once_is_made_and_seen_at_once() -> None:
    assert [m["metadata"]["name"] for m in await act(Server(None))] == ["orders-ca"]


async def test_an_object_of_the_service_that_the_watch_has_not_told_yet_is_taken_as_it_is() -> None:
    server = Server({"app.kubernetes.io/instance": "orders"})
    assert await act(server) == [server.held]


async def test_an_object_of_somebody_else_is_left_alone_and_named() -> None:
    with pytest.raises(KubeError, match="Secret/orders-ca belongs to somebody else"):
        await act(Server({}))


ADDRESS = next(m for m in OBJECTS.manifests if m["kind"] == "Service" and m["metadata"]["name"] == "orders")
BY_HAND = {"name": "mine", "port": 1, "targetPort": 1, "protocol": "TCP"}


class Applying:
    """An API server whose apply leaves a port that somebody added by hand, or refuses to."""

    def __init__(self, refusal: KubeError | None) -> None:
        self._refusal = refusal
        self.ports: list[dict[str, Any]] = [BY_HAND]

    async def apply(self, manifest: dict[str, Any]) -> dict[str, Any]:
        if self._refusal is not None:
            raise self._refusal
        return {**manifest, "spec": {**manifest["spec"], "ports": [*manifest["spec"]["ports"], BY_HAND]}}

    async def merge(self, _kind: str, _name: str, _namespace: str, patch: dict[str, Any]) -> dict[str, Any]:
        self.ports = patch["spec"]["ports"]
        return patch


@pytest.mark.parametrize("refusal", [None, KubeError("spec.ports[1].name: Duplicate value", 422)], ids=["left", "clashes"])
async def test_a_port_that_somebody_added_by_hand_is_taken_away(refusal: KubeError | None) -> None:
    server = Applying(refusal)
    step = Apply(Desired("Service", "orders", ""), "Service/orders differs from what the spec asks for")
    await Actor(cast("Kube", server), "shop", "orders", lambda _: None).act(step, OBJECTS)
    assert server.ports == ADDRESS["spec"]["ports"]


async def test_another_refusal_is_not_worked_around() -> None:
    step = Apply(Desired("Service", "orders", ""), "Service/orders differs from what the spec asks for")
    with pytest.raises(KubeError, match="quota"):
        await Actor(cast("Kube", Applying(KubeError("quota", 403))), "shop", "orders", lambda _: None).act(step, OBJECTS)


class Address:
    """An API server that has the address, as a member claimed it in term 7."""

    def __init__(self, *, is_claimed_meanwhile: bool = False) -> None:
        self._is_claimed_meanwhile = is_claimed_meanwhile
        marks = {names.ANNOTATION_TERM: "7", names.ANNOTATION_HOLDER: "orders-g1-0"}
        meta = {"name": "orders", "namespace": "shop", "resourceVersion": "5", "annotations": marks}
        self.held: dict[str, Any] = {"kind": "EndpointSlice", "metadata": meta, "endpoints": [{"addresses": ["10.0.0.1"]}]}

    async def get(self, _kind: str, _name: str, _namespace: str) -> dict[str, Any]:
        return self.held

    async def replace(self, item: dict[str, Any]) -> dict[str, Any]:
        if self._is_claimed_meanwhile:
            raise KubeError("the object has been modified", 409)
        assert item["metadata"]["resourceVersion"] == "5", "a compare-and-swap names what it read"
        self.held = item
        return item


async def exclude(server: Address, *pods: str) -> None:
    await Actor(cast("Kube", server), "shop", "orders", lambda _: None).act(Exclude(pods, "why"), OBJECTS)


async def test_members_are_given_up_and_taken_back_and_the_address_leads_where_it_led() -> None:
    server = Address()
    before = server.held
    await exclude(server, "orders-g1-1", "orders-g1-0")
    assert server.held["metadata"]["annotations"][names.ANNOTATION_EXCLUDED] == "orders-g1-0,orders-g1-1"
    assert server.held["metadata"]["annotations"][names.ANNOTATION_HOLDER] == "orders-g1-0"
    assert server.held["endpoints"] == before["endpoints"]
    await exclude(server)
    assert server.held == before


async def test_a_claim_that_comes_in_between_is_not_overwritten() -> None:
    with pytest.raises(KubeError, match="modified"):
        await exclude(Address(is_claimed_meanwhile=True), "orders-g1-1")
