"""Prometheus's and Alertmanager's own checkers, from Debian's packages, unpacked once into the cache."""

import subprocess
from functools import cache
from pathlib import Path

from devcluster.imaging import debian

PACKAGES = ("prometheus", "prometheus-alertmanager")


@cache
def root() -> Path:
    """Debian with them, as a folder."""
    return debian.unpacked(*PACKAGES)


def command(program: str, *arguments: str | Path) -> list[str]:
    """How `promtool` or `amtool` is started."""
    loader = [root() / "usr/lib64/ld-linux-x86-64.so.2", "--library-path", root() / "usr/lib/x86_64-linux-gnu"]
    return [*map(str, loader), str(root() / "usr/bin" / program), *map(str, arguments)]


def run(program: str, *arguments: str | Path) -> str:
    """What it says. Raises AssertionError with that when it found something wrong."""
    done = subprocess.run(command(program, *arguments), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr
