"""One run: the service is whole, clients write and read, something breaks, and then it is waited for and judged.

A seed draws the victims, the moment and how long the fault stands, so that the same seed breaks the same things again.
"""

import contextlib
import json
import os
import random
import shutil
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymysql
from pymongo.errors import PyMongoError

from tests.chaos import bench, kit, volumes
from tests.chaos.bench import MEMBERS
from tests.chaos.checkers import Verdict, acknowledged, members_equal, merged
from tests.chaos.faults import Fault
from tests.chaos.faults.fault import Scene
from tests.chaos.kept import keep_logs
from tests.chaos.observer import Observer
from tests.chaos.result import NOT_JUDGED, Result
from tests.chaos.targets import victims
from tests.chaos.verdicts import Blow, Facts, Judged, judge
from tests.chaos.workloads import WORKLOADS, Via, Workload, open_workload

REPORTS = Path(".reports/chaos")
RESULTS = REPORTS / "results.jsonl"
FIRST_WRITES, LAST_WRITES = 30, 30
FIRST_SECONDS, LAST_SECONDS = 60.0, 120.0
BEFORE_SECONDS = (0.5, 3.0)
APART_SECONDS = (0.0, 8.0)
"""Between the two faults of a pair."""
FINDING_LENGTH_MAX = 600
TROUBLE = (AssertionError, KeyError, OSError, PyMongoError, pymysql.MySQLError)
"""What a check and the drivers raise."""
SECOND_WORKLOADS = tuple(name for name in WORKLOADS if name != "set")


@dataclass(frozen=True)
class Chosen:
    """A fault and its target word."""

    fault: Fault
    target: str

    @property
    def label(self) -> str:
        return self.fault.label(self.target)


def run(chosen: Sequence[Chosen], seed: int, *, keep: bool = False) -> Result:
    """Breaks it once and judges. `keep`: the logs stay also when all is well.

    A run that breaks off, by a fault of the harness or because nothing answers, is written down like any other: it is not green.
    Raises only when the cluster cannot be put right after one.
    """
    label = "+".join(c.label for c in chosen)
    folder = REPORTS / f"{datetime.now(UTC):%m%d-%H%M%S}-{label.replace(':', '.')}-{seed}"
    folder.mkdir(parents=True)
    load = round(os.getloadavg()[0], 1)
    try:
        found = _judged(chosen, label, seed, load, folder)
    except Exception as error:
        (folder / "broke-off.txt").write_text(traceback.format_exc())
        found = _broke_off(label, seed, load, error)
    (folder / "result.json").write_text(json.dumps(asdict(found), indent=1))
    _record(found)
    if found.is_green and not keep:
        shutil.rmtree(folder)
    else:
        keep_logs(folder)
    if NOT_JUDGED in found.verdicts:
        bench.put_right()
    return found


def _judged(chosen: Sequence[Chosen], label: str, seed: int, load: float, folder: Path) -> Result:
    dice = random.Random(f"{seed} {' '.join(c.label for c in chosen)}")  # noqa: S311 - dice, not a secret
    bench.deploy()
    bench.make_as_new()
    image = bench.agent_image()
    facts, writes = _live(chosen, seed, dice, folder)
    return _result(label, seed, load, judge(facts), writes, " and ".join(dict.fromkeys((image, bench.agent_image()))))


