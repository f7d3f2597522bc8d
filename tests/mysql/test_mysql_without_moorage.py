"""A backup and its log come back with stock tools alone, as `docs/engines/mysql.md` says it."""

import asyncio
import shlex
import subprocess
import time
from pathlib import Path

import pytest

from tests.engine.tasks import Worker
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import running
from tests.mysql.mysql_tasks import FOLDER, archiving, backup, prepare, worker_of
from tests.mysql.test_mysql_point_in_time import insert, stored_slices

BETWEEN_PIECES = r"/\tStart: binlog v/a SET @@SESSION.GTID_NEXT='AUTOMATIC'/*!*/;"
ALONE = ("--skip-networking", "--skip-grant-tables", "--secure-file-priv=NULL", "--mysqlx=OFF")


@pytest.fixture(autouse=True)
def _on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", mysql_programs.path())


def shell(command: str) -> str:
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def bring_back(worker: Worker, folder: Path) -> list[int]:
    """What a person types; the numbers that are there then."""
    data, socket, identity = folder / "mysql", folder / "s.sock", worker.folder / "identity/identity"
    data.mkdir(parents=True)
    archive = worker.stored(f"{FOLDER}/archive.zst.age")
    shell(f"age -d -i {identity} {archive} | zstd -d | tar x -C {data}")
    words = ["mysqld", "--no-defaults", f"--datadir={data}", f"--socket={socket}", f"--log-error={folder / 'log'}"]
    mysqld = subprocess.Popen([*words, *ALONE, "--gtid-mode=ON", "--enforce-gtid-consistency=ON"])
    try:
        deadline = time.monotonic() + 120
        while not socket.exists():
            assert mysqld.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)  # the pace of a wait for its socket
        logs = " ".join(shlex.quote(str(path)) for path in sorted(worker.stored("mysql/shop/orders/log").rglob("*.zst.age")))
        mysql = f"mysql --no-defaults --socket={socket} --user=root"
        shell(
            f"{{ printf '\\376bin'; for slice in {logs}; do age -d -i {identity} $slice | zstd -d; done; }}"
            f" | mysqlbinlog --no-defaults - | sed {shlex.quote(BETWEEN_PIECES)} | {mysql} --binary-mode"
        )
        return [int(line) for line in shell(f"{mysql} -N -e 'SELECT n FROM app.numbers ORDER BY n'").split()]  # noqa: S608
    finally:
        mysqld.kill()
        mysqld.wait()


async def test_a_backup_and_its_log_come_back_with_stock_tools(tmp_path: Path) -> None:
    async with running(tmp_path / "old", 1) as group:
        await prepare(group)
        worker = worker_of(group, tmp_path / "w")
        async with archiving(group, worker):
            insert(group, 1)
            await backup(group, worker)
            insert(group, 2)
            await asyncio.sleep(2.5)  # the archiver reads at most a second behind
        async with archiving(group, worker):
            insert(group, 3)
            await asyncio.sleep(2.5)  # as above
    assert len(stored_slices(worker)) >= 2
    assert await asyncio.to_thread(bring_back, worker, tmp_path / "by-hand") == [1, 2, 3]
