"""The console's pages as a layer: built from `web/` by the locked packages, which are fetched once for each lock."""

import shutil
import tempfile
from pathlib import Path

from devcluster.binaries.node import Npm, npm
from devcluster.config import CACHE, CHECKOUT
from devcluster.imaging.layers import Layer, digest_of_files, key_of, layer, pack, place
from devcluster.imaging.portable_python import HOME
from devcluster.shell import fetch, run

SOURCE = CHECKOUT / "web"
NOT_SOURCE = ("node_modules", "dist")
FOLDER = f"{HOME}/web"
LOCK = ("package.json", "package-lock.json")
RECIPE = Path(__file__).read_bytes()


def pages_layer() -> Layer:
    """Ten seconds where the packages are there, two minutes where they are not, nothing where the pages are as they were."""
    files = [path for path in SOURCE.rglob("*") if path.is_file() and path.relative_to(SOURCE).parts[0] not in NOT_SOURCE]
    target = place("pages", key_of(RECIPE, digest_of_files(files, SOURCE)))
    if not target.exists():
        tool = npm()
        workshop = _workshop(tool)
        _copy_source(workshop)
        with tempfile.TemporaryDirectory() as scratch:
            env = {**tool.environment, "MOORAGE_WEB_OUT": str(Path(scratch) / FOLDER)}
            run(*tool.command, "run", "build", cwd=workshop, env=env)
            pack(Path(scratch), target)
    return layer(target)


def _workshop(tool: Npm) -> Path:
    """A folder with the packages of today's lock; those of another lock are removed, since each takes 260 MB."""
    folder = CACHE / f"web-{digest_of_files([SOURCE / name for name in LOCK], SOURCE)}"
    for other in CACHE.glob("web-*"):
        if other != folder:
            shutil.rmtree(other)
    if not (folder / "node_modules/.package-lock.json").exists():  # written last
        folder.mkdir(parents=True, exist_ok=True)
        for name in LOCK:
            shutil.copy(SOURCE / name, folder)
        fetch(*tool.command, "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder, env=tool.environment)
    return folder


def _copy_source(workshop: Path) -> None:
    for entry in workshop.iterdir():
        if entry.name == "node_modules":
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    shutil.copytree(SOURCE, workshop, ignore=shutil.ignore_patterns(*NOT_SOURCE), dirs_exist_ok=True)
