"""One backup of one member: a physical copy where there is room for it, else a logical dump.

Which of the two it became is said with the backup. Either is everything up to one moment, and knows which transactions those are.
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from io import RawIOBase
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog

from moorage.engines.backup import BackupError, Dumped, Places, Position, Source, SourceLostError
from moorage.engines.mysql import figures
from moorage.engines.mysql.binlog import LogReader
from moorage.engines.mysql.copying import Copy
from moorage.engines.mysql.positions import Position as Place
from moorage.engines.mysql.positions import to_rfc3339, whole_second_after
from moorage.engines.mysql.snapshot import Snapshot
from moorage.engines.mysql.sources import Sources, rows, standing
from moorage.engines.tools import wide_pipe

log = structlog.get_logger()

MORE_THAN_COPY = 1.15
"""What a copy takes above the files as they are now: they grow meanwhile, and the first start writes to them."""
FIXED_BYTES = 600 * 2**20
"""A receiver's folder, redo logs, and temporary tables."""
NODE_SHARE_LEFT = 0.25
"""Of a node's disk, where the copy lies on it: kubelet evicts Pods when less than 15 % are left."""


def room_for(data_bytes: int) -> int:
    return int(data_bytes * MORE_THAN_COPY) + FIXED_BYTES


def is_enough(free_bytes: int, all_bytes: int, data_bytes: int, *, is_on_node: bool) -> bool:
    """Whether a copy may be made there."""
    spared = int(all_bytes * NODE_SHARE_LEFT) if is_on_node else 0
    return free_bytes - spared >= room_for(data_bytes)


def why_not_copied(version: str, installed: tuple[int, int]) -> str:
    """Of a member with this version, by the worker's engine; empty: it can be. The plugin copies within one series only."""
    series = ".".join(map(str, installed))
    if version.split(".")[:2] == series.split("."):
        return ""
    return f"it is logical, because its source runs {version}, of which MySQL {series} makes no copy; restoring it takes longer"


class MySqlDump:
    """Implements `backup.Dump`. Begins with the member's position, and ends with a look whether it is in its group still.

    `installed`: the version of the worker's own mysqld.
    """

    def __init__(
        self, places: Places, sources: Sources, source: Source, installed: tuple[int, int], stop: threading.Event
    ) -> None:
        self._places, self._sources, self._member, self._stop = places, sources, source.member, stop
        self._reader = LogReader(sources, stop)
        with sources.client(self._member) as client:
            self._version = standing(self._member, client).version
        self._timeline, self._begins = self._reader.newest(self._member)
        self._copy: Copy | None = None
        self._snapshot: Snapshot | None = None
        self._why_logical = why_not_copied(self._version, installed)
        folder = None if self._why_logical else self._folder_for_copy()
        self.output, self._into = os.pipe()
        wide_pipe(self._into)
        self._failed: Exception | None = None
        self._figures: dict[str, Any] = {}
        self._seen_at_end = Place(0)
        if folder is not None:
            self._copy = Copy(folder / "moorage-copy", places.scratch, places.tls, stop)
        self._thread = threading.Thread(target=self._run, name="dump", daemon=True)
        self._thread.start()

    def _folder_for_copy(self) -> Path | None:
        """None when there is room nowhere, or when tables would be left out; then `_why_logical` says which."""
        with self._sources.client(self._member, admin=True) as client:
            outside = figures.not_transactional(rows(self._member, client, figures.ASK_TABLES))
            data_bytes = int(rows(self._member, client, figures.ASK_DISK_BYTES)[0]["bytes"])
        if outside:
            self._why_logical = (
                f"it is logical, because {outside[0]}{_more(outside)} is no InnoDB table, which a copy would leave empty"
            )
            return None
        for folder, is_on_node in ((self._places.data, False), (self._places.scratch, True)):
            if folder.is_dir() and os.access(folder, os.W_OK):
                found = os.statvfs(folder)
                free_bytes, all_bytes = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
                if is_enough(free_bytes, all_bytes, data_bytes, is_on_node=is_on_node):
                    return folder
        self._why_logical = (
            f"it is logical, because the worker has no room for a copy, which takes {room_for(data_bytes) / 2**30:.1f}Gi;"
            " restoring it takes longer"
        )
        return None

    def _run(self) -> None:
        try:
            with os.fdopen(self._into, "wb", 0) as pipe:
                if self._copy is not None:
                    self._run_copy(self._copy, pipe)
                else:
                    self._run_dump(pipe)
        except Exception as error:
            self._failed = error

    def _run_copy(self, copy: Copy, pipe: RawIOBase) -> None:
        copy.fetch(self._member, self._sources)
        _, self._seen_at_end = self._reader.newest(self._member)
        self._version, executed = copy.settle()
        with ThreadPoolExecutor(1, "count") as beside:
            counting = beside.submit(copy.count)
            copy.pack(pipe.fileno())
            self._figures = {**counting.result(), "executed": executed}

    def _run_dump(self, pipe: RawIOBase) -> None:
        self._snapshot = Snapshot(self._places, self._sources, self._member, self._stop)
        with self._snapshot as snapshot:
            _, self._seen_at_end = self._reader.newest(self._member)
            self._figures = snapshot.run(pipe.fileno())

    def look_at(self, piece: memoryview) -> None:
        """Nothing of it has to be known: figures come from the engine itself."""

    def confirm(self) -> Dumped:
        self._thread.join()
        if self._stop.is_set():
            raise BackupError("the dump was stopped before it was complete")
        if isinstance(self._failed, BackupError):
            raise self._failed
        if self._failed is not None:
            raise SourceLostError(f"{self._member.name} could not be read to the end: {self._failed}") from self._failed
        with self._sources.client(self._member) as client:
            found = standing(self._member, client)
        if not found.is_good or found.timeline != self._timeline:
            raise SourceLostError(f"{self._member.name} left its group while it was read from")
        # everything that it holds was committed up to what stood last in the member's log when it was complete
        moment = max(self._seen_at_end.moment, self._begins.moment)
        return Dumped(
            version=self._version,
            compatibility=".".join(self._version.split(".")[:2]),
            consistent_time=to_rfc3339(whole_second_after(moment)),
            position=Position(self._timeline, str(self._begins), str(self._begins)),
            figures=self._figures,
            note=self._why_logical or "it is a physical copy of the data files",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self.output)  # what still writes into it ends
        if self._snapshot is not None:
            self._snapshot.end()
        if self._copy is not None:
            self._copy.end()
        self._thread.join()
        if self._copy is not None:
            self._copy.remove()


def _more(names: list[str]) -> str:
    return f" (and {len(names) - 1} more)" if len(names) > 1 else ""
