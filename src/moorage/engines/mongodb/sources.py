"""Which member a worker reads from, and its connection there: as `__system`, the identity that the keyfile proves, over TLS."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bson.timestamp import Timestamp
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError

from moorage.engines.backup import BackupError, MemberHost, Places, Source, SourceLostError
from moorage.engines.mongodb.connections import said, system_login
from moorage.engines.mongodb.constants import STATE_SECONDARY

SyncClient = MongoClient[dict[str, Any]]

ANSWER_MS = 3_000
LAG_SECONDS_MAX = 10
"""A secondary that is this close to the freshest one is as good a source."""
STATE_PRIMARY = 1
AUTHENTICATION_FAILED = 18


@dataclass(frozen=True)
class Standing:
    """What a member says of itself."""

    member: MemberHost
    state: int
    applied: Timestamp
    committed: Timestamp
    rollbacks: int
    """Rises when the member took something back."""


class Sources:
    """The members' own words."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def password(self) -> str:
        """What the keyfile says."""
        return (self._places.internal / "keyfile").read_text().strip()

    def authority(self) -> str:
        return str(self._places.tls / "ca.crt")

    @contextlib.contextmanager
    def client(self, member: MemberHost, timeout_ms: int = ANSWER_MS) -> Iterator[SyncClient]:
        client: SyncClient = MongoClient(
            member.host,
            directConnection=True,
            serverSelectionTimeoutMS=timeout_ms,
            connectTimeoutMS=timeout_ms,
            socketTimeoutMS=timeout_ms * 3,
            tls=True,
            tlsCAFile=self.authority(),
            **system_login(self.password()),
        )
        with client:
            yield client

    def ask(self, member: MemberHost, over: SyncClient | None = None) -> Standing:
        """`over`: a connection to it that is open already; who asks often pays for one handshake and not for each.

        Raises SourceLostError when it does not answer, BackupError when it does not know the keyfile.
        """
        try:
            if over is not None:
                return standing(member, over)
            with self.client(member) as client:
                return standing(member, client)
        except OperationFailure as error:
            if error.code == AUTHENTICATION_FAILED:
                raise BackupError(f"{member.name} does not accept the keyfile of this service: {said(error)}") from error
            raise SourceLostError(f"{member.name} cannot be read from: {said(error)}") from error
        except PyMongoError as error:
            raise SourceLostError(f"{member.name} does not answer: {_why(error)}") from error

    def choose(self, members: Sequence[MemberHost], without: Sequence[str] = ()) -> Source:
        """The first in their order of the secondaries that are about as fresh as the freshest; if there is none, the primary."""
        asked, silent = [], []
        for member in (m for m in members if m.name not in without):
            try:
                asked.append(self.ask(member))
            except BackupError as error:
                silent.append(str(error))
        fresh = _fresh([s for s in asked if s.state == STATE_SECONDARY], [s.applied for s in asked])
        if fresh:
            return Source(fresh[0].member, f"{fresh[0].member.name} is a healthy secondary and up to date")
        primary = next((s for s in asked if s.state == STATE_PRIMARY), None)
        if primary is not None:
            return Source(
                primary.member, f"{primary.member.name}, the primary, is read from: no other member is healthy and up to date"
            )
        tried = f"; tried before: {', '.join(without)}" if without else ""
        states = [f"{s.member.name} is neither primary nor secondary" for s in asked]
        raise BackupError(f"no member can be read from: {'; '.join(silent + states) or 'none was named'}{tried}")


def _fresh(secondaries: Sequence[Standing], all_applied: Sequence[Timestamp]) -> list[Standing]:
    newest = max((t.time for t in all_applied), default=0)
    near = [s for s in secondaries if newest - s.applied.time <= LAG_SECONDS_MAX]
    alone = len(all_applied) == len(secondaries)  # no primary answers: the freshest of what there is
    return near or (sorted(secondaries, key=lambda s: s.applied, reverse=True) if alone else [])


def standing(member: MemberHost, client: SyncClient) -> Standing:
    """Raises PyMongoError."""
    status = client.admin.command("replSetGetStatus")
    me = next(m for m in status["members"] if m.get("self"))
    committed = status["optimes"]["lastCommittedOpTime"]["ts"]
    return Standing(member, me["state"], me["optime"]["ts"], committed, client.admin.command("replSetGetRBID")["rbid"])


def timeline(client: SyncClient) -> str:
    """The replica set's own id: another one after every restore."""
    return str(client.admin.command("replSetGetConfig")["config"]["settings"]["replicaSetId"])


def _why(error: PyMongoError) -> str:
    text = str(error).partition(", Timeout:")[0]
    if isinstance(error, ConnectionFailure) and "certificate" in text.lower():
        return f"its certificate is not accepted ({text[:200]})"
    return text[:200]
