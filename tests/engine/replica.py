"""A real replica set on loopback, with the keyfile and the certificate that members mount."""

import contextlib
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from moorage.certificates import draw_authority, draw_certificate
from moorage.engines.backup import MemberHost, Places
from moorage.engines.mongodb.connections import system_login
from tests.engine.programs import mongod
from tests.ports import HOST, free_port


def until(what: str, check: Callable[[], Any], seconds: float = 60.0) -> Any:
    """Waits for a condition; says what it waited for when it does not come."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(PyMongoError):
            if found := check():
                return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def mounts(folder: Path) -> Places:
    """What a Pod of the service mounts: keyfile and passwords, certificate and authority."""
    internal, tls, scratch = folder / "internal", folder / "tls", folder / "tmp"
    for made in (internal, tls, scratch):
        made.mkdir(parents=True)
    (internal / "keyfile").write_text(secrets.token_urlsafe(200).replace("-", "+").replace("_", "/") + "\n")
    for user in ("app", "admin"):
        (internal / f"{user}-password").write_text(secrets.token_urlsafe(24))
    now = datetime.now(UTC)
    authority = draw_authority("orders", "shop", now)
    values = draw_certificate(authority, "orders", "shop", {HOST}, now)
    for name, text in {**values, "ca.crt": authority["ca.crt"]}.items():
        (tls / name).write_text(text)
    (folder / "member.pem").write_text(values["tls.crt"] + values["tls.key"])
    (folder / "keyfile").write_text((internal / "keyfile").read_text())
    for secret in (folder / "member.pem", folder / "keyfile"):
        secret.chmod(0o400)
    return Places(internal=internal, tls=tls, data=folder / "no-data", scratch=scratch)


@dataclass
class Member:
    """One mongod."""

    name: str
    port: int
    data: Path
    process: subprocess.Popen[bytes] | None = None
    more: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        return f"{HOST}:{self.port}"


@dataclass
class ReplicaSet:
    """Its members, and what they mount."""

    folder: Path
    places: Places
    members: list[Member] = field(default_factory=list)
    name: str = "orders"
    oplog_mib: int = 990
    has_arbiter: bool = False
    """The last one."""

    def start(self, member: Member) -> None:
        member.data.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{member.name}.log").open("ab") as log:
            member.process = subprocess.Popen(
                [
                    str(mongod()), "--dbpath", str(member.data), "--port", str(member.port), "--bind_ip", HOST,
                    "--replSet", self.name,
                    "--keyFile", str(self.folder / "keyfile"), "--tlsMode", "preferTLS",
                    "--tlsCertificateKeyFile", str(self.folder / "member.pem"), "--tlsCAFile", str(self.places.tls / "ca.crt"),
                    "--tlsAllowConnectionsWithoutCertificates", "--wiredTigerCacheSizeGB", "0.25", "--nounixsocket",
                    "--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100",
                    "--oplogSize", str(self.oplog_mib), *member.more,
                ],
                stdout=log,
                stderr=log,
            )  # fmt: skip

    def stop(self, member: Member, *, how: str = "terminate") -> None:
        if member.process is not None:
            getattr(member.process, how)()
            member.process.wait(60)
            member.process = None

    def stop_all(self) -> None:
        for member in self.members:
            self.stop(member, how="kill")

    def hosts(self) -> list[MemberHost]:
        return [MemberHost(m.name, m.host) for m in self.members]

    @contextlib.contextmanager
    def client(self, member: Member | None = None, **options: Any) -> Iterator[MongoClient[dict[str, Any]]]:
        """As `__system`: to one member, or to the set."""
        where: dict[str, Any] = (
            {"host": member.host, "directConnection": True}
            if member
            else {"host": [m.host for m in self.members], "replicaSet": self.name}
        )
        chosen = {
            "serverSelectionTimeoutMS": 10_000,
            **system_login((self.places.internal / "keyfile").read_text().strip()),
            **options,
        }
        with MongoClient[dict[str, Any]](**where, tls=True, tlsCAFile=str(self.places.tls / "ca.crt"), **chosen) as client:
            yield client

    def initiate(self, first: Member) -> None:
        entries: list[dict[str, Any]] = [{"_id": i, "host": m.host} for i, m in enumerate(self.members)]
        if self.has_arbiter:
            entries[-1] |= {"arbiterOnly": True, "priority": 0}
        for member in self.members:
            self._until_it_answers(member)
        with self.client(first) as client:
            config = {
                "_id": self.name,
                "members": entries,
                "settings": {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500},
            }
            client.admin.command({"replSetInitiate": config})
        self.until_well()

    def _until_it_answers(self, member: Member) -> None:
        """One that is in no set yet has no user to log in as but by its keyfile."""
        with self.client(member) as client:
            until(f"{member.name} answers", lambda: client.admin.command("ping"))

    def until_well(self, seconds: float = 120.0) -> None:
        def well() -> bool:
            with self.client(self.members[0]) as client:
                states = sorted(m["state"] for m in client.admin.command("replSetGetStatus")["members"])
                return states == sorted([1] + [2] * (len(self.members) - 1 - self.has_arbiter) + [7] * self.has_arbiter)

        until("one primary, and all others secondaries", well, seconds)

    def primary(self) -> Member:
        return self._in_state(1)[0]

    def secondaries(self) -> list[Member]:
        return self._in_state(2)

    def _in_state(self, state: int) -> list[Member]:
        with self.client(next(m for m in self.members if m.process)) as client:
            names = {m["name"] for m in client.admin.command("replSetGetStatus")["members"] if m["state"] == state}
        return [m for m in self.members if m.host in names]


@contextlib.contextmanager
def running(
    folder: Path,
    count: int = 3,
    places: Places | None = None,
    data: Path | None = None,
    *,
    arbiter: bool = False,
    oplog_mib: int = 990,
    more: tuple[str, ...] = (),
) -> Iterator[ReplicaSet]:
    """A replica set; `data`: a folder that its first member starts on; `more`: arguments of every mongod."""
    given = places or mounts(folder / "mounts")
    home = folder / "mounts" if places is None else given.internal.parent
    set_ = ReplicaSet(home, given, oplog_mib=oplog_mib, has_arbiter=arbiter)
    set_.members = [Member(f"datanode{i}", free_port(), folder / f"data{i}", more=more) for i in range(count)]
    if data is not None:
        set_.members[0].data = data
    try:
        for member in set_.members:
            set_.start(member)
        set_.initiate(set_.members[0])
        yield set_
    finally:
        set_.stop_all()
