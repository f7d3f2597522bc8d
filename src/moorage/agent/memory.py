"""Whether the kernel ended the engine because its container has no memory left.

Kubernetes tells it only when the whole container ends with the engine, which depends on the version of control groups.
"""

from pathlib import Path

CONTROL_GROUPS = Path("/sys/fs/cgroup")
COUNTS = ("memory.events", "memory/memory.oom_control")
"""Of version 2 and of version 1; each has a line `oom_kill N`."""
OUT_OF_MEMORY = "the engine ran out of memory and was killed: raise resources.memory"


class Memory:
    """Of this container, since the engine was started last."""

    def __init__(self, groups: Path = CONTROL_GROUPS) -> None:
        self._groups, self._before = groups, 0

    def begin(self) -> None:
        """The engine is started: what was before is not its death."""
        self._before = kills(self._groups)

    @property
    def ran_out(self) -> bool:
        return kills(self._groups) > self._before


def kills(groups: Path) -> int:
    """How many processes the kernel ended for want of memory; 0 where it does not say."""
    for name in COUNTS:
        try:
            lines = (groups / name).read_text().splitlines()
        except OSError:
            continue
        return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))
    return 0
