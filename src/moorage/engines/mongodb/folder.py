"""A member's data folder, judged while its engine cannot be asked yet."""

from pathlib import Path

ENGINE_FILE = "WiredTiger"
"""The storage engine writes it first."""
EMPTY_MARK = ".moorage-empty"


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
        if not (self._path / ENGINE_FILE).exists():
            (self._path / EMPTY_MARK).touch()

    def belongs_to_set(self) -> None:
        """From now on it may hold data."""
        (self._path / EMPTY_MARK).unlink(missing_ok=True)
