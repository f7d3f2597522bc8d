"""What mysqld said before it ended: is its data of no use, or would a copy meet the same?"""

import pytest

from moorage.engines.damage import Ended
from moorage.engines.mysql.damage import why_damaged

OF_EVERY_START = (
    "05.777Z 0 [System] [MY-015603] [Server] MySQL Server has access to 2 logical CPUs.",
    "05.795Z 1 [Warning] [MY-011873] [InnoDB] Failed to set NUMA memory policy to MPOL_INTERLEAVE: Operation not permitted",
    "get_mempolicy: Operation not permitted",
)
"""In a container, seen on the cluster; the times are shortened."""
TORN = (
    "05.878Z 1 [ERROR] [MY-012239] [InnoDB] Space ID in fsp header is 2240269016, but in the page header it is 2865088082.",
    "05.949Z 1 [ERROR] [MY-012222] [InnoDB] Data file './ibdata1' uses page size 0, but the innodb_page_size is 16384",
    "05.949Z 1 [ERROR] [MY-012237] [InnoDB] Corrupted page of datafile './ibdata1' could not be found in the doublewrite buffer.",
    "06.379Z 0 [ERROR] [MY-010020] [Server] Data Dictionary initialization failed.",
    "06.379Z 0 [ERROR] [MY-010119] [Server] Aborting",
)
"""4 KiB of noise over the beginning of the system's tablespace."""


def test_a_torn_tablespace_is_seen_whatever_a_container_is_warned_of_before() -> None:
    assert why_damaged(Ended(1, (*OF_EVERY_START, *TORN))) == why_damaged(Ended(1, TORN))
    assert "ibdata1" in (why_damaged(Ended(1, (*OF_EVERY_START, *TORN))) or "")


@pytest.mark.parametrize(
    "first",
    [
        "05.8Z 1 [ERROR] [MY-012267] [InnoDB] Could not set the file size of './ibdata1'. No space left on device",
        "mysqld: Can't create/write to file './undo_001' (OS errno 28 - No space left on device)",
    ],
)
def test_what_follows_from_a_want_of_room_is_no_damage(first: str) -> None:
    assert why_damaged(Ended(1, (*OF_EVERY_START, first, *TORN))) is None


def test_a_start_that_only_warned_is_no_damage() -> None:
    assert why_damaged(Ended(1, OF_EVERY_START)) is None
