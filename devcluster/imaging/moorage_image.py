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
SETTINGS: registry.Settings = {
    "Entrypoint": prefix(f"/{HOME}"),
    "Env": [
        f"PYTHONHOME=/{HOME}",
        "PYTHONUNBUFFERED=1",
        "PYTHONDONTWRITEBYTECODE=1",
        f"SSL_CERT_FILE=/{HOME}/etc/ca-certificates.crt",
    ],
    "User": f"{USER}:{USER}",
    "WorkingDir": "/",
}


def layers() -> list[Layer]:
    """All layers, built as far as they are not in the cache."""
    return [python_layer(), packages_layer(requirements()), code_layer()]


def reference(built: list[Layer]) -> str:
    """The image's name with a tag that stands for its content."""
    body, _ = registry.manifest(built, SETTINGS)
    return f"{MOORAGE_IMAGE}:{registry.digest(body)[7:19]}"


def build_and_push() -> tuple[str, bool]:
    """Bring the image of this checkout into the registry; its name, and whether it was new there."""
    built = layers()
    image = reference(built)
    new = not registry.has(image)
    registry.push(image, built, SETTINGS, "dev")
    return image, new


def requirements() -> str:
    """The locked third-party packages with their hashes; the lock's own remarks left out."""
    command = (
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
    )
    return run(*command, cwd=CHECKOUT)


def code_layer() -> Layer:
    source = CHECKOUT / "src"
    files = [path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    project = (CHECKOUT / "pyproject.toml").read_text()
    base = python_layer()
    target = place("code", key_of(digest_of_files(files, source), project, base.digest))
    if not target.exists():
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / HOME / PACKAGES
            shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
            with unpacked(base) as python:
                compile_modules(python, folder, f"/{HOME}/{PACKAGES}")
            for name, text in distribution(project).items():
                path = folder / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(text)
            pack(Path(scratch), target)
    return layer(target)


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
