"""What is judged by an engine of its own, is so by faults that there are."""

from dataclasses import replace

import pytest

from tests.chaos import kit
from tests.chaos.checkers import Acknowledged, two_primaries
from tests.chaos.faults import all_faults, find
from tests.chaos.kit import KITS
from tests.chaos.table import document
from tests.chaos.workloads import OF_ENGINE, WORKLOADS
from tests.unit.chaos.test_table import GREEN, RED
from tests.unit.chaos.test_verdicts import FINE, SECOND, STAYED, blow, red


@pytest.mark.parametrize("engine", KITS)
def test_every_budget_and_every_fault_left_out_is_one_that_there_is(engine: str) -> None:
    known = {fault.label(target) for fault in all_faults().values() for target in fault.targets}
    assert set(KITS[engine].budgets) <= known
    assert set(KITS[engine].without) <= set(all_faults())
    assert tuple(kind.name for kind in OF_ENGINE[engine]) == WORKLOADS


def test_a_budget_is_that_of_the_engine_that_is_tried_and_of_no_other() -> None:
    fault, target = find("crash:primary")
    assert fault.budget_seconds(target) == 2.0
    with kit.trying("mysql"):
        assert fault.budget_seconds(target) == 10.0
        assert fault.budget_seconds("secondary") == 1.0
    assert fault.budget_seconds(target) == 2.0


def test_numbers_of_one_counter_tell_two_primaries_that_acknowledge_side_by_side() -> None:
    in_order = [
        Acknowledged(0, 1, "datanode0", 1),
        Acknowledged(2, 3, "datanode1", 2),
        Acknowledged(4, 5, "datanode1", 3),
    ]
    assert two_primaries(in_order) == []
    assert two_primaries([*in_order, Acknowledged(4, 6, "datanode0", 2)])
    assert two_primaries([*in_order, Acknowledged(6, 7, "datanode0", 2)])


def test_with_mysql_a_change_of_primary_is_one_of_members_and_the_numbers_only_order_them() -> None:
    first, later = (Acknowledged(at * SECOND, at * SECOND + 1, "datanode0", n) for at, n in ((1, 17), (11, 40)))
    other = Acknowledged(12 * SECOND, 12 * SECOND + 1, "datanode1", 41)
    of_secondary = replace(FINE, blows=(blow("crash:secondary"),), taken=(first, later))
    with kit.trying("mysql"):
        assert red(of_secondary) == []
        assert red(replace(of_secondary, taken=(first, later, other))) == ["V4"]
    assert red(of_secondary) == ["V4"], "where a number is a term, another one is another election"
    assert red(replace(of_secondary, taken=STAYED)) == []


def test_runs_of_mysql_stand_in_a_table_of_their_own() -> None:
    page = document([GREEN, replace(GREEN, engine="mysql", gap_seconds=7.5), replace(RED, engine="mysql")])
    mongodb, _, mysql = page.partition("## MySQL")
    assert "7.5 s" not in mongodb
    assert "17 is lost" not in mongodb
    assert "| `crash` | primary |" in mysql
    assert "endless" in mysql
    assert "`stale` is not tried" in mysql
    assert "| `stale` |" not in mysql
    assert "17 is lost" in mysql
