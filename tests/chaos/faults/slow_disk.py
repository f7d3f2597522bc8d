"""The member's disk does only a few things a second: every write that must be on it waits."""

import os
from pathlib import Path

from devcluster.shell import run
from tests.chaos import bench
from tests.chaos.faults.fault import PRIMARY, SECONDARY, Fault, NotNamed, Scene

THROTTLE = "blkio.throttle.write_iops_device"
BLKIO = Path("/sys/fs/cgroup/blkio")
WRITES_A_SECOND = 4


def _slow(scene: Scene) -> None:
    lines = Path(f"/proc/{bench.engine_pid(scene.victim)}/cgroup").read_text().splitlines()
    group = BLKIO / next(line.split(":")[2].lstrip("/") for line in lines if "blkio" in line.split(":")[1].split(","))
    device = os.stat(run("findmnt", "-n", "-o", "SOURCE", bench.volume_of(scene.victim)).strip()).st_rdev  # noqa: PTH116
    scene.notes["knob"], scene.notes["device"] = group / THROTTLE, f"{os.major(device)}:{os.minor(device)}"
    scene.notes["knob"].write_text(f"{scene.notes['device']} {WRITES_A_SECOND}")


def _let_go(scene: Scene) -> None:
    if scene.notes["knob"].exists():
        scene.notes["knob"].write_text(f"{scene.notes['device']} 0")


FAULTS = (
    Fault(
        name="slow-disk",
        targets=(PRIMARY, SECONDARY),
        does=f"its disk takes {WRITES_A_SECOND} writes a second, for 20 to 30 s",
        happens="writes wait for it as long as it is primary; nobody is thrown out because of it, and nobody is copied anew",
        start=_slow,
        heal=_let_go,
        lasts_seconds=(20.0, 30.0),
        gap_seconds={PRIMARY: 7.0, SECONDARY: 1.0},
        named=NotNamed(
            "only writes that wait for the disk are held up, nobody waits a second, and a disk's pace is not measured"
        ),
    ),
)
