"""The container has less memory than its engine uses: the kernel ends the engine."""

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from devcluster.wait import until
from tests.chaos import bench
from tests.chaos.faults.fault import PRIMARY, SECONDARY, Fault, Named, Scene

MEMORY = Path("/sys/fs/cgroup/memory")
MIB = 2**20
HOG_MIB = 256
KILLED = 1 << signal.SIGKILL - 1
# Takes memory inside the container's group until the kernel has to end the engine; it may not be chosen itself. Once the engine
# is being ended it takes no more, or the kernel would look for another one before the engine's memory is free: the agent.
HOG = f"""
import os, sys, time
group, engine = sys.argv[1:]
def is_ended():
    try:
        told = dict(line.split(":", 1) for line in open(f"/proc/{{engine}}/status"))
    except OSError:
        return True
    return "VmRSS" not in told or any(int(told[pending], 16) & {KILLED} for pending in ("SigPnd", "ShdPnd"))
open("/proc/self/oom_score_adj", "w").write("-1000")
open(group + "/cgroup.procs", "w").write(str(os.getpid()))
taken = []
while len(taken) < {HOG_MIB} * 4 and not is_ended():
    taken.append(bytearray({MIB // 4}))
time.sleep(30)
"""


@dataclass(frozen=True)
class Limit:
    """How much memory a container may take, as its control group says it."""

    group: Path
    bytes_max: str

    def restore(self) -> None:
        limit = self.group / "memory.limit_in_bytes"
        if limit.exists():  # a container that was started anew has another group
            limit.write_text(self.bytes_max)


def limit_of(engine: int) -> Limit:
    """Of the container that this process runs in."""
    lines = Path(f"/proc/{engine}/cgroup").read_text().splitlines()
    group = MEMORY / next(line.split(":")[2].lstrip("/") for line in lines if line.split(":")[1] == "memory")
    return Limit(group, (group / "memory.limit_in_bytes").read_text())


def squeeze(engine: int, group: Path) -> None:
    """Until the kernel has ended it; the limit stays low."""
    _lower(group / "memory.limit_in_bytes", int((group / "memory.usage_in_bytes").read_text()))
    hog = subprocess.Popen([sys.executable, "-c", HOG, str(group), str(engine)])
    try:
        until(f"the kernel to end the engine of process id {engine}", lambda: not Path(f"/proc/{engine}/stat").exists(), 20)
    finally:
        hog.kill()
        hog.wait()


def _squeeze(scene: Scene) -> None:
    pid = bench.engine_pid(scene.victim)
    scene.notes["limit"] = limit_of(pid)
    squeeze(pid, scene.notes["limit"].group)


def _loosen(scene: Scene) -> None:
    scene.notes["limit"].restore()


def _lower(limit: Path, used_bytes: int) -> None:
    """As far as the kernel lets it: what is in use and cannot be written to a disk stays."""
    for wanted in range(used_bytes, 16 * MIB, -8 * MIB):
        try:
            limit.write_text(str(wanted))
        except OSError:
            return


FAULTS = (
    Fault(
        name="out-of-memory",
        targets=(PRIMARY, SECONDARY),
        does="its container has less memory than the engine uses, for 10 to 20 s",
        happens="the kernel ends the engine and a peer takes over; with memory again it is back by itself",
        start=_squeeze,
        heal=_loosen,
        lasts_seconds=(10.0, 20.0),
        gap_seconds={PRIMARY: 2.0, SECONDARY: 1.0},
        named=Named(r"{victim} .*memory|memory.*resources\.memory"),
    ),
)
