"""Background processes that are recorded, so that `up` leaves a good one alone and `down` stops exactly what was started.

A record names a process by its id, its start time and the machine's boot: an id that was given to somebody else since
is not ours. It also holds a digest of the command and its files: with the same digest there is nothing to do.
"""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from devcluster.config import LOGS, RECORDS, Node
from devcluster.wait import until

LOG_BYTES = 20_000_000
KILL_SECONDS = 10.0
KEEP = """
over=
trap 'over=1' TERM
while began=$(date +%s); "$@"; [ -z "$over" ] && [ $(($(date +%s) - began)) -ge 10 ]; do
  echo "it ended by itself: started again"
done
"""
"""A shell that starts a program again when it ended by itself after it had run, as systemd does on a real machine. What does not
get that far is not started to die again: whoever waits for it is told its last words."""


@dataclass(frozen=True)
class Service:
    """One background process: its command, the node it runs in, and the files whose change means a restart.

    `is_kept`: it is started again when it dies by itself; not after `stop` or `kill`."""

    name: str
    command: tuple[str | Path, ...]
    node: Node | None = None
    reads: tuple[Path, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    is_kept: bool = False

    @property
    def words(self) -> list[str]:
        entered = self.node.enter if self.node else ()
        kept = ("sh", "-c", KEEP, "kept") if self.is_kept else ()
        return [str(word) for word in (*entered, *kept, *self.command)]

    @property
    def digest(self) -> str:
        parts = [json.dumps([self.words, sorted(self.env.items())]).encode()]
        parts += [path.read_bytes() for path in self.reads]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    @property
    def log(self) -> Path:
        return LOGS / f"{self.name}.log"


@dataclass(frozen=True)
class Record:
    """What is remembered of a started process."""

    pid: int
    started: str
    digest: str

    @property
    def alive(self) -> bool:
        return start_mark(self.pid) == self.started


def start_mark(pid: int) -> str | None:
    """What tells this process from any other that ever had its id; None when it is gone (a zombie is gone)."""
    try:
        # The program's name stands in brackets and may hold anything, so the fields are counted from the last bracket.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    return None if fields[0] in "ZX" else f"{boot}:{fields[19]}"


def record_of(name: str) -> Record | None:
    """The record of a process that still runs."""
    path = RECORDS / f"{name}.json"
    try:
        record = Record(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return record if record.alive else None


def started_at(name: str) -> str:
    """When the process was started, as Kubernetes writes times."""
    seconds = (RECORDS / f"{name}.json").stat().st_mtime
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def running() -> list[str]:
    """The names of all recorded processes that run."""
    return sorted(path.stem for path in RECORDS.glob("*.json") if record_of(path.stem))


def ensure(service: Service) -> bool:
    """Start the process, or start it anew when its command or files changed; whether something was done."""
    record = record_of(service.name)
    if record and record.digest == service.digest:
        _signal(record, signal.SIGCONT)  # a test that was ended may have left it frozen
        return False
    if record:
        stop(service.name)
    _start(service)
    return True


def stop(*names: str, seconds: float = KILL_SECONDS) -> None:
    """Ask processes to end, all at once, and after the deadline end them."""
    _end(names, signal.SIGTERM)
    _end(names, signal.SIGCONT)  # one that a test froze would not hear of it
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(record_of(name) for name in names):
        time.sleep(0.02)
    kill(*names)


def kill(*names: str) -> None:
    """End processes at once, as a power cut would."""
    _end(names, signal.SIGKILL)
    for name in names:
        until(f"the end of {name}", lambda name=name: record_of(name) is None, KILL_SECONDS)  # type: ignore[misc]
        (RECORDS / f"{name}.json").unlink(missing_ok=True)


def _end(names: tuple[str, ...], how: signal.Signals) -> None:
    for name in names:
        if record := record_of(name):
            _signal(record, how)


def _signal(record: Record, how: signal.Signals) -> None:
    """To the process and what belongs to it: each one leads a session of its own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(record.pid, how)


def _start(service: Service) -> None:
    LOGS.mkdir(parents=True, exist_ok=True)
    RECORDS.mkdir(parents=True, exist_ok=True)
    if service.log.exists() and service.log.stat().st_size > LOG_BYTES:
        service.log.rename(service.log.with_suffix(".log.1"))
    with service.log.open("ab") as log:
        child = subprocess.Popen(
            service.words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            env={**os.environ, **service.env},
        )
    record = Record(child.pid, start_mark(child.pid) or "", service.digest)
    (RECORDS / f"{service.name}.json").write_text(json.dumps(record.__dict__))


def require(name: str) -> None:
    """For waits: a process that ended will never get ready, so say what it said last."""
    if record_of(name) is None:
        lines = (LOGS / f"{name}.log").read_text(errors="replace").splitlines()[-15:]
        raise SystemExit(f"{name} ended by itself; its log ends with:\n" + "\n".join(lines))
