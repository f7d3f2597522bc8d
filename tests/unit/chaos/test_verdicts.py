"""The harness sees what it is there to see: each verdict turns red for what it forbids, and only for that."""

from dataclasses import replace
from typing import Any

from tests.chaos.checkers import Acknowledged, Verdict, gap_after_seconds, two_primaries
from tests.chaos.faults import all_faults, find
from tests.chaos.history import History, Op
from tests.chaos.observer import Said, Seen
from tests.chaos.verdicts import Blow, Facts, busy_budget_seconds, judge
from tests.chaos.volumes import Volumes

SECOND = 1_000_000_000
NOBODY = frozenset[str]()
CLAIMS = {"datanode0": "a", "datanode1": "b", "datanode2": "c"}
ASIDES = dict.fromkeys(CLAIMS, NOBODY)


def ms(value: float) -> int:
    return int(value * 1_000_000)


def history(*acknowledged: float) -> History:
    """Writes of one process that were acknowledged at these seconds."""
    ops = []
    for number, at in enumerate(acknowledged):
        ops += [Op(2 * number, int(at * SECOND) - 1, number, "add", number, "invoke")]
        ops += [Op(2 * number + 1, int(at * SECOND), number, "add", number, "ok")]
    return History.of(ops)


def status(at: float, **more: Any) -> Seen:
    return Seen(int(at * SECOND), "status", "ledger", {"healthCluster": "green", "healthMsg": "all are normal"} | more)


def blow(label: str = "crash:primary", start: float = 10, over: float = 10) -> Blow:
    fault, target = find(label)
    return Blow(fault, target, ("datanode0",), int(start * SECOND), int(over * SECOND))


DOWN = status(11, healthCluster="yellow", healthMsg="datanode0 is down: the engine died")
FINE = Facts(
    blows=(blow(),),
    seen=(status(0), DOWN, status(14)),
    taken=(Acknowledged(SECOND, SECOND + 1, "datanode0", 3), Acknowledged(11 * SECOND, 11 * SECOND + 1, "datanode1", 4)),
    said=(Said(0, "datanode1", "primary"), Said(0, "datanode2", "secondary"), Said(0, "datanode0", "secondary")),
    history=history(9.9, 10.5, 10.6, 11),
    kept=Verdict(True),
    equal=Verdict(True),
    whole_ns=14 * SECOND,
    why_not_whole="",
    before=Volumes(CLAIMS, ASIDES, 5),
    after=Volumes(CLAIMS, ASIDES, 5),
)
STAYED = (Acknowledged(SECOND, SECOND + 1, "datanode0", 3), Acknowledged(11 * SECOND, 11 * SECOND + 1, "datanode0", 3))
"""Nobody took over."""


def red(facts: Facts) -> list[str]:
    return [name for name, found in judge(facts).findings.items() if found]


def test_a_run_in_which_all_holds_is_green_and_has_its_figures() -> None:
    found = judge(FINE)
    assert found.is_green
    assert (found.figures.gap_seconds, found.figures.named_seconds, found.figures.green_seconds) == (0.6, 1.0, 4.0)


def test_a_lost_write_is_red() -> None:
    assert red(replace(FINE, kept=Verdict(False, ("17 is lost",)))) == ["V1"]


def test_writes_that_never_go_on_are_red() -> None:
    assert red(replace(FINE, writes_went_on="writes do not go on")) == ["V1"]


def test_a_gap_beyond_the_budget_is_red_and_an_endless_one_too() -> None:
    assert red(replace(FINE, history=history(9.9, 12.1, 12.2))) == ["V3"]
    assert red(replace(FINE, history=history(9, 9.9))) == ["V3"]


def test_a_gap_that_only_counts_from_the_end_of_the_fault_is_counted_from_there() -> None:
    staggered = replace(blow("staggered:all", 10, 60), victims=tuple(CLAIMS))
    facts = replace(FINE, blows=(staggered,), history=history(9.9, 65, 66))
    assert judge(facts).figures.gap_seconds == 5.0
    assert gap_after_seconds(history(9.9, 10), 60 * SECOND) == float("inf")


def test_writes_that_stop_for_good_are_a_gap_to_the_end_of_the_run() -> None:
    assert gap_after_seconds(history(61, 62), 60 * SECOND, 90 * SECOND) == 28.0
    assert red(replace(FINE, until_ns=30 * SECOND)) == ["V3"]


