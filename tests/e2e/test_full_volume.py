"""A volume that fills up on the running cluster: read-only in time, larger by hand or by itself, and back when it was full."""

import base64
import os
from collections.abc import Iterator
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from devcluster import members
from tests.e2e.client import open_client
from tests.e2e.cluster import get, until
from tests.e2e.small import LOOK_SECONDS, Small

NAME, CLAIM = "brim", "data-brim-g1-0"
SMALL = Small("full")
FILLS_MAX = 2_000
"""Of 2 MB each."""


def storage(size: str, **more: Any) -> dict[str, Any]:
    return {"storage": {"size": size, "className": "limited", **more}}


@pytest.fixture(scope="module")
def brim() -> Iterator[str]:
    with SMALL.made(), SMALL.deployed(NAME, **storage("1Gi")):
        SMALL.green(NAME)
        yield NAME


def connected() -> MongoClient[dict[str, Any]]:
    entries = get("secret", f"{NAME}-app", SMALL.namespace)["data"]
    return open_client(base64.b64decode(entries["direct-uri"]).decode())


def fill(client: MongoClient[dict[str, Any]]) -> PyMongoError:
    """An application that writes until it is refused; how."""
    for _ in range(FILLS_MAX):
        try:
            client["shop"]["blobs"].insert_many([{"blob": os.urandom(100_000)} for _ in range(20)])
        except PyMongoError as error:
            return error
    pytest.fail(f"{FILLS_MAX * 2} MB went into a volume of 1 GiB")


def capacity() -> str:
    return str(get("pvc", CLAIM, SMALL.namespace)["status"]["capacity"]["storage"])


def restarts() -> int:
    statuses = get("pod", f"{NAME}-g1-0", SMALL.namespace)["status"]["containerStatuses"]
    return sum(int(c["restartCount"]) for c in statuses)


def test_writes_stop_before_the_engine_dies_and_go_on_when_the_volume_is_larger(brim: str) -> None:
    with connected() as client:
        refusal = fill(client)
        assert isinstance(refusal, OperationFailure), refusal
        assert "User writes blocked" in str(refusal)
        assert client["shop"]["blobs"].count_documents({}) > 0, "reads go on"
        said = SMALL.said(brim, "applications can read and not write")
        assert "datanode0's volume of 1Gi is full" in said
        now = SMALL.status(brim)
        assert (now["healthCluster"], now["areWritesStopped"], now["volumes"]["datanode0"]["level"]) == ("red", True, "full")
        SMALL.apply(brim, **storage("2Gi"))
        SMALL.green(brim)
        assert capacity() == "2Gi"
        client["shop"]["orders"].insert_one({"room": "again"})
    assert restarts() == 0


def test_a_volume_that_is_nearly_full_grows_by_itself_and_never_beyond_the_most(brim: str) -> None:
    SMALL.apply(brim, **storage("2Gi", autoGrow={"step": "1Gi", "max": "3Gi"}))
    with connected() as client:
        for _ in range(FILLS_MAX // 10 * 2):
            if SMALL.status(brim)["volumes"]["datanode0"]["level"] != "ok" or capacity() != "2Gi":
                break
            try:
                client["shop"]["blobs"].insert_many([{"blob": os.urandom(100_000)} for _ in range(200)])
            except OperationFailure as error:
                assert "User writes blocked" in str(error)  # noqa: PT017 - it was full before anybody had looked, and grows all the same
                break
    until("the volume has 3Gi", lambda: capacity() == "3Gi", seconds=30, every_seconds=LOOK_SECONDS)
    SMALL.green(brim)
    assert any("grows from 2Gi to 3Gi: that of datanode0 is" in said for said in SMALL.events(brim, "VolumeGrown"))
    assert get("mds", brim, SMALL.namespace)["spec"]["storage"]["size"] == "2Gi"


def test_a_member_without_any_room_says_so_and_comes_back_when_the_volume_is_larger(brim: str) -> None:
    members.fill(f"{SMALL.namespace}/{CLAIM}")
    until(
        "the reserve was given up", lambda: SMALL.status(brim)["healthCluster"] == "red", seconds=30, every_seconds=LOOK_SECONDS
    )
    members.fill(f"{SMALL.namespace}/{CLAIM}")
    said = SMALL.said(brim, "is full: its engine stays stopped until there is room in it")
    assert said.startswith("there is no primary; datanode0 is down: its volume of ")
    before = restarts()
    # 3 GiB are taken, and the reserve and the journal are made again: in 4 GiB it would be nearly full once more
    SMALL.apply(brim, **storage("5Gi"))
    SMALL.green(brim)
    assert restarts() == before == 0
    with connected() as client:
        client["shop"]["orders"].insert_one({"back": True})
