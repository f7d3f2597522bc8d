"""Where a member's old data stays, inside its volume, while and after it copies everything anew: one folder for each order.

What is begun is written down first: a crash at any moment is finished at the next start.
"""

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from moorage.core.volume import Level, Room, level

ORDER_MARK = ".moorage-emptying"
"""Holds the order that is being carried out; a start in between finishes it."""
DONE_MARK = ".moorage-emptied"
"""Holds the last order that was carried out."""
REFUSED_MARK = ".moorage-refused"
"""Holds the last order that was refused, and why."""
ASIDE = ".moorage-aside"
OURS, OF_THE_VOLUME = ".moorage-", "lost+found"
ASIDE_SECONDS_MAX = 24 * 3600.0
ROOM_FACTOR, MIB = 1.1, 2**20


@dataclass(frozen=True)
class Journal:
    """A folder of which a new copy has no more than this. Starts that failed may leave more, which nobody copies."""

    folder: str
    bytes_max: int


class Quarantine:
    """Of one data folder. `journal`: the engine's own, when it has one that grows apart from the data."""

    def __init__(self, path: Path, journal: Journal | None = None) -> None:
        self._path, self._aside, self._journal = path, path / ASIDE, journal
        self._refused = ("", "")

    @property
    def pending(self) -> str:
        """The order that was begun and is not finished."""
        return text(self._path / ORDER_MARK)

    @property
    def done(self) -> str:
        """The last order that was carried out."""
        return text(self._path / DONE_MARK)

    def refusal(self, order: str) -> str:
        """Why this order was refused: one that was refused once stays so. Empty: it was not."""
        try:
            found = json.loads(text(self._path / REFUSED_MARK))
            refused, why = str(found["order"]), str(found["why"])
        except (ValueError, TypeError, KeyError):
            refused, why = self._refused
        return why if refused == order else ""

    def refuse(self, order: str, why: str) -> None:
        """On a volume that takes no writes it is remembered as long as the agent lives."""
        self._refused = (order, why)
        try:
            write(self._path / REFUSED_MARK, json.dumps({"order": order, "why": why}))
        except OSError:
            (self._path / REFUSED_MARK).unlink(missing_ok=True)

    def why_no_room(self) -> str:
        """Why the volume cannot hold a new copy beside what would be put aside; empty when it can."""
        free_bytes, journal_bytes = shutil.disk_usage(self._path).free, self._journal_bytes()
        copied_bytes = min(journal_bytes, self._journal.bytes_max) if self._journal is not None else 0
        needs_bytes = int((self._used_bytes() - journal_bytes) * ROOM_FACTOR) + copied_bytes
        if free_bytes >= needs_bytes:
            return ""
        beside = f"a new copy beside its old data needs {_mib(needs_bytes)}"
        return f"its volume has {_mib(free_bytes)} left, and {beside}: ask for larger volumes, or make room in it"

    def begin(self, order: str) -> None:
        write(self._path / ORDER_MARK, order)

    def move(self, order: str) -> None:
        """Renames all that is not ours; what is moved already stays so."""
        folder = self._aside / order.replace("/", "_")
        folder.mkdir(parents=True, exist_ok=True)
        for found in sorted(self._path.iterdir()):
            if not found.name.startswith(OURS) and found.name != OF_THE_VOLUME:
                found.rename(folder / found.name)

    def end(self, order: str) -> None:
        write(self._path / DONE_MARK, order)
        (self._path / ORDER_MARK).unlink()

    def tidy(self, now_seconds: float | None = None) -> list[str]:
        """Removes what was put aside once its time is over or its room is needed, the oldest first.

        Only for a member that has caught up: until then what it had may be all that somebody can still look at.
        """
        now = time.time() if now_seconds is None else now_seconds
        found = sorted(self._aside.iterdir(), key=_since) if self._aside.exists() else []
        gone = []
        for folder in found:
            if now - _since(folder) < ASIDE_SECONDS_MAX and not self._is_room_needed():
                break
            shutil.rmtree(folder)
            gone.append(folder.name)
        return gone

    def _is_room_needed(self) -> bool:
        """Whether the volume is, or stays, nearly full: nobody is asked for room that old data takes."""
        usage = shutil.disk_usage(self._path)
        return level(Room(usage.used + usage.free, usage.free), 0, Level.NEARLY_FULL) is not Level.OK

    def _journal_bytes(self) -> int:
        if self._journal is None:
            return 0
        return sum(_bytes(found) for found in (self._path / self._journal.folder).glob("*"))

    def _used_bytes(self) -> int:
        """Of what would be put aside. Files may come and go meanwhile: the engine runs."""
        return sum(
            _bytes(found) for found in self._path.rglob("*") if not found.relative_to(self._path).parts[0].startswith(OURS)
        )


def _since(folder: Path) -> float:
    """When the last of it was put there."""
    return folder.stat().st_mtime


def _bytes(path: Path) -> int:
    try:
        return path.lstat().st_blocks * 512
    except FileNotFoundError:
        return 0


def _mib(count_bytes: int) -> str:
    return f"{count_bytes // MIB} MiB"


def text(path: Path) -> str:
    """Of a mark; empty when there is none."""
    try:
        return path.read_text()
    except OSError:
        return ""


def write(path: Path, text: str) -> None:
    """In one step: there is never half of it."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text)
    fresh.replace(path)
