"""What mongod's last words mean: the lines are those of data folders that were damaged on purpose."""

import json

import pytest

from moorage.engines.damage import Ended, agreed
from moorage.engines.mongodb.damage import why_damaged
from moorage.engines.mongodb.staleness import is_too_far_behind

FATAL = '{"s":"F","c":"ASSERT","id":23091,"msg":"Fatal assertion","attr":{"msgid":50944}}'


def _error(message: str) -> str:
    return json.dumps(
        {"s": "E", "c": "WT", "id": 22435, "msg": "WiredTiger error message", "attr": {"message": {"msg": message}}}
    )


def test_a_damaged_file_is_named() -> None:
    ended = Ended(14, [_error("__desc_read:381:WiredTiger.wt is corrupted"), FATAL])
    assert why_damaged(ended) == "its data is damaged: WiredTiger.wt is corrupted"


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["killed"],
        [FATAL],
        [_error("__posix_open_file:812:/data/db/WiredTiger.wt: handle-open: open")],
        [_error("__posix_file_write:579:/data/db/journal: handle-write: No space left on device"), FATAL],
        [_error("__posix_open_file:812:/data/db/WiredTiger.wt: handle-open: open: Permission denied"), FATAL],
    ],
)
def test_an_end_for_another_reason_is_no_damage(lines: list[str]) -> None:
    assert why_damaged(Ended(14, lines)) is None


NO_ROOM = _error("__posix_file_write:621:/data/db/journal/Tmplog.1: handle-write: pwrite: No space left on device")


def test_the_first_error_of_a_start_decides_for_each_start_that_fails_leaves_files_that_fill_the_volume() -> None:
    no_file = _error("__desc_read:394:collection-18.wt does not appear to be a WiredTiger file")
    assert why_damaged(Ended(14, [no_file, NO_ROOM, FATAL])) == (
        "its data is damaged: collection-18.wt does not appear to be a WiredTiger file"
    )
    assert why_damaged(Ended(14, [NO_ROOM, no_file, FATAL])) is None


def test_one_start_that_fails_is_not_believed() -> None:
    damaged = Ended(14, [_error("__desc_read:381:WiredTiger.wt is corrupted"), FATAL])
    assert agreed([damaged], why_damaged) == ""
    assert agreed([damaged, Ended(-9, [])], why_damaged) == ""
    assert agreed([Ended(-9, []), damaged, damaged], why_damaged) == "its data is damaged: WiredTiger.wt is corrupted"


def test_a_member_is_too_far_behind_only_when_every_peer_says_so() -> None:
    assert is_too_far_behind(5, {"a": 6, "b": 7})
    assert not is_too_far_behind(5, {"a": 6, "b": 5})
    assert not is_too_far_behind(5, {"a": 6, "b": None})
    assert not is_too_far_behind(5, {})
