"""A member's data folder, judged while its engine cannot be asked yet; and how what it holds is put aside."""

import shutil
import time
from pathlib import Path

ENGINE_FILE = "WiredTiger"
"""The storage engine writes it first."""
EMPTY_MARK = ".moorage-empty"
DAMAGE_MARK = ".moorage-damage"
"""Holds the sentence, until the data is put aside."""
ORDER_MARK = ".moorage-emptying"
"""Holds the order that is being carried out; a start in between finishes it."""
DONE_MARK = ".moorage-emptied"
"""Holds the last order that was carried out."""
ASIDE = ".moorage-aside"
OURS, OF_THE_VOLUME = ".moorage-", "lost+found"
ASIDE_SECONDS_MAX = 24 * 3600.0
FREE_SHARE_MIN = 0.15


class DataFolder:
    """Whether it holds data. A folder in which an engine ran that never belonged to a replica set holds none: such an engine
    takes no writes. So a member that restarts before the set is made is as empty as it was."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def has_data(self) -> bool:
        return (self._path / ENGINE_FILE).exists() and not (self._path / EMPTY_MARK).exists()

    def before_start(self) -> None:
        """Remembers that it is empty, for the next start to know."""
        if order := _text(self._path / ORDER_MARK):
            self.put_aside(order)
        if not (self._path / ENGINE_FILE).exists():
            (self._path / EMPTY_MARK).touch()

    def belongs_to_set(self) -> None:
        """From now on it may hold data."""
        (self._path / EMPTY_MARK).unlink(missing_ok=True)

    @property
    def damage(self) -> str:
        """Why what it holds is of no use any more; empty while it is."""
        return _text(self._path / DAMAGE_MARK)

    def is_damaged(self, why: str) -> None:
        """It stays so until the data is put aside: an engine that starts once in ten times is no member to count on."""
        _write(self._path / DAMAGE_MARK, why)

    @property
    def emptied_for(self) -> str:
        """The last order that it was emptied for."""
        return _text(self._path / DONE_MARK)

    def put_aside(self, order: str) -> None:
        """Renames what it holds, within the volume; what was put aside before goes. May be cut off anywhere and done again."""
        if not (self._path / ORDER_MARK).exists():
            self._remove_aside()
            _write(self._path / ORDER_MARK, order)
        aside = self._path / ASIDE
        aside.mkdir(exist_ok=True)
        for found in sorted(self._path.iterdir()):
            if not found.name.startswith(OURS) and found.name != OF_THE_VOLUME:
                found.rename(aside / found.name)
        (self._path / EMPTY_MARK).touch()
        (self._path / DAMAGE_MARK).unlink(missing_ok=True)
        _write(self._path / DONE_MARK, order)
        (self._path / ORDER_MARK).unlink()

    def tidy(self, now_seconds: float | None = None) -> bool:
        """Removes what was put aside, once its time is over or its room is needed; whether it did."""
        aside = self._path / ASIDE
        if not aside.exists():
            return False
        age_seconds = (time.time() if now_seconds is None else now_seconds) - (self._path / DONE_MARK).stat().st_mtime
        usage = shutil.disk_usage(self._path)
        if age_seconds < ASIDE_SECONDS_MAX and usage.free >= FREE_SHARE_MIN * usage.total:
            return False
        self._remove_aside()
        return True

    def _remove_aside(self) -> None:
        shutil.rmtree(self._path / ASIDE, ignore_errors=True)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _write(path: Path, text: str) -> None:
    """In one step: there is never half of it."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text)
    fresh.replace(path)
