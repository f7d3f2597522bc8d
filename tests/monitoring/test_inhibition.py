"""A real Alertmanager mutes what follows from a cause that is told already, and nothing else."""

from collections.abc import Iterator

import pytest

from moorage.monitoring.rules import inhibit_rules
from tests.monitoring.alertmanager import Alertmanager, running

SERVICE = {"namespace": "shop", "service": "orders", "scope": "service"}
MEMBER = {"namespace": "shop", "service": "orders", "pod": "orders-g1-0", "scope": "member"}
OTHER = {"service": "others"}


@pytest.fixture(scope="module")
def alertmanager() -> Iterator[Alertmanager]:
    route = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}
    with running({**route, "inhibit_rules": inhibit_rules()}) as found:
        yield found


def test_members_are_not_told_of_while_their_service_is_red(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageServiceRed=SERVICE, MoorageMongodbLag=MEMBER, MoorageDiskFull=MEMBER, MoorageMongodbLag_=MEMBER | OTHER,
        MoorageBackupMissed=SERVICE,
    ) == {
        "MoorageServiceRed": False, "MoorageMongodbLag": True, "MoorageDiskFull": True, "MoorageMongodbLag_": False,
        "MoorageBackupMissed": False,
    }  # fmt: skip


def test_a_service_in_maintenance_is_told_of_in_nothing_and_all_others_are(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageMaintenance=SERVICE, MoorageServiceRed=SERVICE, MoorageBackupMissed=SERVICE, MoorageDiskFull=MEMBER,
        MoorageServiceRed_=SERVICE | OTHER, MoorageOperatorSilent={"scope": "platform"},
    ) == {
        "MoorageMaintenance": False, "MoorageServiceRed": True, "MoorageBackupMissed": True, "MoorageDiskFull": True,
        "MoorageServiceRed_": False, "MoorageOperatorSilent": False,
    }  # fmt: skip


def test_the_nearest_end_of_a_volume_is_told_alone(alertmanager: Alertmanager) -> None:
    other = MEMBER | {"pod": "orders-g1-1"}
    assert alertmanager.muted(
        MoorageDiskFullIn4h=MEMBER, MoorageDiskFullIn24h=MEMBER, MoorageDiskFullIn24h_=other
    ) == {"MoorageDiskFullIn4h": False, "MoorageDiskFullIn24h": True, "MoorageDiskFullIn24h_": False}  # fmt: skip


def test_what_an_operator_that_is_away_cannot_know_is_not_told(alertmanager: Alertmanager) -> None:
    assert alertmanager.muted(
        MoorageOperatorSilent={"scope": "platform"}, MoorageServiceUnknown=SERVICE, MoorageMongodbLag=MEMBER
    ) == {"MoorageOperatorSilent": False, "MoorageServiceUnknown": True, "MoorageMongodbLag": False}  # fmt: skip
