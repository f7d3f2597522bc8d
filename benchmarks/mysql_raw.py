"""A replication group made by hand: three mysqld on loopback as MySQL's manual sets them up, and nothing of Moorage.

Same programs, same memory, same durability. All about failures is MySQL's default: a silent member is suspected after 5 s and
expelled 5 s later.
"""

import contextlib
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pymysql
from pymysql.cursors import DictCursor

from tests.mysql.mysql_group import SMALL
from tests.ports import HOST, free_row

MEMBERS, PASSWORD = 3, "by-hand"
T = TypeVar("T")
USERS = f"""
SET SQL_LOG_BIN = 0;
CREATE USER 'app'@'%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON *.* TO 'app'@'%';
CREATE USER 'repl'@'%' IDENTIFIED BY '{PASSWORD}' REQUIRE SSL;
GRANT REPLICATION SLAVE, CONNECTION_ADMIN, BACKUP_ADMIN, GROUP_REPLICATION_STREAM ON *.* TO 'repl'@'%';
""".strip()
ALWAYS = (
    "--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--log-bin=binlog", "--sync-binlog=1",
    "--innodb-flush-log-at-trx-commit=1", "--mysqlx=OFF", "--secure-file-priv=NULL",
    "--plugin-load-add=group_replication.so", "--plugin-load-add=mysql_clone.so",
    "--group-replication-communication-stack=MYSQL", "--group-replication-ssl-mode=REQUIRED",
    "--group-replication-recovery-use-ssl=ON", "--group-replication-start-on-boot=OFF",
    "--group-replication-consistency=BEFORE_ON_PRIMARY_FAILOVER",
)  # fmt: skip
OURS = ("unreachable-majority",)
"""What is left out of the tests' settings for small members."""


@dataclass
class Member:
    """One mysqld."""

    port: int
    data: Path
    process: subprocess.Popen[bytes] | None = None


class RawGroup:
    """As a context; `seconds` is how long it took from three empty folders until all three were in the group."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._name = folder, str(uuid.uuid4())
        first = free_row(MEMBERS)
        self.lives = [Member(first + i, folder / f"raw{i}") for i in range(MEMBERS)]
        self._scratch = Path(tempfile.mkdtemp(prefix="raw-", dir="/tmp"))  # sockets need short names
        self.seconds = 0.0

    def __enter__(self) -> "RawGroup":
        began = time.monotonic()
        with contextlib.ExitStack() as undone:
            undone.callback(self.__exit__)
            self._found()
            undone.pop_all()
        self.seconds = time.monotonic() - began
        return self

    def _found(self) -> None:
        users = self._scratch / "users.sql"
        users.write_text(USERS)
        for member in self.lives:
            member.process = _mysqld(f"--datadir={member.data}", "--initialize-insecure", f"--init-file={users}")
        for member in self.lives:
            assert member.process is not None
            assert member.process.wait() == 0, f"no data folder at {member.data}"
            self.start(member)
        self._join(self.lives[0], bootstrap=True)
        for member in self.lives[1:]:
            self._join(member)
        self.until_well()

    def __exit__(self, *_: object) -> None:
        for member in self.lives:
            self.kill(member)
        shutil.rmtree(self._scratch)

    def start(self, member: Member) -> None:
        """Returns when it answers; it is in no group yet."""
        seeds = ",".join(f"{HOST}:{m.port}" for m in self.lives)
        member.process = _mysqld(
            f"--datadir={member.data}", f"--socket={self._scratch}/{member.port}.sock",
            f"--pid-file={self._scratch}/{member.port}.pid",
            f"--port={member.port}", f"--bind-address={HOST}", f"--report-host={HOST}", f"--server-id={member.port}",
            f"--log-error={self._scratch}/{member.port}.log", f"--group-replication-group-name={self._name}",
            f"--group-replication-local-address={HOST}:{member.port}", f"--group-replication-group-seeds={seeds}",
            *ALWAYS, *(s for s in SMALL if not any(word in s for word in OURS)),
        )  # fmt: skip
        _until(f"{member.port} answers", lambda: self.ask(member, "SELECT 1 AS one"))

    def rejoin(self, member: Member) -> None:
        """After a kill."""
        self.start(member)
        self._join(member)
        self.until_well()

    def _join(self, member: Member, *, bootstrap: bool = False) -> None:
        login = f"USER = 'repl', PASSWORD = '{PASSWORD}'"

        def joined() -> bool:  # it is refused while the group still lists its engine of before
            self.ask(member, f"SET GLOBAL group_replication_bootstrap_group = {'ON' if bootstrap else 'OFF'}")
            self.ask(member, f"START GROUP_REPLICATION {login}", read_timeout=120)
            self.ask(member, "SET GLOBAL group_replication_bootstrap_group = OFF")
            return True

        _until(f"{member.port} joins", joined, 120)

    def kill(self, member: Member) -> None:
        if member.process is not None:
            member.process.kill()
            member.process.wait()

    def primary(self) -> Member:
        """As the members say that are in a group with a majority."""
        return _until("there is a primary", self._primary)

    def _primary(self) -> Member | None:
        for member in self.lives:
            with contextlib.suppress(pymysql.MySQLError, OSError):
                listed = self.members(member)
                if sum(m["MEMBER_STATE"] == "ONLINE" for m in listed) < MEMBERS // 2 + 1:
                    continue
                port = next((m["MEMBER_PORT"] for m in listed if m["MEMBER_ROLE"] == "PRIMARY"), None)
                return next((m for m in self.lives if m.port == port), None)
        return None

    def members(self, member: Member) -> list[dict[str, Any]]:
        return self.ask(member, "SELECT * FROM performance_schema.replication_group_members")

    def until_well(self) -> None:
        def well() -> bool:
            return all([m["MEMBER_STATE"] for m in self.members(member)] == ["ONLINE"] * MEMBERS for member in self.lives)

        _until("all three are in the group", well, 120)

    @contextlib.contextmanager
    def client(self, life: Member, user: str = "app", **how: Any) -> Iterator[Any]:
        chosen = {"connect_timeout": 2, "read_timeout": 10, "autocommit": True, **how}
        connection = pymysql.connect(
            host=HOST,
            port=life.port,
            user=user,
            password=PASSWORD,
            ssl={"check_hostname": False},
            cursorclass=DictCursor,
            **chosen,
        )
        try:
            yield connection
        finally:
            connection.close()

    def ask(self, life: Member, statement: str, user: str = "app", **how: Any) -> list[dict[str, Any]]:
        with self.client(life, user, **how) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


def _mysqld(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["mysqld", "--no-defaults", *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _until(what: str, check: Callable[[], T | None], seconds: float = 60.0) -> T:
    deadline, last = time.monotonic() + seconds, ""
    while True:
        try:
            if found := check():
                return found
        except (pymysql.MySQLError, OSError) as error:
            last = str(error)
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}; {last}"
        time.sleep(0.05)
