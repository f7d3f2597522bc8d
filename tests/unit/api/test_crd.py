"""What the catalogue gives the API server to hold."""

from dataclasses import replace

import pytest

from moorage.engines.registry import load

RULE = load()["mongodb"].card.rule()


@pytest.mark.parametrize(
    ("version", "after"),
    [("6.0", ("6.0", "7.0")), ("7.0", ("7.0", "8.0")), ("8.0", ("8.0",)), ("5.0", ())],
)
def test_a_version_is_followed_by_the_next_one_and_by_no_older(version: str, after: tuple[str, ...]) -> None:
    assert RULE.versions_after(version) == after


def test_of_mysql_one_long_term_release_is_followed_by_the_next() -> None:
    rule = load()["mysql"].card.rule()
    assert (rule.versions_after("8.4"), rule.versions_after("9.7")) == (("8.4", "9.7"), ("9.7",))


def test_an_engine_may_allow_larger_steps() -> None:
    assert replace(RULE, version_steps_max=2).versions_after("6.0") == ("6.0", "7.0", "8.0")


def test_the_default_version_is_one_of_the_catalogue() -> None:
    for engine in load().values():
        assert engine.card.default_version in engine.card.rule().versions
