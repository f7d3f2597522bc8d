"""When `make up` believes that demo can be restored: on a rehearsal's word alone."""

from typing import Any

import pytest

from devcluster.first_backup import line, request, verified, wanted, what_is_done, why_in_vain
from moorage.api.databackup import Trigger, parse_databackup


def _backup(phase: str = "Succeeded", name: str = "b", minute: int = 0, spec: dict[str, Any] | None = None, **status: Any) -> Any:
    return {
        "apiVersion": "moorage.dev/v1",
        "kind": "DataBackup",
        "metadata": {"name": name, "namespace": "default", "creationTimestamp": f"2026-11-25T07:{minute:02}:00Z"},
        "spec": {"service": "demo", **(spec or {})},
        "status": {"phase": phase, **status},
    }


WITHOUT_REHEARSAL = {"trigger": "Schedule", "rehearse": False}


def test_what_is_asked_for_is_a_backup_by_hand_which_is_rehearsed() -> None:
    asked = parse_databackup({**request(), "metadata": {"name": "demo-first-x", "namespace": "default"}})
    assert asked.spec.trigger is Trigger.MANUAL
    assert asked.spec.rehearse is None


def test_only_a_rehearsal_makes_a_backup_verified() -> None:
    assert verified([_backup(), _backup("Verifying"), _backup("Failed", verified=False)]) is None
    good = _backup(verified=True)
    assert verified([_backup(), good]) == good


def test_the_newest_verified_one_counts_also_when_nobody_knows_its_moment() -> None:
    older = _backup(name="older", verified=True, consistentTime="2026-11-25T07:01:00.250Z")
    newer = _backup(name="newer", minute=2, verified=True)
    assert verified([newer, older]) == newer


@pytest.mark.parametrize(
    ("backups", "is_wanted"),
    [
        ([], True),
        ([_backup("Failed")], True),
        ([_backup(spec=WITHOUT_REHEARSAL)], True),
        ([_backup("Running", spec=WITHOUT_REHEARSAL)], True),
        ([_backup("Pending")], False),
        ([_backup("Verifying", spec=WITHOUT_REHEARSAL)], False),
        ([_backup(verified=True), _backup("Failed")], False),
    ],
)
def test_one_is_asked_for_when_none_would_come_by_itself(backups: list[Any], is_wanted: bool) -> None:
    assert wanted(backups) is is_wanted


def test_a_backup_that_failed_is_not_waited_for() -> None:
    assert why_in_vain([_backup("Failed", message="the bucket is full")]) == "b is Failed: the bucket is full"
    assert why_in_vain([_backup(verified=False, verifyMessage="2 documents are missing")]) == (
        "b is Succeeded: 2 documents are missing"
    )


def test_one_that_is_under_way_or_not_to_be_seen_yet_is_waited_for() -> None:
    assert why_in_vain([]) is None
    assert why_in_vain([_backup("Running")]) is None
    assert what_is_done([]) == "it is not to be seen yet"
    assert what_is_done([_backup("Running", message="12 MiB read")]) == "b is Running: 12 MiB read"


def test_the_summary_says_how_it_went() -> None:
    good = _backup(verified=True, backupName="mongodb-default-demo-20261125070000", sizeBytes=12_289, restoreSeconds=3.14)
    assert line(good) == "mongodb-default-demo-20261125070000: verified, 13 KiB, restored in 3.1 s"
