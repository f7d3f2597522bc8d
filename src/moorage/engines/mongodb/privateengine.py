"""A mongod of its own on a data folder: reached by a socket file that only this worker sees, so it needs no log-in."""

import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from moorage.engines.backup import BackupError
from moorage.engines.tools import die_with_parent

SyncClient = MongoClient[dict[str, Any]]

START_SECONDS_MAX = 120.0
SOCKET_LOOK_SECONDS = 0.02
STOP_SECONDS_MAX = 600.0
"""The last checkpoint writes what the cache still holds."""
LOG_LINES = 5


class PrivateEngine:
    """The process and a client to it."""

    def __init__(self, data: Path, scratch: Path, cache_gib: float) -> None:
        # a short path: a socket's may have 107 characters
        self._folder = Path(tempfile.mkdtemp(prefix="seed-", dir=scratch))
        self._log = self._folder / "mongod.log"
        self.socket = self._folder / "s.sock"
        self.uri = f"mongodb://{quote(str(self.socket), safe='')}"
        self._process = subprocess.Popen(
            [
                "mongod", "--dbpath", str(data), "--bind_ip", str(self.socket), "--logpath", str(self._log),
                "--wiredTigerCacheSizeGB", f"{cache_gib:.2f}",
                # nothing may expire before its service is back, and nothing may be written that the backup does not hold
                "--setParameter", "ttlMonitorEnabled=false",
                "--setParameter", "disableLogicalSessionCacheRefresh=true",
                "--setParameter", "diagnosticDataCollectionEnabled=false",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the thread that starts it lives as long as the worker
        )  # fmt: skip
        self.client: SyncClient = MongoClient(self.uri, directConnection=True, connect=False, serverSelectionTimeoutMS=1_000)

    def wait_until_ready(self) -> None:
        """Raises BackupError."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self.socket.exists() and self._process.poll() is None and time.monotonic() < deadline:
            time.sleep(SOCKET_LOOK_SECONDS)  # the client, once refused, looks again only after half a second
        while True:
            try:
                self.client.admin.command("ping")
                return
            except PyMongoError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise BackupError(f"mongod did not start on the volume: {self.last_words()}") from error

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def last_words(self) -> str:
        """The end of its log."""
        try:
            return " / ".join(self._log.read_text(errors="replace").splitlines()[-LOG_LINES:])[-1500:]
        except OSError:
            return "it wrote no log"

    def stop(self) -> None:
        """In order: a member can start on the folder. Raises BackupError."""
        self.client.close()
        self._process.terminate()
        try:
            code = self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise BackupError(f"mongod did not end within {STOP_SECONDS_MAX:.0f} seconds") from error
        if code != 0:
            raise BackupError(f"mongod ended badly ({code}): {self.last_words()}")

    def kill(self) -> None:
        if self.is_running:
            self._process.kill()
            self._process.wait()
        self.client.close()  # it says good-bye, and would wait for an engine that hangs
