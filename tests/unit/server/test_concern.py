"""What a person is told before a service is deployed."""

from typing import Any

import pytest

from moorage.views.concern import Concern, Worry, concerns
from moorage.views.host import HostView
from moorage.views.service import parse
from moorage.views.store import StoreView, store_view
from tests.unit.cli import fake

GIB = 2**30


def host(name: str, memory_gib: int = 8, *, is_ready: bool = True) -> HostView:
    return HostView(name=name, is_ready=is_ready, cpu_millis=8000, memory_bytes=memory_gib * GIB, pods_max=110)


FIVE = [host(f"n{number}") for number in range(1, 6)]


def store(name: str = "s3", status: dict[str, Any] | None = None, *, default: bool = True) -> StoreView:
    place = {"endpoint": "https://s3.example.com", "bucket": "backups", "credentialsSecret": "s3-keys"}
    return store_view(fake.store(name, status or {"phase": "Ready"}, s3=place, default=default))


def told(
    *, hosts: list[HostView] | None = None, stores: list[StoreView] | None = None, members: int = 3, **spec: Any
) -> list[Concern]:
    wanted = parse(fake.service(members=members, **spec))
    return concerns(wanted, members, FIVE if hosts is None else hosts, [store()] if stores is None else stores)


def worries(**asked: Any) -> list[Worry]:
    return [one.code for one in told(**asked)]


def test_a_service_with_all_that_it_needs_worries_nobody() -> None:
    assert told() == []


def test_one_member_is_said_to_have_nobody_who_takes_over() -> None:
    assert worries(members=1) == [Worry.SINGLE_MEMBER]


def test_two_members_and_an_arbiter_take_over_from_each_other() -> None:
    assert worries(members=2, arbiter=True) == []


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (FIVE[:3], [Worry.NO_SPARE_HOST]),
        (FIVE[:4], []),
        ([*FIVE[:3], host("n9", is_ready=False)], [Worry.NO_SPARE_HOST]),
        ([*FIVE[:3], host("n9", memory_gib=1)], [Worry.NO_SPARE_HOST]),
        (FIVE[:2], []),
    ],
    ids=["as many hosts as members", "one more", "the spare one is down", "the spare one is too small", "no room at all"],
)
def test_a_host_that_may_be_lost_needs_a_spare_one(hosts: list[HostView], expected: list[Worry]) -> None:
    assert worries(hosts=hosts) == expected


def test_the_sentence_has_the_figures() -> None:
    (concern,) = told(hosts=FIVE[:3])
    assert concern.params == {"hosts": "3", "members": "3"}
    assert concern.message.startswith("3 hosts have room for 3 members:")


def test_without_a_schedule_nothing_is_asked_of_stores() -> None:
    assert worries(backup={"enabled": False}, stores=[]) == [Worry.NO_BACKUP]


@pytest.mark.parametrize(
    ("stores", "named", "expected"),
    [
        ([], None, [Worry.NO_STORE]),
        ([store(default=False)], None, [Worry.NO_STORE]),
        ([store(default=False)], "s3", []),
        ([store()], "other", [Worry.STORE_MISSING]),
        ([store("a"), store("b")], None, [Worry.TWO_DEFAULT_STORES]),
        ([store("a"), store("b")], "b", []),
        ([store(status={"phase": "NotReady", "message": "the bucket is gone"})], None, [Worry.STORE_NOT_READY]),
        ([store(status={"phase": "Checking"})], None, []),
    ],
)
def test_a_backup_needs_one_store_that_can_be_used(stores: list[StoreView], named: str | None, expected: list[Worry]) -> None:
    assert worries(stores=stores, backup={"store": named} if named else {}) == expected


def test_the_store_that_does_not_answer_says_why() -> None:
    (concern,) = told(stores=[store(status={"phase": "NotReady", "message": "the bucket is gone"})])
    assert concern.message.endswith("until it can: the bucket is gone")


def test_who_may_not_see_stores_is_told_nothing_of_them() -> None:
    assert concerns(parse(fake.service()), 3, FIVE, None) == []


def test_the_worst_comes_first() -> None:
    assert worries(members=1, hosts=FIVE[:1], stores=[]) == [Worry.SINGLE_MEMBER, Worry.NO_SPARE_HOST, Worry.NO_STORE]
