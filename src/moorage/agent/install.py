"""`python -m moorage.agent.install DIR`: copies the self-contained folder that runs this very program into DIR (an emptyDir)."""

import os
import shutil
import sys
from pathlib import Path


def install(source: Path, target: Path) -> None:
    """Copies what is in `source`. The mount point `target` belongs to somebody else: its own mode is left alone."""
    for entry in source.iterdir():
        if entry.is_dir():
            shutil.copytree(entry, target / entry.name, symlinks=True, copy_function=shutil.copy, dirs_exist_ok=True)
        else:
            shutil.copy(entry, target / entry.name)


def main() -> None:
    install(Path(os.environ["PYTHONHOME"]), Path(sys.argv[1]))


if __name__ == "__main__":
    main()
