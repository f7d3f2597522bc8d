"""A majority of the volumes is lost: nobody is elected by members without data, and a person decides."""

from collections.abc import Iterator

import pytest

from tests.e2e.backups import direct_uri
from tests.e2e.client import open_client
from tests.e2e.cluster import kubectl, moorage, until
from tests.e2e.small import LOOK_SECONDS, Small

NAME = "orphan"
SMALL = Small("recover")
NUMBERS = 500


@pytest.fixture(scope="module")
def orphan() -> Iterator[str]:
    small = {"cpu": "150m", "memory": "512Mi"}
    with SMALL.made(), SMALL.deployed(NAME, members=3, resources=small):
        SMALL.green(NAME, members=3)
        yield NAME


def held() -> int:
    with open_client(direct_uri(NAME, SMALL.namespace)) as client:
        return int(client["shop"]["numbers"].count_documents({}))


def pods(*jsonpath: str) -> str:
    return kubectl("get", "pods", "-n", SMALL.namespace, "-l", f"app.kubernetes.io/instance={NAME}", *jsonpath)


def test_members_without_data_elect_nobody_and_one_command_keeps_the_one_that_is_left(orphan: str) -> None:
    with open_client(direct_uri(NAME, SMALL.namespace)) as client:
        client["shop"]["numbers"].insert_many([{"_id": number} for number in range(NUMBERS)])
    primary = str(SMALL.status(orphan)["primary"])
    kept, lost = _one_secondary_and_the_others(primary)
    for ordinal in lost:
        kubectl("delete", "pvc", f"data-{NAME}-g1-{ordinal}", "-n", SMALL.namespace, "--wait=false")
        kubectl("delete", "pod", f"{NAME}-g1-{ordinal}", "-n", SMALL.namespace, "--grace-period=0", "--force")

    said = SMALL.said(orphan, f"moorage recover {NAME} --keep datanode{kept}")
    assert "its folder is empty although its service holds data" in said
    assert SMALL.status(orphan)["healthCluster"] == "red"

    moorage("recover", NAME, "--keep", f"datanode{kept}", "--yes", NAME, "-n", SMALL.namespace)
    until(
        "the kept member leads",
        lambda: SMALL.status(orphan)["primary"] == f"datanode{kept}",
        seconds=60,
        every_seconds=LOOK_SECONDS,
    )
    SMALL.green(orphan, members=3)
    assert held() == NUMBERS
    assert set(pods("-o", "jsonpath={.items[*].status.phase}").split()) == {"Running"}


def _one_secondary_and_the_others(primary: str) -> tuple[int, list[int]]:
    kept = next(n for n in (2, 1) if primary != f"datanode{n}")
    return kept, [n for n in range(3) if n != kept]