def test_where_nobody_looked_two_primaries_cannot_be_excluded() -> None:
    assert red(replace(FINE, taken=())) == ["V2"]
    assert red(replace(FINE, taken=FINE.taken[:1])) == ["V2"], "what was before the fault tells nothing of it"
    assert red(replace(FINE, blind=("who asks datanode1 saw no more: KeyError: 'opTime'",))) == ["V2"]


def test_what_was_thrown_away_is_judged_also_when_the_service_is_not_whole() -> None:
    thrown = Volumes({**CLAIMS, "datanode2": "another"}, ASIDES, 5)
    assert red(replace(FINE, whole_ns=None, after=thrown)) == ["V4", "V6"]


def test_where_nobody_looked_nothing_proves_that_data_is_still_there() -> None:
    unknown = {**CLAIMS, "datanode2": None}
    assert red(replace(FINE, after=Volumes(unknown, ASIDES, 5))) == ["V6"]
    assert red(replace(FINE, before=Volumes(unknown, ASIDES, 5))) == ["V6"]
    assert red(replace(FINE, after=Volumes(CLAIMS, {**ASIDES, "datanode1": None}, 5))) == ["V6"]
    assert red(replace(FINE, unseen=("the service could not be looked at for the last 40 s: TimeoutError",))) == ["V6"]


def test_a_configuration_that_no_member_tells_may_have_been_forced() -> None:
    assert red(replace(FINE, after=Volumes(CLAIMS, ASIDES, None))) == ["V6"]
    assert red(replace(FINE, before=Volumes(CLAIMS, ASIDES, None))) == ["V6"]


def test_on_a_busy_machine_a_gap_may_be_three_times_its_budget_and_five_seconds() -> None:
    allowed = [
        busy_budget_seconds(*find(label)) for label in ("crash:primary", "freeze:primary", "pod-delete:primary", "crash:all")
    ]
    assert allowed == [6.0, 21.0, 5.0, 30.0]


def test_a_service_that_is_not_whole_again_is_red_and_so_are_members_that_differ() -> None:
    assert red(replace(FINE, whole_ns=None)) == ["V4"]
    assert red(replace(FINE, equal=Verdict(False, ("datanode0 and datanode1 do not hold the same",)))) == ["V4"]
    assert red(replace(FINE, owed=("nothing was put aside",))) == ["V4"]


def test_a_fault_that_is_named_late_or_never_is_red() -> None:
    late = status(20.5, healthMsg="datanode0 is down")
    assert red(replace(FINE, seen=(status(0), late))) == ["V5"]
    assert red(replace(FINE, seen=(status(0),))) == ["V5"]


def test_what_was_said_before_the_fault_or_of_another_member_names_nothing() -> None:
    before, other = status(9, healthMsg="datanode0 is down"), status(11, healthMsg="datanode1 is down")
    assert red(replace(FINE, seen=(before, other))) == ["V5"]


def test_a_full_volume_is_named_only_by_who_speaks_of_its_room() -> None:
    full = blow("disk-full:primary", 10, 30)
    for said, names_it in (
        ("datanode0's volume of 2Gi is full (91 %); raise storage.size", True),
        ("the volumes of datanode1 and datanode0 are nearly full", True),
        ("datanode0 is down: no room is left in its volume", True),
        ("datanode0 is down: the engine died", False),
        ("datanode0 is down: the engine died; datanode1's volume of 2Gi is full (91 %)", False),
    ):
        facts = replace(FINE, blows=(full,), seen=(status(0), status(11, healthMsg=said), status(14)))
        assert red(facts) == ([] if names_it else ["V5"]), said


def test_an_engine_that_was_killed_is_named_by_its_members_name() -> None:
    for said in ("there is no primary", "datanode1 is down: the engine died", "there is no primary; datanode1 is down"):
        assert red(replace(FINE, seen=(status(0), status(11, healthMsg=said), status(14)))) == ["V5"], said
    several = status(11, healthMsg="there is no primary; datanode0 and datanode1 are down: the engine ended")
    assert red(replace(FINE, seen=(status(0), several, status(14)))) == []


def test_a_member_is_named_by_the_report_on_its_pod_too() -> None:
    report = Seen(11 * SECOND, "report", "ledger-g1-0", {"role": "down", "message": "the engine died"})
    assert red(replace(FINE, seen=(status(0), report))) == []


def test_a_repair_that_was_over_before_anybody_looked_names_what_it_was_for() -> None:
    repair = {"kind": "restore-object", "member": "Service/ledger", "why": "Service/ledger does not exist"}
    deleted = replace(blow("object-deleted:service"), victims=("datanode1",))
    assert red(replace(FINE, blows=(deleted,), taken=STAYED, seen=(status(0), status(11, repairs=[repair])))) == []


