"""The image of the process that holds a Pod's namespaces."""

import shutil
import tempfile
from pathlib import Path

from devcluster.binaries.build import PAUSE
from devcluster.config import PAUSE_IMAGE
from devcluster.imaging import registry
from devcluster.imaging.layers import key_of, layer, pack, place


def ensure() -> bool:
    """Push it unless the registry has it; whether it was pushed."""
    if registry.has(PAUSE_IMAGE):
        return False
    target = place("pause", key_of(PAUSE.path.read_bytes()))
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copy(PAUSE.path, Path(scratch) / "pause")
        pack(Path(scratch), target)
    registry.push(PAUSE_IMAGE, [layer(target)], {"Entrypoint": ["/pause"], "User": "65535:65535"})
    return True