def _broke_off(label: str, seed: int, load: float, error: Exception) -> Result:
    """Nothing is known of it but why."""
    return Result(
        fault=label,
        seed=seed,
        when=_now(),
        verdicts={NOT_JUDGED: False},
        findings={NOT_JUDGED: [f"the run broke off: {type(error).__name__}: {error}"[:FINDING_LENGTH_MAX]]},
        gap_seconds=None,
        green_seconds=None,
        named_seconds=None,
        named_by="",
        writes=0,
        load=load,
        image=bench.agent_image(),
        engine=kit.chosen().engine,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _record(found: Result) -> None:
    with RESULTS.open("a") as file:
        file.write(json.dumps(asdict(found)) + "\n")


def _live(chosen: Sequence[Chosen], seed: int, dice: random.Random, folder: Path) -> tuple[Facts, int]:
    addresses = bench.addresses()
    via: Via = "replica-set" if any(c.fault.via == "replica-set" for c in chosen) else "address"
    green_seconds = max(c.fault.green_seconds for c in chosen) + 60 * (len(chosen) - 1)
    before = volumes.look(addresses.admin_uris)
    names = ("set", dice.choice(SECOND_WORKLOADS))
    with contextlib.ExitStack() as stack:
        observer = stack.enter_context(Observer(addresses, folder))
        workloads = [open_workload(name, addresses, seed=seed, engine=kit.chosen().engine, via=via) for name in names]
        stack.callback(_write_histories, workloads, folder)
        went_on = ""
        with contextlib.ExitStack() as clients:
            for workload in workloads:
                clients.enter_context(workload)
            wait_for_more(workloads, FIRST_WRITES, FIRST_SECONDS)
            time.sleep(dice.uniform(*BEFORE_SECONDS))  # the moment is the dice's
            begun = break_all(chosen, dice, folder, workloads)
            try:
                wait_for_more(workloads, LAST_WRITES, LAST_SECONDS)
            except AssertionError as error:
                went_on = f"writes do not go on: {error}"
            whole_ns, why = wait_whole(observer, green_seconds)
            until_ns = time.monotonic_ns()  # clients that are told to stop leave no gap
        observer.stop()  # members are compared while nobody writes
        kept, equal = _look_afterwards(workloads, addresses, whole=whole_ns is not None)
        after = volumes.look(addresses.admin_uris)
    facts = Facts(
        blows=tuple(b.blow() for b in begun),
        seen=observer.seen,
        taken=observer.taken,
        clients=[
            replace(one, member=bench.name_of_host(one.member))
            for workload in workloads
            for one in acknowledged(workload.history)
        ],
        said=observer.said,
        history=workloads[0].history,
        kept=kept,
        equal=equal,
        whole_ns=whole_ns,
        why_not_whole=why,
        before=before,
        after=after,
        writes_went_on=went_on,
        blind=tuple(observer.blind),
        unseen=tuple(observer.unseen),
        until_ns=until_ns,
        owed=tuple(why for b in begun for why in b.owes()),
    )
    return facts, sum(w.history.acknowledged for w in workloads)


@dataclass
class Begun:
    """A fault that was started; `over_ns`: when it had been taken back."""

    one: Chosen
    scene: Scene
    start_ns: int
    until: float
    over_ns: int | None = None

    def heal(self, workloads: Sequence[Workload]) -> None:
        """Once."""
        if self.over_ns is None:
            self.over_ns = time.monotonic_ns()
            self.one.fault.heal(self.scene)
            _note(workloads, "heal", self.one.label)
            self.over_ns = time.monotonic_ns() if self.one.fault.has_heal else self.start_ns

    def owes(self) -> list[str]:
        """Findings of the fault itself; that nobody can tell is one, too."""
        try:
            return self.one.fault.afterwards(self.scene)
        except TROUBLE as error:
            return [f"whether {self.one.label} came to its end cannot be told: {type(error).__name__}: {error}"]

    def blow(self) -> Blow:
        hit = tuple(m.name for m in self.scene.victims)
        return Blow(self.one.fault, self.one.target, hit, self.start_ns, self.over_ns or self.start_ns)


def break_all(chosen: Sequence[Chosen], dice: random.Random, folder: Path, workloads: Sequence[Workload]) -> list[Begun]:
    """Starts the faults one after the other, lets each stand as long as the dice say, and takes all of them back."""
    primary = bench.primary()
    begun: list[Begun] = []
    with contextlib.ExitStack() as heals:
        for number, one in enumerate(chosen):
            if number:
                time.sleep(dice.uniform(*APART_SECONDS))  # the moment is the dice's
            scene = Scene(one.target, dice, victims(one.target, primary, dice), folder)
            lasts = dice.uniform(*one.fault.lasts_seconds)
            _note(workloads, "start", one.label)
            each = Begun(one, scene, time.monotonic_ns(), time.monotonic() + lasts)
            try:
                one.fault.start(scene)
            except Exception as error:
                with contextlib.suppress(Exception):
                    one.fault.heal(scene)
                if number and isinstance(error, AssertionError):
                    continue  # the first fault took away what the second would break
                raise
            heals.callback(each.heal, workloads)
            begun.append(each)
        for each in begun:
            time.sleep(max(0.0, each.until - time.monotonic()))  # it stands as long as the dice say
            each.heal(workloads)
    return begun


def wait_for_more(workloads: Sequence[Workload], count: int, seconds: float) -> None:
    """Until each has so many more acknowledged writes than now; they write side by side."""
    totals = [workload.history.acknowledged + count for workload in workloads]
    for workload, total in zip(workloads, totals, strict=True):
        workload.wait_for(total, seconds)


def _note(workloads: Sequence[Workload], what: str, label: str) -> None:
    for workload in workloads:
        workload.history.note(what, label)


def wait_whole(observer: Observer, seconds: float) -> tuple[int | None, str]:
    """Until the service says that it is green and every engine serves, for a few looks in a row; else what it says."""
    deadline, since = time.monotonic() + seconds, None
    while time.monotonic() < deadline:
        if bench.is_green() and observer.is_whole():
            since = since or time.monotonic_ns()
            if time.monotonic_ns() - since > STEADY_NS:
                return since, ""
        else:
            since = None
        time.sleep(0.3)  # the pace of a bounded wait for a condition
    roles = {m.name: observer.role_of(m.name) for m in MEMBERS}
    return None, f"{bench.status().get('healthMsg')}; the engines say {roles}"


STEADY_NS = 2_000_000_000
"""A status may be older than the fault that was just taken back."""


def _look_afterwards(workloads: Sequence[Workload], addresses: Any, *, whole: bool) -> tuple[Verdict, Verdict]:
    """What a strong read finds, and whether all members hold the same."""
    if not whole:
        unknown = "what was acknowledged could not be read again: the service is not well"
        return Verdict(False, (unknown,)), Verdict(False, ("members cannot be compared while they are not well",))
    try:
        for workload in workloads:
            workload.final_read()
    except TROUBLE as error:
        return Verdict(False, (f"the last read failed: {error}",)), members_equal(addresses, kit.chosen().engine)
    return merged(*(w.check() for w in workloads)), members_equal(addresses, kit.chosen().engine)


def _write_histories(workloads: Sequence[Workload], folder: Path) -> None:
    for workload in workloads:
        workload.history.write(folder / f"history-{workload.name}.jsonl")


def _result(label: str, seed: int, load: float, judged: Judged, writes: int, image: str) -> Result:
    figures = judged.figures
    endless = figures.gap_seconds == float("inf")
    return Result(
        fault=label,
        seed=seed,
        when=_now(),
        verdicts={name: not found for name, found in judged.findings.items()},
        findings={name: found for name, found in judged.findings.items() if found},
        gap_seconds=None if endless else figures.gap_seconds,
        green_seconds=figures.green_seconds,
        named_seconds=figures.named_seconds,
        named_by=figures.named_by,
        writes=writes,
        load=load,
        image=image,
        engine=kit.chosen().engine,
    )
