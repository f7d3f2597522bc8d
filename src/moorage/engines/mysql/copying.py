"""A physical copy of a member, in the worker's own folder: the Clone plugin brings it, a private mysqld brings it to one moment.

The member needs no room for it and is not asked for its rows: that happens in the copy, where nothing changes any more. A copy
that mysqld started on once is also known to be good before it is kept.
"""

import shutil
import tarfile
import threading
from collections.abc import Mapping
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, cast

import pymysql
import structlog

from moorage.engines.backup import BackupError, MemberHost, SourceLostError
from moorage.engines.mysql import figures, figuring
from moorage.engines.mysql.accounts_sql import quoted
from moorage.engines.mysql.constants import GROUP_USER
from moorage.engines.mysql.privateengine import GROUP_PLUGINS, MIB, OPEN, PrivateEngine, make_folder
from moorage.engines.mysql.sources import Sources, said

log = structlog.get_logger()

POOL_BYTES = 64 * MIB
PIECE_BYTES = MIB
LEFT_OUT = frozenset({"auto.cnf", "mysqld.pid", "ib_buffer_pool", "#clone"})
"""What says who a member is, or only speeds it up."""
LOOK_SECONDS = 0.5


class Copy:
    """In a folder that goes with it. `stop`: who waits is set free."""

    def __init__(self, folder: Path, scratch: Path, tls: Path, stop: threading.Event) -> None:
        self._folder, self._scratch, self._tls, self._stop = folder, scratch, tls, stop
        self.data = folder / "copy"
        self._engine: PrivateEngine | None = None
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

    def settle(self) -> tuple[str, dict[str, Any]]:
        """Brings the copy to its moment; the version that it has, and its figures. Raises BackupError."""
        self._raise_if_stopped()
        engine = self._engine = PrivateEngine(self.data, self._scratch, POOL_BYTES, OPEN)
        try:
            engine.wait_until_ready()

            def ask(statement: str) -> list[Mapping[str, Any]]:
                self._raise_if_stopped()
                return list(engine.rows(statement))

            (row,) = ask("SELECT @@version AS version, @@GLOBAL.gtid_executed AS executed")
            found = figures.to_json(figures.PHYSICAL, figuring.tables_of(ask), figuring.totals_of(ask))
            found["executed"] = row["executed"]
            engine.stop()
            return str(row["version"]), found
        finally:
            self._end_engine()

    def _end_engine(self) -> None:
        if self._engine is not None:
            self._engine.kill()
            shutil.rmtree(self._engine.folder, ignore_errors=True)

    def _raise_if_stopped(self) -> None:
        if self._stop.is_set() or self._is_over.is_set():
            raise BackupError("the backup was stopped before it was complete")

    def pack(self, pipe: RawIOBase) -> None:
        """The files as tar. Raises OSError."""
        target = cast("BinaryIO", pipe)
        with tarfile.open(fileobj=target, mode="w|", format=tarfile.PAX_FORMAT, bufsize=PIECE_BYTES) as tar:
            tar.copybufsize = PIECE_BYTES  # type: ignore[attr-defined]
            for path in sorted(self.data.iterdir()):
                if path.name not in LEFT_OUT:
                    tar.add(path, path.name, filter=_plain)

    def end(self) -> None:
        """Whoever is at it in another thread is set free."""
        self._is_over.set()
        self._watcher.join()
        if self._engine is not None:
            self._engine.kill()

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    """Whoever unpacks it owns it."""
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o750 if info.isdir() else 0o640
    return info
