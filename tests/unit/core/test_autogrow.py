"""Volumes that fill up grow by themselves, all alike, one step at a time, and never beyond what the spec allows."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorage.api.dataservice import AutoGrow
from moorage.api.quantity import to_bytes, written
from moorage.core import autogrow
from moorage.core.facts import Known, MemberFacts, Snapshot
from moorage.core.plan import plan
from moorage.core.step import GrowClaim, Rest, Wait
from moorage.core.volume import GIB, Level, VolumeState
from tests.unit.build import NORMAL, service, snapshot, target

NEARLY = VolumeState(size_mib=9973, used_percent=86, level=Level.NEARLY_FULL, full_in_hours=3)
ROOMY = VolumeState(size_mib=9973, used_percent=20)
NOW = "2026-11-27T12:00:00Z"


def with_volume(member: MemberFacts, seen: VolumeState) -> MemberFacts:
    assert isinstance(member.report, Known)
    return replace(member, report=Known(replace(member.report.value, volume=seen)))


def filled(*states: VolumeState, sizes: tuple[str, ...] = ("10Gi",) * 3, policy: Any = None, **facts: Any) -> Snapshot:
    members = [with_volume(m, s) for m, s in zip(NORMAL, states or (ROOMY, NEARLY, ROOMY), strict=True)]
    claims = {f"data-orders-g1-{i}": size for i, size in enumerate(sizes)}
    of = service(storage={"size": "10Gi", "autoGrow": policy or {"step": "5Gi", "max": "18Gi"}})
    return snapshot(*members, of=of, now=NOW, **{"claim_sizes": claims, "capacities": claims, **facts})


def test_one_that_is_nearly_full_lets_all_grow_by_one_step() -> None:
    says = "volume data-orders-g1-0 grows from 10Gi to 15Gi: that of datanode1 is 86 % full, and full in about 3 h"
    assert plan(filled(), target()) == GrowClaim("data-orders-g1-0", "15Gi", says, NOW)
    like = plan(filled(sizes=("15Gi", "10Gi", "10Gi")), target())
    assert like == GrowClaim(
        "data-orders-g1-1", "15Gi", "volume data-orders-g1-1 grows from 10Gi to 15Gi: like those of the other members", NOW
    )


def test_the_last_step_ends_at_the_most_that_is_allowed_and_then_it_is_said() -> None:
    step = autogrow.step(filled(sizes=("15Gi",) * 3))
    assert step is not None
    assert step.size == "18Gi"
    rest = plan(filled(sizes=("18Gi",) * 3), target())
    assert isinstance(rest, Wait)
    assert "as large as storage.autoGrow.max allows (18Gi)" in rest.why


def test_nothing_grows_while_a_growth_is_under_way_or_just_was() -> None:
    under_way = dict.fromkeys((f"data-orders-g1-{i}" for i in range(3)), "10Gi")
    assert autogrow.step(filled(sizes=("15Gi",) * 3, capacities=under_way)) is None
    assert autogrow.step(filled(grown_at="2026-11-27T11:56:00Z")) is None
    assert autogrow.step(filled(grown_at="2026-11-27T11:54:00Z")) is not None


@pytest.mark.parametrize("facts", [{"why_fixed": "the class does not"}, {"growth_trouble": "quota"}], ids=["class", "refused"])
def test_what_cannot_grow_is_not_asked_to(facts: Any) -> None:
    assert autogrow.step(filled(**facts)) is None


def test_a_file_system_that_others_fill_too_is_not_helped_by_a_larger_volume() -> None:
    shared = replace(NEARLY, size_mib=250_000)
    found = plan(filled(shared, shared, shared), target())
    assert isinstance(found, Wait)
    assert "others fill it, too, so make room there" in found.why


def test_without_a_policy_or_with_room_nothing_grows() -> None:
    assert plan(filled(ROOMY, ROOMY, ROOMY), target()) == Rest()
    of = service(storage={"size": "10Gi"})
    assert autogrow.step(replace(filled(), service=of)) is None


@settings(deadline=None)
@given(
    st.integers(1, 40),
    st.one_of(st.integers(5, 100).map(lambda n: f"{n}%"), st.integers(1, 50).map(lambda n: f"{n}Gi")),
    st.integers(0, 40),
    st.lists(st.integers(0, 40), min_size=3, max_size=3),
)
def test_replayed_until_it_rests_it_only_grows_never_beyond_the_most_and_ends_alike(
    size: int, step: str, more: int, ahead: list[int]
) -> None:
    """The volumes stay nearly full whatever is done, and each growth succeeds at once."""
    most = (size + more) * GIB
    sizes = [written(min((size + extra) * GIB, most)) for extra in ahead]
    policy = {"step": step, "max": written(most)}
    while True:
        states = [replace(NEARLY, size_mib=to_bytes(s) // 2**20) for s in sizes]
        found = autogrow.step(filled(*states, sizes=(sizes[0], sizes[1], sizes[2]), policy=policy))
        if found is None:
            break
        at = int(found.claim.rpartition("-")[2])
        assert to_bytes(sizes[at]) < to_bytes(found.size) <= most
        sizes[at] = found.size
    assert {to_bytes(s) for s in sizes} == {most}


@pytest.mark.parametrize(
    ("size", "step", "wanted"),
    [("10Gi", "20%", "12Gi"), ("1Gi", "20%", "2Gi"), ("10Gi", "5Gi", "15Gi"), ("10240Mi", "5%", "11Gi")],
)
def test_a_share_is_rounded_up_to_whole_gib(size: str, step: str, wanted: str) -> None:
    assert autogrow.next_size(to_bytes(size), AutoGrow(step=step, max="1Ti")) == to_bytes(wanted)


@pytest.mark.parametrize(
    ("most", "grown_to", "expected"),
    [("18Gi", None, ("10Gi", "18Gi")), ("18Gi", "15Gi", ("15Gi", "18Gi")), ("12Gi", "15Gi", ("15Gi", "15Gi"))],
)
def test_a_backup_declares_the_size_that_its_data_needs(most: str, grown_to: str | None, expected: tuple[str, str]) -> None:
    bare = service(storage={"size": "10Gi", "autoGrow": {"max": most}})
    of = bare.model_copy(update={"status": bare.status.model_copy(update={"volume_size": grown_to})})
    storage = autogrow.with_its_size(of).spec.storage
    assert storage.auto_grow is not None
    assert (storage.size, storage.auto_grow.max) == expected
