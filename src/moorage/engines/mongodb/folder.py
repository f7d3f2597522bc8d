"""A MongoDB member's data folder."""

from pathlib import Path

from moorage.engines import folder
from moorage.engines.mongodb.rollback import sizes_of, what_was_taken_back
from moorage.engines.quarantine import MIB, Journal, Quarantine

ENGINE_FILE = "WiredTiger"
"""The storage engine writes it first."""
JOURNAL = Journal("journal", 300 * MIB)
"""A new copy has a file that is written and two that wait."""


class DataFolder(folder.DataFolder):
    """As every engine's, and with what MongoDB keeps of writes that it took back."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, ENGINE_FILE, Quarantine(path, JOURNAL))

    def what_was_taken_back(self) -> str:
        return what_was_taken_back(self._path)

    def rolled_back_files(self) -> int:
        return len(sizes_of(self._path))
