"""A configuration with one member more or less, and the word that closes the way back."""

from typing import Any

import pytest

from moorage.engines.member import OrderRefusedError
from moorage.engines.mongodb.engine import ENGINE
from moorage.engines.mongodb.membership import (
    Membership,
    alone,
    is_later,
    mark,
    mark_of,
    why_not_alone,
    with_member,
    without_member,
)
from moorage.engines.mongodb.upgrade import Upgrade, is_older, raise_command
from tests.unit.build import service

TOPOLOGY, CARD = ENGINE.topology, ENGINE.card


def hosts(config: dict[str, Any]) -> list[str]:
    return [m["host"].partition(".")[0] for m in config["members"]]


def test_a_member_that_joins_later_stands_in_the_configuration_as_if_it_had_been_there_from_the_start() -> None:
    small, large = (TOPOLOGY.initiate_order(service(members=n), n) for n in (1, 3))
    for ordinal in (1, 2):
        small = with_member(small, TOPOLOGY.join_order(service(members=3), 3, ordinal)["entry"])
    assert small == large


def test_an_arbiter_joins_as_an_arbiter() -> None:
    assert TOPOLOGY.join_order(service(arbiter=True), 2, 2)["entry"]["arbiterOnly"]


def test_a_member_that_stands_in_it_already_is_not_added_twice() -> None:
    config = TOPOLOGY.initiate_order(service(), 3)
    assert with_member(config, {**config["members"][1], "priority": 0}) == config


def test_one_member_is_taken_out_and_all_else_stays() -> None:
    config = {**TOPOLOGY.initiate_order(service(members=3), 3), "version": 4, "term": 2}
    left = without_member(config, "orders-g1-1")
    assert hosts(left) == ["orders-g1-0", "orders-g1-2"]
    assert {**left, "members": []} == {**config, "members": []}
    assert without_member(left, "orders-g1-1") == left


def test_no_two_configurations_have_the_same_mark() -> None:
    assert len({mark(term, version) for term in range(12) for version in range(12)}) == 144


@pytest.mark.parametrize(
    ("version", "command"),
    [
        ("6.0", {"setFeatureCompatibilityVersion": "6.0"}),
        ("7.0", {"setFeatureCompatibilityVersion": "7.0", "confirm": True}),
        ("8.0", {"setFeatureCompatibilityVersion": "8.0", "confirm": True}),
    ],
)
def test_the_way_back_is_closed_in_the_words_of_each_version(version: str, command: dict[str, Any]) -> None:
    assert raise_command(version) == command


def test_versions_are_compared_as_numbers() -> None:
    assert is_older("6.0", "7.0")
    assert is_older("9.0", "10.0")
    assert not is_older("7.0", "7.0")
    assert not is_older("8.0", "7.0")


class Mongod:
    """Answers as the primary of term 5 does, and remembers what it was asked."""

    def __init__(self, compatibility: str) -> None:
        self.compatibility, self.asked = compatibility, list[str]()

    async def command(self, _client: object, command: dict[str, Any]) -> dict[str, Any]:
        name = next(iter(command))
        self.asked.append(name)
        if name == "setFeatureCompatibilityVersion":
            self.compatibility = command[name]
        return {"term": 5, "featureCompatibilityVersion": {"version": self.compatibility}}


def upgrade_of(mongod: Mongod) -> Upgrade:
    return Upgrade(mongod.command, lambda: None)


async def test_it_is_asked_once_in_a_term_and_once_after_an_order() -> None:
    mongod = Mongod("6.0")
    upgrade = upgrade_of(mongod)
    assert [await upgrade.compatibility(5) for _ in range(3)] == ["6.0"] * 3
    assert await upgrade.compatibility(None) == ""
    assert mongod.asked == ["getParameter"]
    await upgrade.finish("7.0", 5)
    assert [await upgrade.compatibility(5) for _ in range(3)] == ["7.0"] * 3
    assert mongod.asked.count("getParameter") == 3


@pytest.mark.parametrize(("found", "term"), [("7.0", 5), ("8.0", 5), ("6.0", 4)], ids=["done", "later", "older term"])
async def test_an_order_that_is_out_of_date_changes_nothing(found: str, term: int) -> None:
    mongod = Mongod(found)
    await upgrade_of(mongod).finish("7.0", term)
    assert mongod.compatibility == found


