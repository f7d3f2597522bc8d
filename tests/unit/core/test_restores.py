"""What a restore does next, and what it says when it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorage.api.databackup import parse_databackup
from moorage.api.datarestore import DataRestore, RestorePhase, parse_datarestore
from moorage.api.dataservice import DataService, Health
from moorage.core import names
from moorage.core.generations import Generation
from moorage.core.restore_facts import Beside, Do, RestoreFacts, Source, Volume
from moorage.core.restore_refusals import undoable
from moorage.core.restore_words import doing, summary
from moorage.core.restores import decide, needs_beside, safety_name
from moorage.core.task import Task, TaskKind, TaskPhase, TaskReport
from moorage.core.workers import WorkerFacts, task_id
from tests.unit.build import service

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
SOURCE = Source("mongodb-shop-orders-20261125023000", "mongodb/shop/orders/x", "far", "mongodb", version="6.0.5", raw_bytes=10)
KEPT = Generation(1, replicas=0, claims=("data-orders-g1-0",), retired="2026-11-25T02:00:00Z", kept_until="2026-11-28T02:00:00Z")


def restore(*, held: bool = True, deleted: bool = False, status: dict[str, Any] | None = None, **spec: Any) -> DataRestore:
    meta: dict[str, Any] = {"name": "back", "namespace": "shop", "uid": "u1", "finalizers": [names.FINALIZER] if held else []}
    if deleted:
        meta["deletionTimestamp"] = "2026-11-25T03:00:00Z"
    return parse_datarestore({"metadata": meta, "spec": spec or {"inPlace": "orders"}, "status": status or {}})


def orders(generation: int = 1, colour: str = "green", **spec: Any) -> DataService:
    found = service(annotations={names.ANNOTATION_GENERATION: str(generation)}, **spec)
    return found.model_copy(update={"status": found.status.model_copy(update={"health_cluster": Health(colour)})})


def facts(of: DataRestore | None = None, **known: Any) -> RestoreFacts:
    return replace(RestoreFacts(of or restore(), orders(), source=SOURCE, next_generation=2), **known)


def worker(phase: TaskPhase | None, attempt: int = 1, message: str = "", *, repeats: bool = True, lost: str = "") -> WorkerFacts:
    report = TaskReport(phase, message, raw_bytes=7, can_be_repeated=repeats) if phase is not None else None
    task, runs = Task(task_id("u1", attempt), TaskKind.SEED), report is not None
    return WorkerFacts("w", task, created=NOW, is_running=runs, report=report, lost=lost, ended_at=NOW)


def in_phase(phase: str, generation: int | None = 2, **spec: Any) -> DataRestore:
    return restore(status={"phase": phase, "generation": generation, "startTime": "2026-11-25T02:59:00Z"}, **spec)


def refused(of: RestoreFacts) -> str:
    decision = decide(of, NOW)
    assert (decision.status.phase, decision.do) == (RestorePhase.FAILED, Do.NOTHING)
    return decision.status.message


def test_nothing_is_done_before_the_finalizer_stands() -> None:
    assert decide(facts(restore(held=False)), NOW).do is Do.HOLD


def test_a_restore_that_is_deleted_or_over_ends_its_workers_and_goes() -> None:
    assert decide(facts(restore(deleted=True)), NOW).do is Do.RELEASE
    assert decide(facts(in_phase("Failed")), NOW).do is Do.RELEASE
    assert decide(facts(restore(held=False, deleted=True)), NOW).do is Do.NOTHING


def test_in_place_begins_with_a_safety_backup() -> None:
    begun = decide(facts(), NOW)
    assert begun.status.phase is RestorePhase.SAFETY_BACKUP
    assert begun.status.safety_backup == safety_name(restore())
    assert decide(facts(in_phase("SafetyBackup")), NOW).do is Do.BACK_UP


def test_without_a_safety_backup_the_volume_of_the_next_generation_is_filled_at_once() -> None:
    begun = decide(facts(restore(inPlace="orders", safetyBackup=False)), NOW)
    assert (begun.status.phase, begun.status.generation) == (RestorePhase.SEEDING, 2)


def test_a_safety_backup_that_fails_ends_the_restore_before_anything_is_touched() -> None:
    failed = parse_databackup({"metadata": {"name": "back-safety"}, "spec": {"service": "orders"}, "status": {"phase": "Failed"}})
    assert "safetyBackup: false" in refused(facts(in_phase("SafetyBackup"), safety=failed))


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ({"service": None}, "does not exist"),
        ({"service": None, "is_leaving": True}, "is being deleted"),
        ({"source": None, "source_refused": "there is no DataBackup 'x'"}, "there is no DataBackup 'x'"),
        ({"source": replace(SOURCE, engine="mysql")}, "is a backup of mysql"),
        ({"source": replace(SOURCE, version="7.0.1"), "service": orders(version="6.0")}, "set version to 7.0 first"),
        ({"service": orders(colour="red")}, "safetyBackup: false"),
    ],
    ids=["no service", "being deleted", "no backup", "another engine", "newer version", "red"],
)
def test_what_can_never_be_is_refused_with_what_is_allowed(known: dict[str, Any], says: str) -> None:
    assert says in refused(facts(**known))


def test_a_red_service_can_be_restored_without_a_safety_backup() -> None:
    begun = decide(facts(restore(inPlace="orders", safetyBackup=False), service=orders(colour="red")), NOW)
    assert begun.status.phase is RestorePhase.SEEDING


def test_the_younger_of_two_restores_waits() -> None:
    waits = decide(facts(rival="first"), NOW)
    assert waits.status.phase is RestorePhase.PENDING
    assert "waits for restore first" in waits.status.message


def test_a_new_service_must_have_a_free_name() -> None:
    new = restore(toNew="copy", source={"backup": "b"})
    assert "exists already" in refused(facts(new))
    assert "are kept" in refused(facts(new, service=None, kept_volumes=("data-copy-g1-0",)))


def test_a_new_service_is_made_from_what_the_store_says_when_the_old_one_is_gone() -> None:
    new = restore(toNew="copy", source={"backup": "b"})
    assert decide(facts(new, service=None), NOW).do is Do.INSPECT
    assert decide(facts(new, service=None, manifest={"spec": {}}), NOW).do is Do.MAKE_SERVICE
    broken = worker(TaskPhase.FAILED, message="wrong key", repeats=False)
    assert "wrong key" in refused(facts(new, service=None, inspection=broken))


def test_the_volume_is_made_then_filled_then_marked() -> None:
    seeding = in_phase("Seeding")
    assert decide(facts(seeding), NOW).do is Do.MAKE_CLAIM
    made = Volume("data-orders-g2-0")
    begun = decide(facts(seeding, volume=made), NOW)
    assert (begun.do, begun.attempt) == (Do.SEED, 1)
    runs = decide(facts(seeding, volume=made, worker=worker(TaskPhase.RUNNING, message="restores")), NOW)
    assert (runs.do, runs.status.bytes_done) == (Do.NOTHING, 7)
    assert decide(facts(seeding, volume=made, worker=worker(TaskPhase.SUCCEEDED)), NOW).do is Do.MARK_SEEDED
    seeded = replace(made, is_seeded=True)
    assert decide(facts(seeding, volume=seeded), NOW).status.phase is RestorePhase.STARTING


def test_a_lost_worker_is_replaced_three_times_and_no_more() -> None:
    seeding, made, later = in_phase("Seeding"), Volume("data-orders-g2-0"), NOW + timedelta(minutes=30)
    again = decide(facts(seeding, volume=made, worker=worker(None, lost="the worker was lost")), later)
    assert (again.do, again.attempt) == (Do.SEED, 2)
    last = decide(facts(seeding, volume=made, worker=worker(None, 3, lost="the worker was lost")), later)
    assert last.status.phase is RestorePhase.FAILED
    assert "tried 3 times" in last.status.message


def test_nobody_waits_by_the_pace_of_a_worker_that_is_gone() -> None:
    running = in_phase("Seeding")
    running = running.model_copy(update={"status": running.status.model_copy(update={"bytes_done": 5, "bytes_per_second": 1})})
    for gone in (worker(None, lost="its node is gone"), None):
        decision = decide(facts(running, volume=Volume("data-orders-g2-0"), worker=gone), NOW)
        assert (decision.status.bytes_done, decision.status.bytes_per_second) == (None, None)


def test_a_worker_that_can_never_succeed_ends_the_restore() -> None:
    broken = worker(TaskPhase.FAILED, message="the archive is broken", repeats=False)
    assert "the archive is broken" in refused(facts(in_phase("Seeding"), volume=Volume("v"), worker=broken))


def test_a_volume_of_somebody_else_is_left_alone() -> None:
    assert "left as it is" in refused(facts(in_phase("Seeding"), volume=Volume("v", of_another="not this restore's")))


def test_the_address_moves_only_when_the_members_beside_are_well() -> None:
    seeded = Volume("data-orders-g2-0", is_seeded=True)
    starting = facts(in_phase("Starting"), volume=seeded)
    assert needs_beside(starting)
    assert decide(replace(starting, beside=Beside(says="no primary")), NOW).status.phase is RestorePhase.STARTING
    assert decide(replace(starting, beside=Beside(is_ready=True)), NOW).status.phase is RestorePhase.SWITCHING
    switching = facts(in_phase("Switching"), volume=seeded)
    assert decide(replace(switching, beside=Beside(says="no primary")), NOW).do is Do.NOTHING
    assert decide(replace(switching, beside=Beside(is_ready=True)), NOW).do is Do.SWITCH


def test_a_volume_that_vanished_after_it_was_filled_ends_the_restore() -> None:
    assert "is gone" in refused(facts(in_phase("Starting"), beside=Beside(is_ready=True)))


def test_a_restore_is_over_when_the_address_leads_to_it_and_the_old_data_is_put_aside() -> None:
    switched = facts(in_phase("Switching"), service=orders(generation=2), address_generation=1)
    assert decide(switched, NOW).status.phase is RestorePhase.SWITCHING
    led = replace(switched, address_generation=2, others=(replace(KEPT, kept_until=None, replicas=3),))
    assert decide(led, NOW).status.phase is RestorePhase.SWITCHING
    over = decide(replace(led, others=(KEPT,)), NOW).status
    assert (over.phase, over.undo_until, over.restore_seconds) == (RestorePhase.SUCCEEDED, KEPT.kept_until, 60.0)


def test_an_undo_brings_back_what_served_last_and_nothing_that_expired_or_never_served() -> None:
    older = replace(KEPT, number=3, retired="2026-11-24T02:00:00Z")
    assert undoable((older, KEPT)) == KEPT
    assert undoable((replace(KEPT, is_expired=True), replace(KEPT, is_unfinished=True))) is None
    assert "nothing to undo" in refused(facts(restore(undo="orders")))
    begun = decide(facts(restore(undo="orders"), service=orders(generation=2), others=(KEPT,)), NOW)
    assert (begun.status.phase, begun.status.generation) == (RestorePhase.STARTING, 1)


def test_a_service_that_is_deleted_half_way_ends_its_restore() -> None:
    for phase in ("SafetyBackup", "Seeding", "Starting", "Switching"):
        assert "deleted meanwhile" in refused(facts(in_phase(phase), service=None))


def test_a_restore_whose_status_was_taken_away_goes_on_with_the_volume_that_it_filled() -> None:
    begun = decide(facts(restore(inPlace="orders"), seeded_generation=2), NOW)
    assert (begun.status.phase, begun.status.generation) == (RestorePhase.STARTING, 2)


def test_the_services_status_tells_of_the_restore_that_runs_else_of_the_last_one() -> None:
    over = restore(status={"phase": "Succeeded", "message": "orders holds what was restored"})
    said = summary((over,), (KEPT,))
    assert (said.phase, said.undo_until, doing(said)) == ("Succeeded", KEPT.kept_until, "")
    running = summary((over, in_phase("Seeding")), ())
    assert doing(running).startswith("restore back runs: ")
    assert summary((), ()).phase == "None"


def test_a_restore_whose_backup_went_away_between_two_tries_ends() -> None:
    lost = worker(None, lost="the worker was lost")
    gone = facts(in_phase("Seeding"), volume=Volume("v"), worker=lost, source=None, source_refused="backup b is being deleted")
    ended = decide(gone, NOW + timedelta(minutes=30)).status
    assert ended.phase is RestorePhase.FAILED
    assert "the worker was lost" in ended.message
    assert "backup b is being deleted" in ended.message


def test_a_volume_that_vanished_between_two_tries_is_made_again() -> None:
    lost = worker(None, lost="the worker was lost")
    assert decide(facts(in_phase("Seeding"), worker=lost), NOW + timedelta(minutes=30)).do is Do.MAKE_CLAIM


def test_a_volume_that_was_made_after_its_worker_began_is_never_taken_for_a_filled_one() -> None:
    made_anew = Volume("data-orders-g2-0", made=NOW + timedelta(seconds=5))
    assert "made anew" in refused(facts(in_phase("Seeding"), volume=made_anew, worker=worker(TaskPhase.SUCCEEDED)))
    as_filled = replace(made_anew, made=NOW)
    assert decide(facts(in_phase("Seeding"), volume=as_filled, worker=worker(TaskPhase.SUCCEEDED)), NOW).do is Do.MARK_SEEDED


def test_a_restore_that_is_declared_anew_under_its_name_takes_a_safety_backup_of_its_own() -> None:
    first = restore()
    again = first.model_copy(update={"metadata": first.metadata.model_copy(update={"uid": "u2"})})
    assert safety_name(first) != safety_name(again)
    assert safety_name(first) == safety_name(restore())


# What a restore beside that fails leaves behind.


def beside(*, deleted: bool = False, **status: Any) -> DataRestore:
    return restore(deleted=deleted, toNew="copy", status={"phase": "Failed", "message": "the archive is broken", **status})


def copy(**status: Any) -> DataService:
    found = service(annotations={names.ANNOTATION_RESTORE: "back"})
    meta = found.metadata.model_copy(update={"name": "copy", "generation": status.pop("generation", 1)})
    init = found.status.init.model_copy(update={"phase": status.pop("phase", "Pending")})
    return found.model_copy(update={"metadata": meta, "status": found.status.model_copy(update={"init": init})})


def test_the_service_that_a_failed_restore_made_is_removed_after_its_volume() -> None:
    first = decide(facts(beside(), service=copy(), volume=Volume("data-copy-g1-0")), NOW)
    assert (first.do, first.again_seconds) == (Do.STOP, 5.0), "a worker may still hold the volume"
    then = decide(facts(beside(), service=copy()), NOW)
    assert then.do is Do.REMOVE_SERVICE
    assert then.status.message == "the archive is broken; service copy, which had no data yet, was removed"
    assert decide(facts(beside(), service=None), NOW).do is Do.RELEASE


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"service": copy(generation=2)}, "somebody has changed what it is to be"),
        ({"service": copy(phase="Succeeded")}, "it has served"),
        ({"service": copy(), "seeded_generation": 1}, "its first volume was filled"),
    ],
    ids=["changed", "served", "filled"],
)
def test_a_service_that_may_hold_something_of_somebody_stays_and_it_is_said(changes: dict[str, Any], why: str) -> None:
    told = decide(facts(beside(), **changes), NOW)
    assert told.do is Do.NOTHING
    assert told.status.message == f"the archive is broken; service copy stays, for {why}: delete it when it is of no use"
    after = facts(beside(message=told.status.message), **changes)
    assert decide(after, NOW).do is Do.RELEASE, "and it is said once"


def test_a_service_that_was_there_before_is_none_of_the_restores_business() -> None:
    meta = copy().metadata.model_copy(update={"creation_timestamp": "2026-11-25T01:00:00Z"})
    older = copy().model_copy(update={"metadata": meta})
    mine = beside()
    begun = mine.model_copy(update={"metadata": mine.metadata.model_copy(update={"creation_timestamp": "2026-11-25T02:00:00Z"})})
    assert decide(facts(begun, service=older), NOW).do is Do.RELEASE
    stranger = service(annotations={names.ANNOTATION_RESTORE: "other"})
    assert decide(facts(beside(), service=stranger), NOW).do is Do.RELEASE
    assert decide(facts(restore(status={"phase": "Failed"}), service=copy()), NOW).do is Do.RELEASE, "it was one in place"


def test_a_restore_beside_that_is_deleted_takes_its_service_along_and_does_not_hang() -> None:
    running = beside(deleted=True, phase="Seeding")
    assert decide(facts(running, service=copy()), NOW).do is Do.REMOVE_SERVICE
    stuck = facts(running, service=copy(), volume=Volume("data-copy-g1-0"))
    assert decide(stuck, NOW).do is Do.STOP
    assert decide(stuck, NOW + timedelta(minutes=5)).do is Do.RELEASE
    assert decide(facts(beside(deleted=True, phase="Succeeded"), service=copy(phase="Succeeded")), NOW).do is Do.RELEASE
