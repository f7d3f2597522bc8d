"""Finding and removing everything that a node left behind: processes, mounts, sockets, network namespaces, cgroups.

Nothing is found by a mere name. A container's process belongs to a node when its root file system is layered in the node's
folder; a shim or daemon when it runs one of the node's programs with the node's folder on its command line.
"""

import os
import shutil
import signal
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from devcluster.config import Node
from devcluster.shell import run, succeeds
from devcluster.wait import until

DAEMONS = {"containerd", "containerd-shim-runc-v2", "runc", "kubelet", "kube-proxy"}
CNI_RESULTS = Path("/var/lib/cni/results")
CGROUPS = Path("/sys/fs/cgroup")


def containers(folder: Path) -> set[int]:
    """The processes that run inside containers of the node with this folder."""
    return {pid for pid in _pids() if _rooted_in(_read(f"/proc/{pid}/mountinfo"), folder)}


def daemons(folder: Path) -> set[int]:
    """The node's containerd, shims, kubelet and kube-proxy."""
    return {pid for pid in _pids() if is_daemon(_read(f"/proc/{pid}/cmdline"), folder)}


def is_daemon(command_line: str, folder: Path) -> bool:
    """Whether a command line (words ended by NUL) is one of the node's own programs."""
    words = command_line.split("\0")
    return Path(words[0]).name in DAEMONS and any(f"{folder}/" in word for word in words)


def _rooted_in(mountinfo: str, folder: Path) -> bool:
    """Whether the root file system of a process is an overlay whose layers are in the folder."""
    for line in mountinfo.splitlines():
        where, _, what = line.partition(" - ")
        if where.split()[4] == "/" and what.startswith("overlay "):
            return f"upperdir={folder}/" in what
    return False


def mounts_below(mountinfo: str, folder: Path) -> list[str]:
    """Mount points below a folder, the last mounted first."""
    points = [line.split()[4] for line in mountinfo.splitlines() if line]
    return [point for point in reversed(points) if point.startswith(f"{folder}/")]


def ask_containers_to_end(folder: Path, seconds: float) -> None:
    """Give databases the time to close their files."""
    _signal(containers(folder), signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while containers(folder) and time.monotonic() < deadline:
        time.sleep(0.05)


def kill(folder: Path) -> None:
    """End everything of the node at once. Shims go with their containers, so nothing is started again in between."""

    def gone() -> bool:
        left = daemons(folder) | containers(folder)
        _signal(left, signal.SIGKILL)
        return not left

    until(f"the end of all processes of {folder.name}", gone, 20)


def clean(node: Node) -> None:
    """Remove what dead containers left, so that the node starts as a machine does after a reboot. Images stay."""
    _remove_shim_sockets(node.folder)
    unmount(node.folder)
    for name in ("state", "runc", "ipam"):
        shutil.rmtree(node.folder / name, ignore_errors=True)
    node.containerd_socket.unlink(missing_ok=True)
    for result in CNI_RESULTS.glob(f"moorage-{node.name}-*"):
        sandbox = result.name.removeprefix(f"moorage-{node.name}-").removesuffix("-eth0")
        (CNI_RESULTS / f"cni-loopback-{sandbox}-lo").unlink(missing_ok=True)
        result.unlink(missing_ok=True)
    for link in _leftover_links(node):
        succeeds("ip", "-n", node.name, "link", "del", link)
    remove_cgroups(f"moorage/{node.name}")


def unmount(folder: Path) -> None:
    """Take off every mount below a folder."""
    for point in mounts_below(Path("/proc/self/mountinfo").read_text(), folder):
        succeeds("umount", point) or succeeds("umount", "-l", point)


def remove_cgroups(below: str) -> None:
    """Remove empty control groups, the innermost first."""
    for root in (CGROUPS, *CGROUPS.glob("*/")):
        for group in sorted((root / below).rglob("*/"), reverse=True):
            _rmdir(group)
        _rmdir(root / below)


def _remove_shim_sockets(folder: Path) -> None:
    """A shim's socket stands in a folder that all containerds share; its name is noted beside the container."""
    for note in (folder / "state/io.containerd.runtime.v2.task").glob("*/*/address"):
        Path(note.read_text().removeprefix("unix://").strip()).unlink(missing_ok=True)


def _leftover_links(node: Node) -> Iterator[str]:
    """The node's ends of Pod links whose Pods are gone."""
    if not succeeds(*node.enter, "true"):
        return
    for line in run("ip", "-n", node.name, "-o", "link", "show", "type", "veth").splitlines():
        name = line.split(":")[1].strip().split("@")[0]
        if name != "eth0":
            yield name


def _rmdir(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return


def _pids() -> Iterator[int]:
    return (int(entry) for entry in os.listdir("/proc") if entry.isdigit())  # noqa: PTH208 - twice as fast on /proc


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def _signal(pids: Iterable[int], how: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            continue
