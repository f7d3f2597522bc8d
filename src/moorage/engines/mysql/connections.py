"""The agent's connections to mysqld: its own over the socket, its peers' over TLS. By PyMySQL, in threads that end.

Each session has one thread; every answer is small and awaited for a bounded time, so that no thread hangs (decision 0021).
"""

import asyncio
import contextlib
import hashlib
import hmac
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from moorage.engines.member import EngineError
from moorage.engines.mysql.constants import GROUP_USER, OWN_SESSION, OWN_USER, READER
from moorage.engines.mysql.naming import Address

Row = dict[str, Any]
Opened: TypeAlias = "Connection[DictCursor]"

LOCAL_SECONDS, PEER_SECONDS, PROBE_SECONDS = 1.5, 1.0, 0.5
LONG_SECONDS = 180.0
"""For what takes its time by design: to join a group, to hand over."""
COPY_SECONDS = 7 * 24 * 3600.0
ACCESS_DENIED, NO_SUCH_DATABASE, NO_SUCH_TABLE = 1045, 1049, 1146
_NOW = f"{OWN_SESSION}, SESSION group_replication_consistency = EVENTUAL"
"""What only looks never waits for a backlog, as others do at a member that was just elected."""


class RefusedError(EngineError):
    """mysqld answered with an error; `code` is its number."""

    def __init__(self, said: str, code: int) -> None:
        super().__init__(said)
        self.code = code


def secret_of(keyfile: str, user: str) -> str:
    """Password of one of Moorage's own users, from the secret that all members share. MySQL takes 32 characters at most."""
    return hmac.new(keyfile.encode(), f"mysql:{user}".encode(), hashlib.sha256).hexdigest()[:32]


def verified(folder: Path) -> ssl.SSLContext:
    """The other side's certificate is checked by the authority, and so is its name."""
    return ssl.create_default_context(cafile=str(folder / "ca.crt"))


class Session:
    """One connection, opened when it is first wanted and again when it was lost. `open_` is called in its own thread."""

    def __init__(self, open_: Callable[[], Opened]) -> None:
        self._open = open_
        self._connection: Opened | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mysql")
        self._is_closed = False

    async def rows(self, statement: str, given: tuple[Any, ...] = ()) -> list[Row]:
        """The rows of one statement; none when it has no answer. Raises EngineError; RefusedError with mysqld's number."""
        self._must_be_open(statement)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._ask, statement, given)

    async def row(self, statement: str, given: tuple[Any, ...] = ()) -> Row:
        """Of a statement that answers with one. Raises EngineError, also when it does not."""
        found = await self.rows(statement, given)
        if len(found) != 1:
            raise EngineError(f"{_name(statement)}: the engine answered with {len(found)} rows where there is always one")
        return found[0]

    async def transaction(self, statements: Sequence[tuple[str, tuple[Any, ...]]]) -> bool:
        """All or none of them. False: the first one changed no row, so nothing was done.

        After an error that is no RefusedError nobody knows whether it was.
        """
        self._must_be_open("START TRANSACTION")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._do, statements)

    def close(self) -> None:
        """Returns at once; what is still asked ends by itself. Whoever goes on asking is told as by one that does not answer."""
        self._is_closed = True
        self._thread.submit(self._close)
        self._thread.shutdown(wait=False)

    def _must_be_open(self, statement: str) -> None:
        if self._is_closed:
            raise EngineError(f"{_name(statement)}: its connection was closed")

    def _connected(self) -> Opened:
        if self._connection is None or not self._connection.open:
            self._connection = self._open()
        return self._connection

    def _ask(self, statement: str, given: tuple[Any, ...]) -> list[Row]:
        try:
            with self._connected().cursor() as cursor:
                cursor.execute(statement, given or None)
                return list(cursor.fetchall())
        except (pymysql.MySQLError, OSError, ValueError) as error:
            raise self._failed(statement, error) from error

    def _do(self, statements: Sequence[tuple[str, tuple[Any, ...]]]) -> bool:
        what = "START TRANSACTION"
        try:
            connection = self._connected()
            connection.begin()
            with connection.cursor() as cursor:
                for number, (statement, given) in enumerate(statements):
                    what = statement
                    if not cursor.execute(statement, given or None) and not number:
                        connection.rollback()
                        return False
            what = "COMMIT"
            connection.commit()
        except (pymysql.MySQLError, OSError, ValueError) as error:
            failed = self._failed(what, error)
            self._close()
            raise failed from error
        return True

    def _failed(self, statement: str, error: Exception) -> EngineError:
        """An answer leaves the connection as it is; anything else ends it."""
        name = _name(statement)
        code = error.args[0] if isinstance(error, pymysql.MySQLError) and error.args else None
        if isinstance(code, int) and not 2000 <= code < 3000:
            return RefusedError(f"{name}: the engine says: {error.args[-1]}", code)
        self._close()
        return EngineError(f"{name}: the engine does not answer")

    def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(pymysql.MySQLError, OSError):
                self._connection.close()
            self._connection = None


