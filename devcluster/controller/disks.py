"""The folders and loop-mounted files behind the volumes."""

import shutil
from pathlib import Path

from devcluster.config import VOLUMES
from devcluster.controller.volumes import folder_of
from devcluster.shell import run
from devcluster.sweep import mounts_below

IMAGES = VOLUMES / "images"


def image_of(name: str) -> Path:
    return IMAGES / f"{name}.ext4"


def make_folder(name: str) -> None:
    """Any user may write: what a volume plugin would do with the Pod's fsGroup, hostPath does not do."""
    folder_of(name).mkdir(parents=True, exist_ok=True)
    folder_of(name).chmod(0o777)


def make_limited(name: str, size: int) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    if not image_of(name).exists():
        half_done = image_of(name).with_suffix(".new")
        with half_done.open("wb") as file:
            file.truncate(size)
        run("mkfs.ext4", "-q", "-F", "-m", "0", half_done)
        half_done.rename(image_of(name))
    mount_limited(name)
    shutil.rmtree(folder_of(name) / "lost+found", ignore_errors=True)  # databases want an empty folder


def mount_limited(name: str) -> None:
    """Mount the file unless it is mounted."""
    folder_of(name).mkdir(parents=True, exist_ok=True)
    if str(folder_of(name)) not in _mounted():
        run("mount", "-o", "loop", image_of(name), folder_of(name))
    folder_of(name).chmod(0o777)


def grow_limited(name: str, size: int) -> None:
    with image_of(name).open("r+b") as file:
        file.truncate(max(size, image_of(name).stat().st_size))
    device = run("findmnt", "-n", "-o", "SOURCE", folder_of(name)).strip()
    run("losetup", "-c", device)
    run("resize2fs", device)


def mount_all() -> None:
    """After a reboot or `down`: every limited volume is back in its place before a Pod can want it."""
    for image in sorted(IMAGES.glob("*.ext4")):
        mount_limited(image.stem)


def remove(name: str) -> None:
    if str(folder_of(name)) in _mounted():
        run("umount", "-l", folder_of(name))
    image_of(name).unlink(missing_ok=True)
    shutil.rmtree(folder_of(name), ignore_errors=True)


def _mounted() -> list[str]:
    return mounts_below(Path("/proc/self/mountinfo").read_text(), VOLUMES)
