"""Which generations of a service there are beside the one that serves."""

from datetime import UTC, datetime
from typing import Any

from moorage.core import names
from moorage.kube.reflector import Store
from moorage.operator.kept import KINDS, numbers, others
from moorage.operator.look import Look
from tests.unit.build import service

LOOK = Look(datetime(2026, 11, 25, tzinfo=UTC))
OURS = names.labels("orders", "mongodb")


def stores(*claims: tuple[str, dict[str, str]]) -> dict[str, Store]:
    found = {kind: Store() for kind in (*KINDS, "DataRestore")}
    items: list[dict[str, Any]] = [
        {"metadata": {"name": name, "namespace": "shop", "labels": labels}, "spec": {}} for name, labels in claims
    ]
    found["PersistentVolumeClaim"].listed(items, "1")
    return found


def test_a_generation_that_served_before_is_known_by_its_claims() -> None:
    (other,) = others(service(), stores(("data-orders-g1-0", OURS), ("data-orders-g2-0", OURS)), LOOK)
    assert (other.number, other.claims) == (2, ("data-orders-g2-0",))


def test_a_claim_of_somebody_else_is_no_generation_to_put_away_and_its_number_is_not_given_again() -> None:
    held = stores(("data-orders-g7-0", {}), ("data-orders-g8-0", names.labels("another", "mongodb")))
    assert others(service(), held, LOOK) == ()
    assert numbers(service(), held) == (7, 8)
