"""Processes of the cluster, by what they are: found in containers, never by a mere name."""

import os
import signal
from pathlib import Path

from devcluster import sweep
from devcluster.config import NODES

OPERATOR = "moorage.operator"


def kill(pid: int) -> None:
    _send(pid, signal.SIGKILL)


def freeze(pid: int) -> None:
    _send(pid, signal.SIGSTOP)


def thaw(pid: int) -> None:
    _send(pid, signal.SIGCONT)


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return  # it ended by itself


def parent(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[1])


def operators() -> list[int]:
    """Every operator's process, the standby's too."""
    inside = {pid for node in NODES for pid in sweep.containers(node.folder)}
    return [pid for pid in inside if _words(pid)[-1:] == [OPERATOR]]


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").rstrip("\0").split("\0")
    except OSError:
        return []
