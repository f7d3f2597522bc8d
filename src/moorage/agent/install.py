"""`python -m moorage.agent.install DIR`: copies the self-contained folder that runs this very program into DIR (an emptyDir).

`--hosts FILE` copies the Pod's /etc/hosts, for a container that may add to it. With `--for worker` the folder holds what a worker
in an engine's image needs besides: the packages that speak to stores.
"""

import argparse
import os
import shutil
from collections.abc import Callable, Iterable
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
        "cronsim",
        "tzdata",
        "promql_parser",
    }
)
"""Packages that the image holds for the operator and the CLI: a third of its bytes. structlog loads rich whenever it is there."""

OF_WORKERS = frozenset(
    {
        "botocore",
        "jmespath",
        "dateutil",
        "python_dateutil",
        "urllib3",
        "six",
        "six.py",
        "backports",
        "backports_zstd",
        "pyrage",
    }
)
"""Packages that only a worker needs: members move no backups."""

LEFT_BEHIND = {"member": OF_OTHERS | OF_WORKERS, "worker": OF_OTHERS}


def left_behind(whom: str) -> Callable[[str, Iterable[str]], set[str]]:
    """Of a folder's entries those that this one does not need, with what the installer wrote of them (`rich-13.9.dist-info`)."""
    return lambda _folder, names: {name for name in names if name.partition("-")[0] in LEFT_BEHIND[whom]}


def install(source: Path, target: Path, whom: str = "member") -> None:
    """Copies what is in `source`. The mount point `target` belongs to somebody else: its own mode is left alone."""
    ignore = left_behind(whom)
    for entry in source.iterdir():
        if entry.is_dir():
            copied = target / entry.name
            shutil.copytree(entry, copied, symlinks=True, copy_function=shutil.copy, dirs_exist_ok=True, ignore=ignore)
        else:
            shutil.copy(entry, target / entry.name)


def main() -> None:
    parser = argparse.ArgumentParser(prog="moorage.agent.install", description=__doc__)
    parser.add_argument("--for", dest="whom", choices=sorted(LEFT_BEHIND), default="member")
    parser.add_argument("--hosts", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    if given.hosts is not None:
        shutil.copyfile("/etc/hosts", given.hosts)
    install(Path(os.environ["PYTHONHOME"]), given.folder, given.whom)


if __name__ == "__main__":
    main()
