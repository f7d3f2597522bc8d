"""The volume that a restore fills: whether it may be filled, and the marks that say how far that came."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from moorage.worker.work import TaskError

SEEDING, SEEDED = ".moorage-seeding", ".moorage-seeded"
NOT_DATA = frozenset({"lost+found", SEEDING})
ID_OF_RESOURCE = 12
"""A task's id: so many digits of the resource's uid, then the number of the try."""


class Volume:
    """Raises TaskError."""

    def __init__(self, folder: Path, task_id: str) -> None:
        self._folder, self._task_id = folder, task_id

    def done_before(self) -> dict[str, Any] | None:
        """The result of a worker of the same restore that came to its end and was lost before it could tell."""
        try:
            mark = json.loads((self._folder / SEEDED).read_text())
            is_ours = mark["task"][:ID_OF_RESOURCE] == self._task_id[:ID_OF_RESOURCE]
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise TaskError(f"the volume's {SEEDED} cannot be read: {error}; give the restore an empty volume") from error
        if not is_ours:
            raise TaskError(
                f"the volume was filled by another restore ({mark['task']}); give this one an empty volume", can_be_repeated=False
            )
        return dict(mark.get("result") or {})

    def begin(self) -> None:
        """Empties what an earlier try left; nothing else."""
        if not self._folder.is_dir():
            raise TaskError(f"no volume is mounted at {self._folder}", can_be_repeated=False)
        held = sorted(path.name for path in self._folder.iterdir() if path.name not in NOT_DATA)
        if held and not (self._folder / SEEDING).exists():
            raise TaskError(
                f"the volume is not empty (it holds {', '.join(held[:3])}{' …' if held[3:] else ''}), and data is never"
                " overwritten; give the restore an empty volume",
                can_be_repeated=False,
            )
        (self._folder / SEEDING).write_text(self._task_id)
        self.empty()

    def require_room(self, needed_bytes: int, backup: str) -> None:
        found = os.statvfs(self._folder)
        free_bytes = found.f_bavail * found.f_frsize
        if free_bytes < needed_bytes:
            raise TaskError(
                f"the volume has {_gib(free_bytes)} free, and the data of {backup} took {_gib(needed_bytes)} on its member's"
                f" disk; restore it with a storage.size of at least {_gib(needed_bytes * 5 // 4)}",
                can_be_repeated=False,
            )

    def empty(self) -> None:
        """All but the mark of a fill that is under way, which goes last."""
        for path in self._folder.iterdir():
            if path.name in NOT_DATA:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()

    def finish(self, result: dict[str, Any]) -> None:
        """From here on it is data. On the disk before anybody is told."""
        fresh = self._folder / f"{SEEDED}.new"
        with fresh.open("w") as file:
            json.dump({"task": self._task_id, "result": result}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._folder / SEEDED)
        (self._folder / SEEDING).unlink(missing_ok=True)
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _gib(count_bytes: int) -> str:
    return f"{count_bytes / 2**30:.2f}Gi"
