"""`python -m moorage.agent.install DIR`: copies the self-contained folder that runs this very program into DIR (an emptyDir)."""

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

OF_OTHERS = frozenset(
    {
        "pydantic",
        "pydantic_core",
        "pygments",
        "rich",
        "markdown_it",
        "mdurl",
        "typer",
        "shellingham",
        "dns",
        "gridfs",
        "h2",
        "hpack",
        "cryptography",
        "cffi",
        "pycparser",
    }
)
"""Packages that the image holds for the operator and the CLI: a third of its bytes. structlog loads rich whenever it is there."""


def left_behind(_folder: str, names: Iterable[str]) -> set[str]:
    """Of a folder's entries those that no member needs, with what the installer wrote about them (`rich-13.9.dist-info`)."""
    return {name for name in names if name.partition("-")[0] in OF_OTHERS}


def install(source: Path, target: Path) -> None:
    """Copies what is in `source`. The mount point `target` belongs to somebody else: its own mode is left alone."""
    for entry in source.iterdir():
        if entry.is_dir():
            copied = target / entry.name
            shutil.copytree(entry, copied, symlinks=True, copy_function=shutil.copy, dirs_exist_ok=True, ignore=left_behind)
        else:
            shutil.copy(entry, target / entry.name)


def main() -> None:
    install(Path(os.environ["PYTHONHOME"]), Path(sys.argv[1]))


if __name__ == "__main__":
    main()
