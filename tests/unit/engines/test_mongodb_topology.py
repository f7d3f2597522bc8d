"""MongoDB's settings follow its production notes."""

import pytest

from moorage.api.quantity import to_bytes
from moorage.engines.mongodb.topology import MongoTopology, batch_bytes, cache_gib, oplog_mib
from moorage.engines.registry import load
from tests.unit.build import service


@pytest.mark.parametrize(("memory", "cache"), [("512Mi", 0.25), ("2Gi", 0.5), ("8Gi", 3.5)])
def test_the_cache_is_half_of_the_memory_above_one_gibibyte(memory: str, cache: float) -> None:
    assert cache_gib(to_bytes(memory)) == cache


@pytest.mark.parametrize(("memory", "mib"), [("512Mi", 16), ("1Gi", 16), ("4Gi", 64), ("64Gi", 100)])
def test_what_a_secondary_applies_at_once_leaves_a_small_member_room(memory: str, mib: int) -> None:
    assert batch_bytes(to_bytes(memory)) == mib * 2**20
    of = service(resources={"memory": memory})
    assert f"replBatchLimitBytes={mib * 2**20}" in MongoTopology().engine_arguments(of, 3)


@pytest.mark.parametrize(("size", "oplog"), [("1Gi", 256), ("2Gi", 512), ("10Gi", 990), ("100Gi", 5120), ("10Ti", 50 * 1024)])
def test_the_oplog_fits_the_volume_and_not_the_host(size: str, oplog: int) -> None:
    assert oplog_mib(to_bytes(size)) == oplog


def test_two_data_members_and_an_arbiter_are_three_votes() -> None:
    config = MongoTopology().initiate_order(service(arbiter=True), 2)
    assert [m.get("arbiterOnly", False) for m in config["members"]] == [False, False, True]


def test_the_uris_name_the_set_inside_and_the_address_outside() -> None:
    uris = MongoTopology().binding(service(), 3, "app", "p@ss", "10.89.1.1")
    assert "orders-g1-2.orders-members.shop.svc.cluster.local:27017/app?replicaSet=orders" in uris["uri"]
    assert uris["direct-uri"].startswith("mongodb://app:p%40ss@10.89.1.1:27017/app?directConnection=true")


def test_the_client_is_given_no_password_and_writes_nothing_into_the_data_folder() -> None:
    line = load()["mongodb"].card.client("app", [])
    assert line[:3] == ("env", "HOME=/tmp", "MOORAGE_USER=app")
    assert line[-1] == "--shell"


def test_what_a_person_hands_over_reaches_the_client_as_it_is() -> None:
    line = load()["mongodb"].card.client("admin", ["--eval", "rs.status().ok"])
    assert line[-2:] == ("--eval", "rs.status().ok")


def test_a_parameter_that_would_break_a_promise_is_refused_with_what_is_allowed() -> None:
    card = load()["mongodb"].card
    assert card.why_parameters_refused({"net.maxIncomingConnections": "500"}) is None
    assert "parameter 'replSet' cannot be set" in (card.why_parameters_refused({"replSet": "x"}) or "")
    assert "allowed: 10 to 999999" in (card.why_parameters_refused({"net.maxIncomingConnections": "no"}) or "")
