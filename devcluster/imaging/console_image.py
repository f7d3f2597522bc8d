"""The console's image: Moorage's layers, then what its server alone needs, and the pages. A member's Pod pulls none of it."""

from devcluster.config import CONSOLE_IMAGE
from devcluster.imaging import moorage_image
from devcluster.imaging.layers import Layer
from devcluster.imaging.pages import FOLDER, pages_layer
from devcluster.imaging.portable_python import packages_layer
from devcluster.imaging.registry import Settings

SETTINGS: Settings = {
    **moorage_image.SETTINGS,
    "Entrypoint": [*moorage_image.ENTRYPOINT, "-m", "moorage.server"],
    "Env": [*moorage_image.ENVIRONMENT, f"MOORAGE_WEB=/{FOLDER}"],
}


def layers() -> list[Layer]:
    """All layers, built as far as they are not in the cache."""
    base = moorage_image.requirements()
    servers = packages_layer(only_in(moorage_image.requirements("server"), base), "server-packages")
    return [*moorage_image.layers(), servers, pages_layer()]


def build_and_push() -> tuple[str, bool]:
    """Bring the console's image of this checkout into the registry; its name, and whether it was new there."""
    return moorage_image.push(CONSOLE_IMAGE, layers(), SETTINGS)


def only_in(more: str, base: str) -> str:
    """Of locked requirements those packages that `base` does not have, with their hashes."""
    there = {_name(entry) for entry in _entries(base)}
    return "".join(entry for entry in _entries(more) if _name(entry) not in there)


def _entries(requirements: str) -> list[str]:
    """A package's line and those of its hashes, which are indented."""
    found: list[str] = []
    for line in requirements.splitlines(keepends=True):
        if line[0].isspace() and found:
            found[-1] += line
        else:
            found.append(line)
    return found


def _name(entry: str) -> str:
    """`anyio==4.16.0` of its line, whatever its markers are."""
    return entry.split(maxsplit=1)[0]
