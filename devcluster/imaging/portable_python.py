"""A self-contained Python: a folder that runs inside any Linux image of the same architecture, even one without a libc.

It starts as LOADER --library-path LIB PYTHON -s -m MODULE with PYTHONHOME set to the folder, wherever that was copied to.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from devcluster.imaging import debian
from devcluster.imaging.layers import Layer, key_of, layer, pack, place
from devcluster.python_tools import uv
from devcluster.shell import fetch, run

VERSION = "3.11"
HOME = "moorage"  # the folder's name in the image
PACKAGES = "lib/python3/dist-packages"  # where Debian's Python looks by itself
UNUSED = ("test", "idlelib", "tkinter", "ensurepip", "turtledemo", "lib2to3", "pydoc_data", "__phello__")
SYSTEM_LIBRARIES = (
    "libnss_dns.so.2",
    "libnss_files.so.2",
    # what the authors of binary wheels may count on (manylinux)
    *(
        "libdl.so.2",
        "libgcc_s.so.1",
        "libm.so.6",
        "libpthread.so.0",
        "libresolv.so.2",
        "librt.so.1",
        "libstdc++.so.6",
        "libutil.so.1",
    ),
)
LIBRARY_FOLDERS = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu")
SERVICES = {"s3"}  # of the 400 whose descriptions come with botocore, 24 of its 30 MB
LOADER = "ld-linux-x86-64.so.2"
RECIPE = Path(__file__).read_bytes()  # what this file does decides what comes out, so it is part of every key


def prefix(home: str) -> list[str]:
    """The command that starts the folder's Python when the folder is at `home`."""
    return [f"{home}/lib/{LOADER}", "--library-path", f"{home}/lib", f"{home}/bin/python", "-s"]


def python_layer() -> Layer:
    """Python itself, its standard library and the shared libraries that both need."""
    base = debian.base("ca-certificates", "python3", "python3-distutils")
    target = place("python", key_of(RECIPE, base.name, str(base.stat().st_mtime_ns)))
    if not target.exists():
        with tempfile.TemporaryDirectory() as scratch:
            root, image = Path(scratch) / "debian", Path(scratch) / "image"
            root.mkdir()
            run("tar", "-C", root, "--exclude=./dev/*", "-xf", base)
            home = image / HOME
            _copy_python(root, home)
            _copy_libraries(root, home)
            _add_system_files(root, image)
            compile_modules(home, home / f"lib/python{VERSION}", f"/{HOME}/lib/python{VERSION}")
            pack(image, target)
    return layer(target)


def packages_layer(requirements: str, name: str = "packages") -> Layer:
    """Locked third-party packages; the lock has all that they need, or a layer below does."""
    base = python_layer()
    target = place(name, key_of(RECIPE, requirements, base.digest))
    if not target.exists():
        with tempfile.TemporaryDirectory() as scratch:
            home = Path(scratch) / "image" / HOME
            folder = home / PACKAGES
            folder.mkdir(parents=True)
            lock = Path(scratch) / "requirements.txt"
            lock.write_text(requirements)
            where = (
                "--target",
                folder,
                "--python",
                sys.executable,
                "--python-version",
                VERSION,
                "--python-platform",
                "x86_64-manylinux_2_36",
            )
            fetch(uv(), "pip", "install", "-q", "--no-deps", "--only-binary", ":all:", "--link-mode", "copy", *where, "-r", lock)
            shutil.rmtree(folder / "bin", ignore_errors=True)
            prune_services(folder)
            with unpacked(base) as python:
                compile_modules(python, folder, f"/{HOME}/{PACKAGES}")
            pack(Path(scratch) / "image", target)
    return layer(target)


def prune_services(folder: Path) -> None:
    """Of Amazon's services leave the one that is called; the files beside their folders are for all of them."""
    for service in folder.glob("botocore/data/*"):
        if service.is_dir() and service.name not in SERVICES:
            shutil.rmtree(service)


class unpacked:  # noqa: N801 - reads as a verb at the place of use
    """The portable Python of a layer, in a folder, for as long as it is needed."""

    def __init__(self, python: Layer) -> None:
        self._python = python
        self._folder = tempfile.TemporaryDirectory()

    def __enter__(self) -> Path:
        run("tar", "-C", self._folder.name, "-xf", self._python.path)
        return Path(self._folder.name) / HOME

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()


def compile_modules(home: Path, folder: Path, named: str) -> None:
    """Compile ahead: images are read-only, so nobody would keep what every start compiles. Nothing in it depends on a time."""
    how = ("-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", named)
    run(*prefix(str(home)), "-E", "-m", "compileall", *how, folder, env={"PYTHONHOME": str(home)})


def _copy_python(root: Path, home: Path) -> None:
    (home / "bin").mkdir(parents=True)
    shutil.copy(root / f"usr/bin/python{VERSION}", home / "bin/python")
    library = home / f"lib/python{VERSION}"
    shutil.copytree(
        root / f"usr/lib/python{VERSION}", library, ignore=shutil.ignore_patterns("__pycache__", "EXTERNALLY-MANAGED")
    )
    for name in UNUSED:
        shutil.rmtree(library / name, ignore_errors=True)
    shutil.copy(
        (root / "lib64" / LOADER).resolve() if (root / "lib64" / LOADER).exists() else _inside(root, f"lib64/{LOADER}"),
        home / "lib",
    )


def _inside(root: Path, path: str) -> Path:
    """A file of the tree, following links as if the tree were the root."""
    place = root / path
    while place.is_symlink():
        target = place.readlink()
        place = root / str(target).lstrip("/") if target.is_absolute() else place.parent / target
    return place


def _copy_libraries(root: Path, home: Path) -> None:
    """Every library that something in the folder needs, found by Debian's own loader."""
    folders = [root / folder for folder in LIBRARY_FOLDERS]
    for name in SYSTEM_LIBRARIES:
        _copy_library(name, folders, home / "lib")
    path = ":".join(str(folder) for folder in folders)
    programs = [home / "bin/python", *home.rglob("*.so*")]
    for program in programs:
        listed = run(home / "lib" / LOADER, "--library-path", path, "--list", program)
        for name in needed(listed):
            _copy_library(name, folders, home / "lib")


def needed(listed: str) -> list[str]:
    """The libraries' names out of what the loader lists: `libz.so.1 => /lib/… (0x…)`."""
    return re.findall(r"^\s+(\S+) => /", listed, flags=re.MULTILINE)


def _copy_library(name: str, folders: Iterable[Path], target: Path) -> None:
    for folder in folders:
        if (folder / name).exists() and not (target / name).exists():
            shutil.copy(folder / name, target / name)


def _add_system_files(root: Path, image: Path) -> None:
    """What a program expects of any system: authorities to trust, a way to look names up, a folder for temporary files."""
    trust = image / HOME / "etc/ca-certificates.crt"
    trust.parent.mkdir()
    certificates = sorted((root / "usr/share/ca-certificates").rglob("*.crt"))
    trust.write_text("".join(path.read_text() for path in certificates))
    (image / "etc").mkdir()
    (image / "etc/passwd").write_text("root:x:0:0::/:/none\nmoorage:x:65532:65532::/:/none\n")
    (image / "etc/group").write_text("root:x:0:\nmoorage:x:65532:\n")
    (image / "etc/nsswitch.conf").write_text("hosts: files dns\n")
    (image / "tmp").mkdir()
    (image / "tmp").chmod(0o1777)
