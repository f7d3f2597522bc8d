"""Images of Prometheus and Alertmanager under their makers' names: the program is the entry point, its tool beside it in /bin."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from devcluster.binaries.build import Binary
from devcluster.binaries.monitoring import ALERTMANAGER, PROMETHEUS
from devcluster.config import ALERTMANAGER_IMAGE, PROMETHEUS_IMAGE
from devcluster.imaging import registry
from devcluster.imaging.layers import key_of, layer, pack, place

IMAGES: dict[str, Sequence[Binary]] = {PROMETHEUS_IMAGE: PROMETHEUS, ALERTMANAGER_IMAGE: ALERTMANAGER}


def ensure() -> bool:
    """Push what the registry does not have; whether anything was pushed."""
    missing = [image for image in IMAGES if not registry.has(image)]
    for image in missing:
        _push(image, IMAGES[image])
    return bool(missing)


def settings(programs: Sequence[Binary]) -> registry.Settings:
    """As the makers' images: they run as nobody, and the first program is what the chart gives arguments to."""
    return {"Entrypoint": [f"/bin/{programs[0].name}"], "Env": ["PATH=/bin"], "User": "65534:65534"}


def _push(image: str, programs: Sequence[Binary]) -> None:
    target = place(programs[0].name, key_of(*(str(program.path) for program in programs)))
    if not target.exists():
        with tempfile.TemporaryDirectory() as scratch:
            (Path(scratch) / "bin").mkdir()
            for program in programs:
                shutil.copy(program.path, Path(scratch) / "bin" / program.name)
            pack(Path(scratch), target)
    registry.push(image, [layer(target)], settings(programs))