@pytest.mark.parametrize(
    ("data", "asked", "image", "refused"),
    [
        ("6.0", "7.0", None, None),
        ("6.0", "6.0", None, None),
        ("", "8.0", None, None),
        ("6.0", "8.0", None, "version '8.0' cannot open data of version 6.0; allowed: 6.0, 7.0"),
        ("7.0", "6.0", None, "version '6.0' cannot open data of version 7.0; allowed: 7.0, 8.0"),
        ("7.0", None, None, "version '6.0' cannot open data of version 7.0; allowed: 7.0, 8.0"),
        ("7.0", "6.0", "mongo:own", None),
    ],
)
def test_no_member_is_started_with_a_version_that_cannot_open_its_data(
    data: str, asked: str | None, image: str | None, refused: str | None
) -> None:
    assert CARD.why_version_refused(service(version=asked, image=image), data) == refused


HOSTS = tuple(f"orders-g1-{i}.orders-members.shop.svc.cluster.local:27017" for i in range(3))
LEFT: dict[str, Any] = {"_id": "orders", "term": 7, "version": 3, "members": [{"_id": i, "host": h} for i, h in enumerate(HOSTS)]}


def status(mine: int = 2, others: tuple[int, int] = (8, 8)) -> dict[str, Any]:
    """As the third member sees them: states, 8 for one that it does not hear."""
    seen = [{"name": h, "state": s, "health": int(s != 8)} for h, s in zip(HOSTS, others, strict=False)]
    return {"myState": mine, "members": [*seen, {"name": HOSTS[2], "state": mine, "health": 1, "self": True}]}


def test_alone_is_the_configuration_without_all_the_others() -> None:
    assert alone(LEFT, status()) == {**LEFT, "members": [LEFT["members"][2]]}


@pytest.mark.parametrize(
    ("found", "configuration", "why"),
    [
        (status(), "7:3", ""),
        (status(), "7:2", "its configuration is 7:3 by now, and it was asked for 7:2"),
        (status(mine=1), "7:3", "it is no secondary by now"),
        (status(mine=3), "7:3", "it is no secondary by now"),
        (status(others=(1, 8)), "7:3", "it sees the primary orders-g1-0"),
        (status(others=(2, 8)), "7:3", "it hears 2 of 3 members, which elect among themselves"),
        (status(others=(3, 8)), "7:3", "it hears 2 of 3 members, which elect among themselves"),
    ],
)
def test_the_member_itself_looks_once_more_at_the_last_moment(found: dict[str, Any], configuration: str, why: str) -> None:
    assert why_not_alone(LEFT, found, configuration) == why


class Left:
    """The engine of a member that is left alone; remembers what it was told to do."""

    def __init__(self, found: dict[str, Any]) -> None:
        self.config, self.found, self.told = dict(LEFT), found, list[dict[str, Any]]()

    async def command(self, _client: object, command: dict[str, Any]) -> dict[str, Any]:
        if "replSetReconfig" in command:
            self.told.append(command)
            self.config = {k: v for k, v in command["replSetReconfig"].items() if k != "term"} | {"version": 5003}
        return {"config": self.config} if "replSetGetConfig" in command else self.found


async def test_it_is_forced_once_however_often_the_order_comes() -> None:
    left = Left(status())
    for _ in range(3):
        await Membership(left.command, lambda: None).keep_alone("7:3")
    assert [c["force"] for c in left.told] == [True]
    assert [m["host"] for m in left.config["members"]] == [HOSTS[2]]


async def test_what_is_refused_changes_nothing() -> None:
    left = Left(status(others=(1, 8)))
    with pytest.raises(OrderRefusedError, match="it sees the primary"):
        await Membership(left.command, lambda: None).keep_alone("7:3")
    assert left.told == []


def test_a_configuration_that_was_forced_belongs_to_no_term_and_is_compared_by_its_version() -> None:
    forced = mark_of({"version": 5003})
    assert forced == "-1:5003"
    assert is_later(forced, "7:3")
    assert not is_later("7:3", forced)
    assert is_later("8:5004", forced)
