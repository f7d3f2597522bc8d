"""Whether members hold the same."""

from tests.chaos.checkers.members import compared

WHOLE = {"app": {"orders": "1f", "users": "2e"}, "chaos": {"set": "3d"}}


def test_members_with_equal_hashes_are_equal() -> None:
    verdict = compared({"datanode0": WHOLE, "datanode1": WHOLE, "datanode2": WHOLE})
    assert verdict.valid
    assert verdict.figures["members_compared"] == 3


def test_a_difference_is_named() -> None:
    verdict = compared({"datanode0": WHOLE, "datanode1": {**WHOLE, "chaos": {"set": "00"}}})
    assert verdict.findings == ("datanode0 and datanode1 do not hold the same: chaos.set.",)


def test_a_collection_that_one_of_them_lacks_is_a_difference() -> None:
    assert not compared({"datanode0": WHOLE, "datanode1": {"app": WHOLE["app"]}}).valid
    assert not compared({"datanode0": {"app": WHOLE["app"]}, "datanode1": WHOLE}).valid


def test_a_comparison_of_nothing_proves_nothing() -> None:
    assert not compared({"datanode0": WHOLE}).valid
    assert not compared({"datanode0": {}, "datanode1": {}}).valid