def test_two_primaries_of_one_term_are_red() -> None:
    assert two_primaries([Acknowledged(1, 2, "datanode0", 3), Acknowledged(3, 4, "datanode1", 3)])


def test_an_old_primary_that_acknowledges_after_a_new_one_did_is_red() -> None:
    old, new = Acknowledged(ms(1), ms(2), "datanode0", 3), Acknowledged(ms(3), ms(4), "datanode1", 4)
    assert two_primaries([old, new, Acknowledged(ms(5), ms(6), "datanode0", 3)])


def test_a_write_that_was_on_its_way_while_the_role_moved_is_no_second_primary() -> None:
    begun_before, new = Acknowledged(ms(1), ms(5), "datanode0", 3), Acknowledged(ms(3), ms(4), "datanode1", 4)
    assert (
        two_primaries([begun_before, new, Acknowledged(ms(6), ms(7), "datanode1", 4), Acknowledged(ms(8), ms(9), "datanode0", 5)])
        == []
    )


def test_data_of_use_that_is_put_aside_is_red() -> None:
    aside = Volumes(CLAIMS, ASIDES | {"datanode2": frozenset({"empty-member-1"})}, 7)
    assert red(replace(FINE, after=aside)) == ["V6"]
    damaged = replace(blow("data-corrupted:secondary"), victims=("datanode2",))
    down = status(11, healthMsg="datanode2 is down")
    assert red(replace(FINE, blows=(damaged,), taken=STAYED, after=aside, seen=(status(0), down))) == []


def test_a_new_volume_for_a_member_that_was_well_is_red() -> None:
    assert red(replace(FINE, after=Volumes(CLAIMS | {"datanode1": "z"}, ASIDES, 5))) == ["V6"]


def test_a_rebuild_while_another_member_does_not_serve_is_red() -> None:
    repair = {"kind": "resync", "member": "datanode0", "startTime": "2026-01-01T00:00:00Z"}
    seen = (status(0), DOWN, status(20, repairs=[repair]))
    corrupted = replace(FINE, blows=(blow("data-corrupted:primary"),), seen=seen)
    assert red(corrupted) == []
    away = (*FINE.said, Said(12 * SECOND, "datanode2", ""))
    assert red(replace(corrupted, said=away)) == ["V6"]


def test_a_forced_configuration_is_red() -> None:
    assert red(replace(FINE, after=Volumes(CLAIMS, ASIDES, 40_005))) == ["V6"]


def test_every_fault_has_a_budget_for_each_of_its_targets_and_says_what_it_does() -> None:
    for fault in all_faults().values():
        assert set(fault.gap_seconds) == set(fault.targets), fault.name
        assert fault.does, fault.name
        assert fault.happens, fault.name


def test_a_primary_that_changes_although_nobody_had_to_take_over_is_red() -> None:
    stays = replace(blow("freeze-agent:primary", 10, 20), victims=("datanode0",))
    said = status(11, healthMsg="datanode0 is not heard from: the agent does not answer the kubelet")
    other = Acknowledged(12 * SECOND, 12 * SECOND + 1, "datanode1", 4)
    facts = replace(FINE, blows=(stays,), seen=(status(0), said, status(14)), taken=STAYED)
    assert red(facts) == []
    assert red(replace(facts, taken=(*STAYED, other))) == ["V4"]


def test_a_primary_that_changes_because_of_a_secondary_is_red() -> None:
    for label in ("crash:secondary", "pod-delete:secondary", "node-loss:node-of-secondary"):
        other = replace(FINE, blows=(blow(label),))
        assert red(replace(other, taken=STAYED)) == [], label
        assert red(other) == ["V4"], label


def test_a_member_that_is_elected_before_it_has_copied_is_red() -> None:
    emptied = replace(FINE, blows=(blow("data-emptied:primary"),))

    def after(*roles: str) -> Facts:
        said = tuple(Said((11 + at) * SECOND, "datanode0", role) for at, role in enumerate(roles))
        return replace(emptied, said=(*FINE.said, *said))

    assert red(after("", "other", "secondary", "primary")) == []
    assert red(after("", "other", "primary", "secondary")) == ["V6"]
    assert red(after("", "secondary", "other", "primary")) == ["V6"]


def test_a_deleted_object_is_named_by_its_own_name() -> None:
    deleted = replace(blow("object-deleted:service"), victims=("datanode1",))
    other = status(11, healthMsg="EndpointSlice/ledger does not exist")
    assert red(replace(FINE, blows=(deleted,), taken=STAYED, seen=(status(0), other, status(14)))) == ["V5"]
