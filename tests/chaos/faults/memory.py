"""The container has less memory than its engine uses: the kernel ends the engine."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from devcluster.wait import until
from tests.chaos.faults.fault import PRIMARY, SECONDARY, Fault, Named, Scene
from tests.e2e.cluster import engine_pid

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


def _squeeze(scene: Scene) -> None:
    pid = engine_pid(scene.victim.pod)
    group = _group(pid)
    scene.notes["group"], scene.notes["limit"] = group, (group / "memory.limit_in_bytes").read_text()
    _lower(group / "memory.limit_in_bytes", int((group / "memory.usage_in_bytes").read_text()))
    hog = subprocess.Popen([sys.executable, "-c", HOG, str(group), str(pid)])
    try:
        until(f"the kernel to end the engine of {scene.victim.pod}", lambda: not Path(f"/proc/{pid}/stat").exists(), 20)
    finally:
        hog.kill()
        hog.wait()


def _group(pid: int) -> Path:
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    return MEMORY / next(line.split(":")[2].lstrip("/") for line in lines if line.split(":")[1] == "memory")


def _lower(limit: Path, used_bytes: int) -> None:
    """As far as the kernel lets it: what is in use and cannot be written to a disk stays."""
    for wanted in range(used_bytes, 16 * MIB, -8 * MIB):
        try:
            limit.write_text(str(wanted))
        except OSError:
            return


def _loosen(scene: Scene) -> None:
    limit = scene.notes["group"] / "memory.limit_in_bytes"
    if os.path.exists(limit):  # noqa: PTH110 - a container that was started anew has another group
        limit.write_text(scene.notes["limit"])


FAULTS = (
    Fault(
        name="out-of-memory",
        targets=(PRIMARY, SECONDARY),
        does="its container has less memory than mongod uses, for 10 to 20 s",
        happens="the kernel ends mongod and a peer takes over; with memory again it is back by itself",
        start=_squeeze,
        heal=_loosen,
        lasts_seconds=(10.0, 20.0),
        gap_seconds={PRIMARY: 2.0, SECONDARY: 1.0},
        named=Named(r"{victim} .*memory|memory.*resources\.memory"),
    ),
)
