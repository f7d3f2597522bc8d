"""The folders and loop-mounted files behind the volumes."""

import shutil
from pathlib import Path

from devcluster.config import VOLUMES
from devcluster.controller.volumes import folder_of
from devcluster.shell import run
from devcluster.sweep import mounts_below

IMAGES = VOLUMES / "images"


XFS, EXT4 = "xfs", "ext4"
XFS_BYTES_MIN = 300 * 2**20
"""mkfs.xfs makes none that are smaller."""


def file_system_for(size: int) -> str:
    """XFS grows while it is mounted for whoever may mount it; ext4 wants CAP_SYS_RESOURCE, which containers often lack."""
    return XFS if size >= XFS_BYTES_MIN else EXT4


def image_of(name: str) -> Path | None:
    """The file behind a volume; None when there is none."""
    found = (IMAGES / f"{name}.{kind}" for kind in (XFS, EXT4))
    return next((image for image in found if image.exists()), None)


def make_folder(name: str) -> None:
    """Any user may write: what a volume plugin would do with the Pod's fsGroup, hostPath does not do."""
    folder_of(name).mkdir(parents=True, exist_ok=True)
    folder_of(name).chmod(0o777)


def make_limited(name: str, size: int) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    image = image_of(name)
    if image is None:
        image = IMAGES / f"{name}.{file_system_for(size)}"
        half_done = image.with_suffix(".new")
        with half_done.open("wb") as file:
            file.truncate(size)
        options = ["-q", "-f"] if image.suffix == f".{XFS}" else ["-q", "-F", "-m", "0"]
        run(f"mkfs{image.suffix}", *options, half_done)
        half_done.rename(image)
    mount_limited(image)
    shutil.rmtree(folder_of(name) / "lost+found", ignore_errors=True)  # databases want an empty folder


def mount_limited(image: Path) -> None:
    """Mount the file unless it is mounted."""
    folder = folder_of(image.stem)
    folder.mkdir(parents=True, exist_ok=True)
    if str(folder) not in _mounted():
        run("mount", "-o", "loop", image, folder)
    folder.chmod(0o777)


def grow_limited(name: str, size: int) -> None:
    image = image_of(name)
    if image is None:
        raise FileNotFoundError(f"the volume {name} has no file")
    with image.open("r+b") as file:
        file.truncate(max(size, image.stat().st_size))
    device = run("findmnt", "-n", "-o", "SOURCE", folder_of(name)).strip()
    run("losetup", "-c", device)
    if image.suffix == f".{XFS}":
        run("xfs_growfs", folder_of(name))
    else:
        run("resize2fs", device)


def mount_all() -> None:
    """After a reboot or `down`: every limited volume is back in its place before a Pod can want it."""
    for image in sorted([*IMAGES.glob(f"*.{XFS}"), *IMAGES.glob(f"*.{EXT4}")]):
        mount_limited(image)


def remove(name: str) -> None:
    if str(folder_of(name)) in _mounted():
        run("umount", "-l", folder_of(name))
    if (image := image_of(name)) is not None:
        image.unlink()
    shutil.rmtree(folder_of(name), ignore_errors=True)


def _mounted() -> list[str]:
    return mounts_below(Path("/proc/self/mountinfo").read_text(), VOLUMES)
