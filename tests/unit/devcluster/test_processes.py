"""What is ours to stop: never found by a mere name."""

import os
import signal
from pathlib import Path

import pytest

from devcluster import process
from devcluster.members import is_agent
from devcluster.sweep import is_daemon, mounts_below
from devcluster.wait import until

FOLDER = Path("/state/nodes/n1")


def test_a_daemon_is_ours_when_it_works_in_the_nodes_folder() -> None:
    assert is_daemon("/usr/bin/containerd\0-c\0/state/nodes/n1/containerd.toml\0", FOLDER)
    assert not is_daemon("/usr/bin/containerd\0-c\0/etc/containerd/config.toml\0", FOLDER)
    assert not is_daemon("/usr/bin/containerd\0-c\0/state/nodes/n10/containerd.toml\0", FOLDER)
    assert not is_daemon("vim\0/state/nodes/n1/containerd.toml\0", FOLDER)


def test_mounts_are_taken_off_from_the_last_one() -> None:
    text = "\n".join(f"1 1 0:1 / {point} rw - tmpfs tmpfs rw" for point in ("/state/nodes/n1/a", "/home", "/state/nodes/n1/a/b"))
    assert mounts_below(text, FOLDER) == ["/state/nodes/n1/a/b", "/state/nodes/n1/a"]


def test_the_agent_is_told_from_the_engine() -> None:
    assert is_agent("/opt/moorage/lib/ld-linux-x86-64.so.2\0--library-path\0")
    assert not is_agent("mongod\0--dbpath\0/data/db\0")


def test_an_id_that_was_given_to_somebody_else_is_not_ours() -> None:
    mark = process.start_mark(os.getpid())
    assert mark is not None
    assert process.Record(os.getpid(), mark, "").alive
    assert not process.Record(os.getpid(), "another boot:123", "").alive


def test_a_changed_file_or_command_means_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("one")
    service = process.Service("x", ("sleep", "1"), reads=(file,))
    before = service.digest
    assert service.digest == before
    file.write_text("two")
    assert service.digest != before
    assert process.Service("x", ("sleep", "2")).digest != process.Service("x", ("sleep", "1")).digest


def test_a_record_that_cannot_be_read_is_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "RECORDS", tmp_path)
    (tmp_path / "etcd.json").write_text('{"pid": 1')
    assert process.record_of("etcd") is None
    assert process.running() == []


def test_a_process_that_somebody_froze_runs_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "RECORDS", tmp_path)
    monkeypatch.setattr(process, "LOGS", tmp_path)
    service = process.Service("sleeper", ("sleep", "60"))
    process.ensure(service)
    record = process.record_of("sleeper")
    assert record is not None
    try:
        os.kill(record.pid, signal.SIGSTOP)
        until("it is frozen", lambda: _state(record.pid) == "T", 5)
        assert process.ensure(service) is False
        until("it runs again", lambda: _state(record.pid) in "SR", 5)
    finally:
        process.kill("sleeper")


def test_a_frozen_process_is_not_waited_for_in_vain_when_it_is_asked_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "RECORDS", tmp_path)
    monkeypatch.setattr(process, "LOGS", tmp_path)
    process.ensure(
        process.Service("sleeper", ("sh", "-c", f"trap 'touch {tmp_path}/asked; kill $!; exit' TERM; sleep 60 & wait"))
    )
    record = process.record_of("sleeper")
    assert record is not None
    until("its trap to be set", lambda: Path(f"/proc/{record.pid}/task/{record.pid}/children").read_text(), 5)
    os.kill(record.pid, signal.SIGSTOP)
    process.stop("sleeper")
    assert (tmp_path / "asked").exists()


def _ends(path: Path, seconds: float) -> process.Service:
    """Notes its id, and ends by itself after a while."""
    return process.Service("ends", ("sh", "-c", f"echo $$ >> {path}; sleep {seconds}"), is_kept=True)


def test_a_kept_process_that_dies_after_it_ran_is_started_again_and_is_gone_when_it_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "RECORDS", tmp_path)
    monkeypatch.setattr(process, "LOGS", tmp_path)
    monkeypatch.setattr(process, "KEEP", process.KEEP.replace("-ge 10", "-ge 0"))
    starts = tmp_path / "starts"
    process.ensure(_ends(starts, 60))
    until("it runs", lambda: starts.exists() and starts.read_text(), 5)
    os.kill(int(starts.read_text()), signal.SIGKILL)
    until("it runs again", lambda: len(starts.read_text().split()) == 2, 5)
    second = int(starts.read_text().split()[1])
    process.kill("ends")
    until("it is gone", lambda: process.start_mark(second) is None, 5)
    assert process.record_of("ends") is None


def test_a_kept_process_ends_when_it_is_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "RECORDS", tmp_path)
    monkeypatch.setattr(process, "LOGS", tmp_path)
    monkeypatch.setattr(process, "KEEP", process.KEEP.replace("-ge 10", "-ge 0"))
    starts = tmp_path / "starts"
    process.ensure(_ends(starts, 60))
    until("it runs", lambda: starts.exists() and starts.read_text(), 5)
    process.stop("ends")
    assert process.start_mark(int(starts.read_text())) is None
    assert len(starts.read_text().split()) == 1, "and is not started again"


def test_a_kept_process_that_cannot_start_is_not_started_to_die_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "RECORDS", tmp_path)
    monkeypatch.setattr(process, "LOGS", tmp_path)
    starts = tmp_path / "starts"
    process.ensure(_ends(starts, 0))
    until("it has ended", lambda: process.record_of("ends") is None, 5)
    assert len(starts.read_text().split()) == 1
    with pytest.raises(SystemExit, match="ends ended by itself"):
        process.require("ends")


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
