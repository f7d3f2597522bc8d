"""A member's data folder, judged while its engine cannot be asked yet."""

from pathlib import Path

from moorage.engines.quarantine import Quarantine, text, write

EMPTY_MARK = ".moorage-empty"
DAMAGE_MARK = ".moorage-damage"
"""Holds the sentence, until the data is put aside."""


class DataFolder:
    """Whether it holds data. A folder in which an engine ran that never belonged to a cluster holds none: such an engine
    takes no writes. So a member that restarts before the cluster is made is as empty as it was.

    `engine_file`: what the engine writes first into a folder of its own.
    """

    def __init__(self, path: Path, engine_file: str, quarantine: Quarantine) -> None:
        self._path, self._engine_file = path, engine_file
        self.quarantine = quarantine

    @property
    def has_data(self) -> bool:
        return (self._path / self._engine_file).exists() and not (self._path / EMPTY_MARK).exists()

    @property
    def was_of_cluster(self) -> bool:
        """Whether its member belonged to a cluster before, although it may be empty now."""
        return self.has_data or bool(self.quarantine.done)

    def before_start(self) -> None:
        """Finishes what was begun, and remembers that it is empty, for the next start to know."""
        if order := self.quarantine.pending:
            self.put_aside(order)
        if not (self._path / self._engine_file).exists():
            (self._path / EMPTY_MARK).touch()

    def belongs_to_cluster(self) -> None:
        """From now on it may hold data."""
        (self._path / EMPTY_MARK).unlink(missing_ok=True)

    @property
    def damage(self) -> str:
        """Why what it holds is of no use any more; empty while it is."""
        return text(self._path / DAMAGE_MARK)

    def is_damaged(self, why: str) -> None:
        """It stays so until the data is put aside: an engine that starts once in ten times is no member to count on."""
        write(self._path / DAMAGE_MARK, why)

    def put_aside(self, order: str) -> None:
        """Empties it for this order. May be cut off anywhere and done again."""
        if self.quarantine.pending != order:
            self.quarantine.begin(order)
        self.quarantine.move(order)
        (self._path / EMPTY_MARK).touch()
        (self._path / DAMAGE_MARK).unlink(missing_ok=True)
        self.quarantine.end(order)
