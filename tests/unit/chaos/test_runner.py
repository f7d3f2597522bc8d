"""Every run is written down, also one that breaks off; and whatever was broken is taken back."""

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from tests.chaos import bench, runner
from tests.chaos.bench import MEMBERS
from tests.chaos.faults.fault import PRIMARY, Fault, NotNamed, Scene
from tests.chaos.history import History
from tests.chaos.result import NOT_JUDGED
from tests.chaos.runner import Begun, Chosen, break_all, run, wait_for_more
from tests.chaos.workloads import Workload


class Broken:
    """A fault that tells what was done with it."""

    def __init__(self, *, starts: bool = True, heals: bool = True) -> None:
        self.did: list[str] = []
        self._starts, self._heals = starts, heals

    def start(self, scene: Scene) -> None:
        del scene
        self.did.append("start")
        if not self._starts:
            raise OSError("no such process")

    def heal(self, scene: Scene) -> None:
        del scene
        self.did.append("heal")
        if not self._heals:
            raise OSError("no way back")

    def chosen(self) -> Chosen:
        fault = Fault("broken", (PRIMARY,), "breaks", "heals", self.start, {PRIMARY: 1.0}, NotNamed("a test"), heal=self.heal)
        return Chosen(fault, PRIMARY)


@pytest.fixture
def no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a run does where nothing answers; returns what was asked of the bench."""
    asked: list[str] = []

    def gone() -> None:
        raise AssertionError("not within 300 s: ledger is green")

    monkeypatch.setattr(runner, "REPORTS", tmp_path)
    monkeypatch.setattr(runner, "RESULTS", tmp_path / "results.jsonl")
    monkeypatch.setattr(runner, "keep_logs", lambda folder: asked.append(f"logs into {folder.name.split('-', 2)[2]}"))
    monkeypatch.setattr(bench, "deploy", gone)
    monkeypatch.setattr(bench, "agent_image", lambda: "abc")
    monkeypatch.setattr(bench, "put_right", lambda: asked.append("put right"))
    monkeypatch.setattr(bench, "primary", lambda: MEMBERS[0])
    return asked


def test_a_run_that_breaks_off_is_written_down_as_not_green_with_its_reason(no_cluster: list[str], tmp_path: Path) -> None:
    found = run([Broken().chosen()], 7)
    written = [json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]
    assert [(w["fault"], w["seed"], w["image"], w["verdicts"]) for w in written] == [
        ("broken:primary", 7, "abc", {NOT_JUDGED: False})
    ]
    assert written[0]["findings"] == {NOT_JUDGED: ["the run broke off: AssertionError: not within 300 s: ledger is green"]}
    assert not found.is_green
    assert no_cluster == ["logs into broken.primary-7", "put right"]
    assert "ledger is green" in next(tmp_path.glob("*-broken.primary-7/broke-off.txt")).read_text()


def test_what_was_started_is_taken_back_although_another_one_cannot_be(no_cluster: list[str], tmp_path: Path) -> None:
    del no_cluster
    first, second = Broken(), Broken(heals=False)
    with pytest.raises(OSError, match="no way back"):
        break_all([first.chosen(), second.chosen()], Now(), tmp_path, [])
    assert (first.did, second.did) == (["start", "heal"], ["start", "heal"])


def test_a_fault_that_started_only_half_is_taken_back(no_cluster: list[str], tmp_path: Path) -> None:
    del no_cluster
    half = Broken(starts=False)
    with pytest.raises(OSError, match="no such process"):
        break_all([half.chosen()], Now(), tmp_path, [])
    assert half.did == ["start", "heal"]


def test_an_end_that_nobody_can_look_at_is_a_finding(tmp_path: Path) -> None:
    def gone(scene: Scene) -> list[str]:
        raise KeyError("spec")

    broken = Broken().chosen().fault
    chosen = Chosen(
        Fault("broken", (PRIMARY,), "", "", broken.start, {PRIMARY: 1.0}, NotNamed("a test"), afterwards=gone), PRIMARY
    )
    begun = Begun(chosen, Scene(PRIMARY, Now(), (MEMBERS[0],), tmp_path), 0, 0.0)
    assert begun.owes() == ["whether broken:primary came to its end cannot be told: KeyError: 'spec'"]


@dataclass
class Writer:
    """A workload by which somebody else writes."""

    history: History = field(default_factory=History)
    waited_for: list[int] = field(default_factory=list)
    others: list["Writer"] = field(default_factory=list)

    def write(self, count: int) -> None:
        process = self.history.new_process()
        for number in range(count):
            self.history.complete(self.history.invoke(process, "add", number), "ok", number)

    def wait_for(self, total: int, seconds: float) -> None:
        del seconds
        self.waited_for.append(total)
        for other in self.others:
            other.write(30)


def test_workloads_are_waited_for_side_by_side() -> None:
    slow = Writer()
    first = Writer(others=[slow])
    slow.write(5)
    wait_for_more(cast("list[Workload]", [first, slow]), 30, 60)
    assert (first.waited_for, slow.waited_for) == ([30], [35]), "what the second wrote meanwhile counts"


class Now(random.Random):
    """Dice that never wait."""

    def uniform(self, a: float, b: float) -> float:
        del b
        return a
