"""Which member a worker reads from, and its connection there: as the group's own user, over TLS."""

import contextlib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from moorage.engines.backup import BackupError, MemberHost, Places, Source, SourceLostError
from moorage.engines.mysql.connections import ACCESS_DENIED, secret_of, verified
from moorage.engines.mysql.constants import GROUP_USER, OWN_SESSION
from moorage.engines.mysql.view import ONLINE, PRIMARY

Opened: TypeAlias = "Connection[DictCursor]"

ANSWER_SECONDS = 3.0
QUEUE_MAX = 1000
"""A secondary with this few transactions to apply is as good a source as the freshest."""

ASK_STANDING = """
SELECT m.MEMBER_STATE AS state, m.MEMBER_ROLE AS role, @@GLOBAL.group_replication_group_name AS timeline, @@version AS version,
  COALESCE(s.COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE, 0) AS queue,
  (SELECT COUNT(*) FROM performance_schema.replication_group_members) AS members,
  (SELECT COUNT(*) FROM performance_schema.replication_group_members WHERE MEMBER_STATE IN ('ONLINE', 'RECOVERING')) AS heard
FROM performance_schema.replication_group_members m
LEFT JOIN performance_schema.replication_group_member_stats s ON s.MEMBER_ID = m.MEMBER_ID
WHERE m.MEMBER_ID = @@server_uuid
""".strip()


@dataclass(frozen=True)
class Standing:
    """What a member says of itself."""

    member: MemberHost
    state: str
    is_primary: bool
    is_majority: bool
    """Whether its group can decide."""
    queue: int
    timeline: str
    """The group's name: another one after every restore."""
    version: str

    @property
    def is_good(self) -> bool:
        return self.state == ONLINE and self.is_majority


class Sources:
    """The members' own words."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def password(self) -> str:
        return secret_of((self._places.internal / "keyfile").read_text().strip(), GROUP_USER)

    def context(self) -> ssl.SSLContext:
        return verified(self._places.tls)

    @contextlib.contextmanager
    def client(self, member: MemberHost, seconds: float = ANSWER_SECONDS, *, admin: bool = False) -> Iterator[Opened]:
        """`admin`: as the administrator of the data, who may read it; the group's user may only copy. Raises BackupError."""
        host, _, port = member.host.rpartition(":")
        password = (self._places.internal / "admin-password").read_text().strip() if admin else self.password()
        try:
            connection = pymysql.connect(
                host=host, port=int(port), user="admin" if admin else GROUP_USER, password=password, ssl=self.context(),
                connect_timeout=ANSWER_SECONDS, read_timeout=seconds, write_timeout=seconds, autocommit=True, charset="utf8mb4",
                init_command=f"{OWN_SESSION}, SESSION group_replication_consistency = EVENTUAL", cursorclass=DictCursor,
            )  # fmt: skip
        except (pymysql.MySQLError, OSError) as error:
            raise _refused(member, error) from error
        try:
            yield connection
        finally:
            with contextlib.suppress(pymysql.MySQLError, OSError):
                connection.close()

    def ask(self, member: MemberHost) -> Standing:
        """Raises SourceLostError when it does not answer, BackupError when it does not know the service's secret."""
        with self.client(member) as client:
            return standing(member, client)

    def choose(self, members: Sequence[MemberHost], without: Sequence[str] = ()) -> Source:
        """The first in their order of the secondaries that are about up to date; if there is none, the primary."""
        asked, silent = list[Standing](), list[str]()
        for member in (m for m in members if m.name not in without):
            try:
                asked.append(self.ask(member))
            except BackupError as error:
                silent.append(str(error))
        good = [s for s in asked if s.is_good]
        fresh = [s.member for s in good if not s.is_primary and s.queue <= QUEUE_MAX]
        if fresh:
            return Source(fresh[0], f"{fresh[0].name} is a healthy secondary and up to date")
        primary = next((s.member for s in good if s.is_primary), None)
        if primary is not None:
            return Source(primary, f"{primary.name}, the primary, is read from: no other member is healthy and up to date")
        tried = f"; tried before: {', '.join(without)}" if without else ""
        states = [_why_not(s) for s in asked]
        raise BackupError(f"no member can be read from: {'; '.join(silent + states) or 'none was named'}{tried}")


def standing(member: MemberHost, client: Opened) -> Standing:
    """Raises SourceLostError."""
    found = rows(member, client, ASK_STANDING)
    if not found:
        raise SourceLostError(f"{member.name} is in no group")
    row = found[0]
    return Standing(
        member, row["state"], row["role"] == PRIMARY, 2 * int(row["heard"]) > int(row["members"]), int(row["queue"]),
        str(row["timeline"]), str(row["version"]),
    )  # fmt: skip


def rows(member: MemberHost, client: Opened, statement: str) -> list[Mapping[str, Any]]:
    """Raises SourceLostError."""
    try:
        with client.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())
    except (pymysql.MySQLError, OSError) as error:
        raise SourceLostError(f"{member.name} cannot be read from: {said(error)}") from error


def said(error: Exception) -> str:
    return str(error.args[-1] if error.args else error)[:300]


def _refused(member: MemberHost, error: Exception) -> BackupError:
    if isinstance(error, pymysql.MySQLError) and error.args and error.args[0] == ACCESS_DENIED:
        return BackupError(f"{member.name} does not accept the password of this service: {said(error)}")
    return SourceLostError(f"{member.name} does not answer: {said(error)}")


def _why_not(found: Standing) -> str:
    if found.state != ONLINE:
        return f"{found.member.name} is {found.state} in its group"
    if not found.is_majority:
        return f"{found.member.name} hears no majority of its group"
    return f"{found.member.name} has {found.queue} transactions to apply"
