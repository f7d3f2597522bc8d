"""What may be copied, what may be restored, and what is found to differ."""

from typing import Any

import pytest

from moorage.engines.mysql import figures
from moorage.engines.mysql.backup import why_not_restorable
from moorage.engines.mysql.dumping import is_enough, room_for, why_not_copied
from moorage.engines.mysql.figures import Table

GIB = 2**30


@pytest.mark.parametrize(
    ("version", "kind", "installed", "why"),
    [
        ("9.7.4", "physical", (9, 7), None),
        ("8.4.6", "physical", (9, 7), None),
        ("8.4.6", "logical", (9, 7), None),
        ("9.7.4", "logical", (8, 4), "it into that version or a later one"),
        ("9.7.4", "physical", (8, 4), "it into that version or a later one"),
        ("5.7.44", "physical", (9, 7), "restore it into version 8.4 first"),
        ("5.7.44", "logical", (9, 7), None),
        ("", "physical", (9, 7), None),
    ],
)
def test_a_backup_of_a_newer_engine_or_files_that_it_cannot_open_are_refused(
    version: str, kind: str, installed: tuple[int, int], why: str | None
) -> None:
    said = why_not_restorable({"version": version, "figures": {"kind": kind}}, installed)
    assert (said is None) == (why is None)
    assert why is None or (said is not None and why in said and version in said)


@pytest.mark.parametrize(("version", "installed"), [("8.4.6", (8, 4)), ("8.4.0", (8, 4)), ("9.7.4-2", (9, 7))])
def test_a_copy_is_made_within_one_series(version: str, installed: tuple[int, int]) -> None:
    assert why_not_copied(version, installed) == ""


@pytest.mark.parametrize(("version", "installed"), [("8.4.6", (9, 7)), ("9.7.4", (8, 4)), ("8.40.1", (8, 4)), ("9.6.0", (9, 7))])
def test_a_member_of_another_series_is_dumped_because_nobody_may_copy_it(version: str, installed: tuple[int, int]) -> None:
    why = why_not_copied(version, installed)
    assert "it is logical" in why
    assert f"{version}," in why
    assert f"MySQL {installed[0]}.{installed[1]} " in why


def test_a_copy_is_made_only_where_it_leaves_room() -> None:
    needed = room_for(10 * GIB)
    assert needed > 10 * GIB
    assert is_enough(needed, 20 * GIB, 10 * GIB, is_on_node=False)
    assert not is_enough(needed - 1, 20 * GIB, 10 * GIB, is_on_node=False)
    assert not is_enough(needed, 20 * GIB, 10 * GIB, is_on_node=True), "a node whose disk fills up evicts Pods"
    assert is_enough(needed + 5 * GIB, 20 * GIB, 10 * GIB, is_on_node=True)


def test_what_came_back_otherwise_is_said() -> None:
    was = {
        "app.a": Table("table", "1", 3),
        "app.b": Table("table", "2", 0),
        "app.c": Table("view", "3"),
        "app.d": Table("table", "4", 1),
    }
    assert figures.from_json(figures.to_json("physical", was, {})) == was
    assert figures.differences(was, dict(was)) == []
    now = {
        "app.a": Table("table", "1", 2),
        "app.b": Table("table", "x", 0),
        "app.d": Table("table", "4", 1),
        "app.e": Table("table", "5", 1),
    }
    assert figures.differences(was, now) == [
        "app.a has 2 rows instead of 3",
        "app.b is defined otherwise",
        "app.c is missing",
        "app.e is there and was not backed up",
    ]


def test_what_is_only_counted_may_become_more_and_never_less() -> None:
    expected: dict[str, Any] = {"totals": {"users": 5, "triggers": 2}}
    assert figures.fewer(expected, {"users": 6, "triggers": 2, "routines": 0, "events": 0}) == []
    assert figures.fewer(expected, {"users": 4, "triggers": 2}) == ["only 4 of 5 users came back"]


def test_the_next_number_of_a_table_is_no_part_of_its_definition() -> None:
    one = "CREATE TABLE `t` (`id` int NOT NULL AUTO_INCREMENT) ENGINE=InnoDB AUTO_INCREMENT={} DEFAULT CHARSET=utf8mb4"
    assert figures.digest(one.format(7)) == figures.digest(one.format(9))


def test_tables_that_no_snapshot_holds_are_named() -> None:
    rows: list[dict[str, Any]] = [
        {"db": "app", "name": "a", "kind": "BASE TABLE", "engine": "InnoDB"},
        {"db": "app", "name": "b", "kind": "BASE TABLE", "engine": "MyISAM"},
        {"db": "app", "name": "v", "kind": "VIEW", "engine": None},
    ]
    assert figures.not_transactional(rows) == ["app.b"]
