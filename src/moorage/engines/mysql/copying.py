"""A physical copy of a member, in the worker's own folder: the Clone plugin brings it, a private mysqld brings it to one moment.

The member needs no room for it and is not asked for its rows: that happens in the copy, where nothing changes any more, so that
rows are counted while the files are packed. A copy that mysqld started on once is also known to be good before it is kept.
"""

import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pymysql
import structlog

from moorage.engines.backup import BackupError, MemberHost, SourceLostError
from moorage.engines.mysql import figures, figuring
from moorage.engines.mysql.accounts_sql import quoted
from moorage.engines.mysql.constants import GROUP_USER
from moorage.engines.mysql.privateengine import GROUP_PLUGINS, MIB, OPEN, PrivateEngine, make_folder
from moorage.engines.mysql.sources import Sources, said
from moorage.engines.mysql.tarring import write_tar

log = structlog.get_logger()

POOL_BYTES = 64 * MIB
LEFT_OUT = frozenset({"auto.cnf", "mysqld.pid", "ib_buffer_pool", "#clone"})
"""What says who a member is, or only speeds it up."""
REDO, SPARE = "#innodb_redo", "_tmp"
"""Where redo logs lie, and the end of the names of those that hold nothing yet: mysqld makes them anew."""
LOOK_SECONDS = 0.5


class Copy:
    """In a folder that goes with it. `stop`: who waits is set free."""

    def __init__(self, folder: Path, scratch: Path, tls: Path, stop: threading.Event) -> None:
        self._folder, self._scratch, self._tls, self._stop = folder, scratch, tls, stop
        self.data = folder / "copy"
        self._engine: PrivateEngine | None = None
        self._settled: Sequence[Path] = ()
        """What there is to pack: an engine that only reads lays files of its own beside it, too."""
        self._is_over = threading.Event()
        self._watcher = threading.Thread(target=self._end_when_stopped, name="copy", daemon=True)
        self._watcher.start()

    def _end_when_stopped(self) -> None:
        while not self._is_over.wait(LOOK_SECONDS):
            if self._stop.is_set() and self._engine is not None:
                self._engine.kill()

    def fetch(self, member: MemberHost, sources: Sources) -> None:
        """Raises SourceLostError, BackupError."""
        receiver = self._folder / "receiver"
        shutil.rmtree(self._folder, ignore_errors=True)  # of a try that was killed
        self._folder.mkdir()
        make_folder(receiver, self._scratch)
        files = (("ca", "ca.crt"), ("cert", "tls.crt"), ("key", "tls.key"))
        tls = [f"--clone-ssl-{kind}={self._tls / name}" for kind, name in files]
        self._raise_if_stopped()
        self._engine = PrivateEngine(receiver, self._scratch, 32 * MIB, ("--skip-networking", *GROUP_PLUGINS, *tls))
        try:
            self._engine.wait_until_ready()
            host, _, port = member.host.rpartition(":")
            self._engine.rows(f"SET GLOBAL clone_valid_donor_list = {quoted(member.host)}")
            # by a connection of its own: what the plugin says of the member is another error than one of the worker's
            with self._engine.connect() as connection, connection.cursor() as cursor:
                cursor.execute(
                    f"CLONE INSTANCE FROM '{GROUP_USER}'@{quoted(host)}:{port} IDENTIFIED BY {quoted(sources.password())} "
                    f"DATA DIRECTORY = {quoted(str(self.data))} REQUIRE SSL"
                )
        except (pymysql.MySQLError, OSError) as error:
            self._raise_if_stopped()
            raise SourceLostError(f"{member.name} could not be copied: {said(error)}") from error
        finally:
            self._end_engine()
            shutil.rmtree(receiver, ignore_errors=True)

    def settle(self) -> tuple[str, str]:
        """Brings the copy to its moment: the version that it has, and the transactions it holds. Raises BackupError."""
        engine = self._start()
        try:
            engine.wait_until_ready()
            (row,) = engine.rows("SELECT @@version AS version, @@GLOBAL.gtid_executed AS executed")
            engine.stop()
        finally:
            self._end_engine()
        self._settled = sorted(kept(self.data, self.data.rglob("*")))
        return str(row["version"]), str(row["executed"])

    def count(self) -> dict[str, Any]:
        """The figures of a settled copy, whose files are only read for it. Raises BackupError."""
        engine = self._start("--innodb-read-only=ON")
        try:
            engine.wait_until_ready()

            def ask(statement: str) -> list[Mapping[str, Any]]:
                self._raise_if_stopped()
                return list(engine.rows(statement))

            return figures.to_json(figures.PHYSICAL, figuring.tables_of(ask), figuring.totals_of(ask))
        finally:
            self._end_engine()

    def _start(self, *more: str) -> PrivateEngine:
        self._raise_if_stopped()
        # of a member's channels mysqld begins logs, which are nothing of the copy's
        beside = f"--relay-log={self._folder / 'relay'}"
        engine = self._engine = PrivateEngine(self.data, self._scratch, POOL_BYTES, (*OPEN, beside, *more))
        return engine

    def _end_engine(self) -> None:
        if self._engine is not None:
            self._engine.kill()
            shutil.rmtree(self._engine.folder, ignore_errors=True)

    def _raise_if_stopped(self) -> None:
        if self._stop.is_set() or self._is_over.is_set():
            raise BackupError("the backup was stopped before it was complete")

    def pack(self, pipe: int) -> None:
        """The files of a settled copy as tar. Raises OSError."""
        write_tar(self.data, self._settled, pipe)

    def end(self) -> None:
        """Whoever is at it in another thread is set free."""
        self._is_over.set()
        self._watcher.join()
        if self._engine is not None:
            self._engine.kill()

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def kept(data: Path, paths: Iterable[Path]) -> Iterator[Path]:
    """Those of a data folder that mysqld needs to start on it."""
    for path in paths:
        place = path.relative_to(data).parts
        is_spare = place[0] == REDO and place[-1].endswith(SPARE)
        if place[0] not in LEFT_OUT and not is_spare:
            yield path
