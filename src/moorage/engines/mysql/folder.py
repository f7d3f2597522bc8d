"""A MySQL member's folder: mysqld's own data lies in a folder inside the volume, and what Moorage notes lies beside it."""

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from moorage.engines import folder
from moorage.engines.quarantine import Quarantine, text, write

DATA = "mysql"
"""mysqld wants a folder with nothing else in it, and a volume may hold `lost+found` and a reserve."""
BEGINNING = ".moorage-beginning"
"""A data folder that is not whole yet: made anew, or copied. A start removes what is left of one."""
COMPANIONS_MARK = ".moorage-companions"


class DataFolder(folder.DataFolder):
    """As every engine's, with what a MySQL member notes besides."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, DATA, Quarantine(path))
        self._path_of_all = path
        self._companions: tuple[str, ...] | None = None

    @property
    def data(self) -> Path:
        return self._path_of_all / DATA

    @property
    def beginning(self) -> Path:
        return self._path_of_all / BEGINNING

    @property
    def is_made(self) -> bool:
        """Whether there is something for mysqld to start on."""
        return self.data.exists()

    def before_start(self) -> None:
        shutil.rmtree(self.beginning, ignore_errors=True)
        super().before_start()

    def clear_beginning(self) -> None:
        """Raises OSError only when what is left of one cannot be removed."""
        if self.beginning.exists():
            shutil.rmtree(self.beginning)

    def take(self) -> None:
        """What was begun is whole: mysqld starts on it from now on, instead of on what it had."""
        if self.data.exists():
            old = self._path_of_all / f"{BEGINNING}-old"
            shutil.rmtree(old, ignore_errors=True)
            self.data.rename(old)
            self.beginning.rename(self.data)
            shutil.rmtree(old, ignore_errors=True)
        else:
            self.beginning.rename(self.data)

    @property
    def companions(self) -> tuple[str, ...]:
        """Members (by Pod name) of the last group that this one was in."""
        if self._companions is None:
            try:
                self._companions = tuple(map(str, json.loads(text(self._path_of_all / COMPANIONS_MARK))))
            except ValueError:
                self._companions = ()
        return self._companions

    def meets(self, pods: Iterable[str]) -> None:
        """It is in a group with these now. Raises OSError."""
        found = tuple(sorted(pods))
        if found != self.companions:
            write(self._path_of_all / COMPANIONS_MARK, json.dumps(found))
            self._companions = found
