"""`python -m moorage.agent.install DIR`: copies the self-contained folder that runs this very program into DIR (an emptyDir)."""

import os
import shutil
import sys
from pathlib import Path


def main() -> None:
    shutil.copytree(Path(os.environ["PYTHONHOME"]), Path(sys.argv[1]), symlinks=True, dirs_exist_ok=True)


if __name__ == "__main__":
    main()