def _name(statement: str) -> str:
    """It may hold a password."""
    return " ".join(statement.split()[:2])


class Connections:
    """`peers`: Pod name → session with that member's engine, for as long as somebody may ask it."""

    def __init__(self, socket: Path, keyfile: Callable[[], str], tls: Path) -> None:
        self._socket, self._keyfile, self._tls = socket, keyfile, tls
        self._peers: dict[str, tuple[Address, Session]] = {}
        self.local = self.to_local()
        """For what is asked all the time."""

    @property
    def peers(self) -> Mapping[str, Session]:
        return {pod: session for pod, (_, session) in self._peers.items()}

    def to_local(self, seconds: float = LOCAL_SECONDS, *, waits: bool = False) -> Session:
        """A session of its own with the member's engine; whoever made it closes it. `waits`: for the backlog, as clients do."""

        def open_() -> Opened:
            return pymysql.connect(
                unix_socket=str(self._socket),
                user=OWN_USER,
                password=secret_of(self._keyfile(), OWN_USER),
                connect_timeout=1,
                read_timeout=seconds,
                write_timeout=seconds,
                autocommit=True,
                charset="utf8mb4",
                ssl_disabled=True,
                init_command=OWN_SESSION if waits else _NOW,
                cursorclass=DictCursor,
            )

        return Session(open_)

    def reader_password(self) -> str:
        return secret_of(self._keyfile(), READER)

    def to_read(self, database: str | None, seconds: int) -> Session:
        """A session as the user that only reads, for one question: the engine ends it after `seconds`, and it can write nothing.
        Whoever made it closes it."""
        waits = f"SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}"
        limits = f"SESSION max_execution_time = {seconds * 1000}, SESSION transaction_read_only = 1, {waits}"

        def open_() -> Opened:
            return pymysql.connect(
                unix_socket=str(self._socket),
                user=READER,
                password=self.reader_password(),
                database=database,
                connect_timeout=1,
                read_timeout=seconds + 1,
                write_timeout=1,
                autocommit=True,
                charset="utf8mb4",
                ssl_disabled=True,
                init_command=f"{_NOW}, {limits}",
                cursorclass=DictCursor,
            )

        return Session(open_)

    def keep_peers(self, wanted: Mapping[str, Address]) -> None:
        """Sessions with the peers stay open while all is well: a crash is no time for handshakes."""
        for pod in set(self._peers) - set(wanted):
            self._peers.pop(pod)[1].close()
        for pod, address in wanted.items():
            if pod not in self._peers or self._peers[pod][0] != address:
                if pod in self._peers:
                    self._peers.pop(pod)[1].close()
                self._peers[pod] = (address, self.to_peer(address))

    def renew(self) -> None:
        """The authorities changed: what is opened from now on trusts those of today."""
        kept = {pod: address for pod, (address, _) in self._peers.items()}
        self.keep_peers({})
        self.keep_peers(kept)

    def to_peer(self, address: Address, seconds: float = PEER_SECONDS) -> Session:
        return Session(lambda: self.open_to_peer(address, seconds))

    def open_to_peer(self, address: Address, seconds: float = PEER_SECONDS, kind: type[Opened] = Connection) -> Opened:
        """Blocks. Raises what PyMySQL raises. `kind`: of the connection that is made."""
        password = secret_of(self._keyfile(), GROUP_USER)
        return self._open_at(address, GROUP_USER, password, seconds, verified(self._tls), kind)

    async def can_log_in(self, address: Address, user: str, password: str) -> bool:
        """Whether a user's password is good there. Raises EngineError when nobody answers."""
        session = Session(lambda: self._open_at(address, user, password, LOCAL_SECONDS, self._unverified()))
        try:
            await session.rows("SELECT 1")
        except RefusedError as error:
            if error.code != ACCESS_DENIED:
                raise
            return False
        finally:
            session.close()
        return True

    async def uuid_at(self, address: Address) -> str | None:
        """The server at which a connection made now ends; None when none can be made."""
        password = secret_of(self._keyfile(), GROUP_USER)
        session = Session(lambda: self._open_at(address, GROUP_USER, password, PROBE_SECONDS, self._unverified()))
        try:
            return str((await session.row("SELECT @@server_uuid AS uuid"))["uuid"])
        except EngineError:
            return None
        finally:
            session.close()

    def _unverified(self) -> ssl.SSLContext:
        """Of the authority, by whatever name: the address has one of its own, and which member answers is the question."""
        context = verified(self._tls)
        context.check_hostname = False
        return context

    @staticmethod
    def _open_at(
        address: Address, user: str, password: str, seconds: float, tls: ssl.SSLContext, kind: type[Opened] = Connection
    ) -> Opened:
        return kind(
            host=address.host,
            port=address.port,
            user=user,
            password=password,
            connect_timeout=seconds,
            read_timeout=seconds,
            write_timeout=seconds,
            autocommit=True,
            charset="utf8mb4",
            ssl=tls,
            init_command=OWN_SESSION,
            cursorclass=DictCursor,
        )
