"""Moorage's own image: portable Python, locked packages, and this checkout's code in a layer of its own (seconds to rebuild)."""

import shutil
import tempfile
import tomllib
from pathlib import Path

from devcluster.config import CHECKOUT, MOORAGE_IMAGE
from devcluster.imaging import registry
from devcluster.imaging.layers import Layer, digest_of_files, key_of, layer, pack, place
from devcluster.imaging.portable_python import HOME, PACKAGES, compile_modules, packages_layer, prefix, python_layer, unpacked
from devcluster.python_tools import uv
from devcluster.shell import run

USER = 65532
ENTRYPOINT = prefix(f"/{HOME}")
ENVIRONMENT = [
    f"PYTHONHOME=/{HOME}",
    "PYTHONUNBUFFERED=1",
    "PYTHONDONTWRITEBYTECODE=1",
    f"SSL_CERT_FILE=/{HOME}/etc/ca-certificates.crt",
]
SETTINGS: registry.Settings = {
    "Entrypoint": ENTRYPOINT,
    "Env": ENVIRONMENT,
    "User": f"{USER}:{USER}",
    "WorkingDir": "/",
}


def layers() -> list[Layer]:
    """All layers, built as far as they are not in the cache."""
    return [python_layer(), packages_layer(requirements()), code_layer()]


def build_and_push() -> tuple[str, bool]:
    """Bring the image of this checkout into the registry; its name, and whether it was new there."""
    return push(MOORAGE_IMAGE, layers(), SETTINGS)


def push(name: str, built: list[Layer], settings: registry.Settings) -> tuple[str, bool]:
    """The image's name with a tag that stands for its content, and whether it was new."""
    body, _ = registry.manifest(built, settings)
    image = f"{name}:{registry.digest(body)[7:19]}"
    new = not registry.has(image)
    registry.push(image, built, settings, "dev")
    return image, new


def requirements(*extras: str) -> str:
    """The locked third-party packages with their hashes; the lock's own remarks left out."""
    command: tuple[str | Path, ...] = (
        uv(),
        "export",
        "-q",
        "--frozen",
        "--no-dev",
        "--no-emit-project",
        "--no-annotate",
        "--no-header",
        "--format",
        "requirements-txt",
        *(word for extra in extras for word in ("--extra", extra)),
    )
    return run(*command, cwd=CHECKOUT)


def code_layer() -> Layer:
    source = CHECKOUT / "src"
    files = [path for path in source.rglob("*") if path.is_file() and not any(map(_is_of_tools, path.relative_to(source).parts))]
    project = (CHECKOUT / "pyproject.toml").read_text()
    base = python_layer()
    target = place("code", key_of(digest_of_files(files, source), project, base.digest))
    if not target.exists():
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / HOME / PACKAGES
            shutil.copytree(source, folder, ignore=lambda _folder, found: filter(_is_of_tools, found))
            with unpacked(base) as python:
                compile_modules(python, folder, f"/{HOME}/{PACKAGES}")
            for name, text in distribution(project).items():
                path = folder / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
            pack(Path(scratch), target)
    return layer(target)


def _is_of_tools(name: str) -> bool:
    """Caches of Python and of checkers, which are no part of the code."""
    return name == "__pycache__" or name.startswith(".")


def distribution(project: str) -> dict[str, str]:
    """What an installer would leave about the package: its version, and the entry points by which engines are found."""
    about = tomllib.loads(project)["project"]
    folder = f"{about['name']}-{about['version']}.dist-info"
    groups = {"console_scripts": about.get("scripts", {}), **about.get("entry-points", {})}
    sections = [f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in points.items()) for group, points in groups.items()]
    return {
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n",
        f"{folder}/entry_points.txt": "\n".join(sections),
        f"{folder}/RECORD": "",
        f"{folder}/INSTALLER": "moorage\n",
    }
