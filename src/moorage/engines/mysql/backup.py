"""MySQL as workers use it; how each thing is done stands in the modules beside this one."""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moorage.engines.backup import BackupError, Dump, LogGap, LogPiece, MemberHost, Places, Seed, Source, SourceLostError
from moorage.engines.mysql import binlogevents, figures, positions
from moorage.engines.mysql.binlog import LogReader
from moorage.engines.mysql.dumping import MySqlDump
from moorage.engines.mysql.seeding import MySqlSeed
from moorage.engines.mysql.sources import Sources

_VERSION = re.compile(r"Ver (\d+)\.(\d+)")
LOGICAL_TIMES = 2
"""What a dump takes on the disk while it is brought back, against what the data took: indexes are built, pages are split."""
FIXED_BYTES = 400 * 2**20
"""Redo logs, undo logs and the engine's own tables."""


class MySqlBackup:
    """Implements `backup.EngineBackup`."""

    things, log_form = "tables", "binlog"

    def __init__(self, places: Places, stop: threading.Event) -> None:
        self._places, self._stop = places, stop
        self._sources = Sources(places)

    def choose_source(self, members: Sequence[MemberHost], without: Sequence[str] = ()) -> Source:
        return self._sources.choose(members, without)

    @staticmethod
    def may_pass(error: SourceLostError) -> bool:
        """A member that copies from another, or is copied by one, takes no second copy at a time."""
        return "Concurrent clone" in str(error)

    def dump(self, source: Source) -> Dump:
        _require("mysqldump")
        return MySqlDump(self._places, self._sources, source, _installed_version(), self._stop)

    def room_needed(self, manifest: Mapping[str, Any]) -> int:
        found = manifest.get("figures") or {}
        data_bytes = int((found.get("totals") or {}).get("diskBytes") or 0)
        return FIXED_BYTES + data_bytes * (LOGICAL_TIMES if found.get("kind") == figures.LOGICAL else 1)

    def why_not_restorable(self, manifest: Mapping[str, Any]) -> str | None:
        _require("mysql")
        return why_not_restorable(manifest, _installed_version())

    def seed(self, cache_gib: float, *, replays: bool) -> Seed:
        del replays  # a copy and a dump both know which transactions they hold
        return MySqlSeed(self._places, cache_gib, self._stop)

    def log(self, members: Sequence[MemberHost], after: Mapping[str, str]) -> Iterator[LogPiece | LogGap | None]:
        return LogReader(self._sources, self._stop).follow(members, after)

    def time_of(self, position: str) -> str:
        return positions.time_of(position)

    def position_at(self, time: str) -> str:
        return positions.position_at(time)

    def time_of_last(self, log: bytes) -> str:
        return positions.to_rfc3339(positions.Position(binlogevents.last_moment(log)).moment)


def why_not_restorable(manifest: Mapping[str, Any], installed: tuple[int, int]) -> str | None:
    """The rule: never an older engine; and files only by the one that wrote them or the next long-term one."""
    wanted = _numbers(str(manifest.get("version", "")))
    if wanted is None or wanted == installed:
        return None
    taken, here = f"MySQL {manifest['version']}", f"{installed[0]}.{installed[1]}"
    if wanted > installed:
        return f"the backup was taken from {taken}, and {here} is to read it; restore it into that version or a later one"
    is_physical = (manifest.get("figures") or {}).get("kind") == figures.PHYSICAL
    if is_physical and installed[0] - wanted[0] > 1:
        return f"the backup is a physical copy of {taken}, which {here} cannot open; restore it into version 8.4 first"
    return None


def _require(program: str) -> None:
    if shutil.which(program) is None:
        raise BackupError(
            f"the engine's image has no {program} on its PATH, which backups need; MySQL's own images have it",
            can_be_repeated=False,
        )


def _numbers(version: str) -> tuple[int, int] | None:
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else None


def _installed_version() -> tuple[int, int]:
    """Of the mysqld that would be started."""
    _require("mysqld")
    said = subprocess.run(
        ["mysqld", "--no-defaults", "--version"], capture_output=True, text=True, check=False, timeout=60
    ).stdout
    found = _VERSION.search(said)
    if found is None:
        raise BackupError(f"mysqld does not say its version: {said[:200]}")
    return int(found[1]), int(found[2])
