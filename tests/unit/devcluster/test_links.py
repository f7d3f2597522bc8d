"""Cutting nodes apart: what is dropped, and nothing else."""

import pytest

from devcluster.links import pairs, ruleset


def test_a_cut_goes_both_ways_unless_one_way_was_asked_for() -> None:
    assert pairs("n1", "n2", one_way=False) == {("n1", "n2"), ("n2", "n1")}
    assert pairs("n1", "n2", one_way=True) == {("n1", "n2")}


def test_all_means_every_other_end() -> None:
    assert pairs("n1", "all", one_way=True) == {("n1", "n2"), ("n1", "n3"), ("n1", "host")}


def test_an_end_that_does_not_exist_is_named() -> None:
    with pytest.raises(SystemExit, match="there is no 'n4' to cut: the ends are n1, n2, n3, host"):
        pairs("n1", "n4", one_way=False)


def test_the_rules_drop_the_cut_directions_only() -> None:
    text = ruleset({("n1", "n2")})
    assert text.count("drop") == 1
    assert 'iifname "n1" oifname "n2" counter drop' in text


def test_no_cuts_leave_no_table() -> None:
    assert ruleset(set()) == "table bridge moorage\ndelete table bridge moorage\n"
