"""A real replication group on loopback: the members as their agents have them, each with a real mysqld.

Only what Kubernetes would do is done by hand: orders are given, and an engine that ended is started again.
"""

import asyncio
import contextlib
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql
from pymysql.cursors import DictCursor

from moorage.agent.volume import Volume
from moorage.core.report import MemberReport, Role
from moorage.engines.backup import Places
from moorage.engines.member import EngineError, Home
from moorage.engines.mysql import outage
from moorage.engines.mysql.connections import secret_of, verified
from moorage.engines.mysql.constants import FIRST_PORT_PLACE, GROUP_USER, HOST_PLACE
from moorage.engines.mysql.member import MySqlMember
from tests.engine.replica import mounts
from tests.ports import HOST, free_row

SMALL = (
    "--innodb-buffer-pool-size=64M", "--innodb-redo-log-capacity=64M", "--group-replication-message-cache-size=128M",
    "--group-replication-unreachable-majority-timeout=5", "--max-connections=60", "--performance-schema-digests-size=200",
)  # fmt: skip


@dataclass
class Life:
    """A member, and its agent's loop as far as it concerns the engine."""

    pod: str
    member: MySqlMember
    home: Home
    port: int
    is_wanted: bool = True
    """Its engine is started again when it ended."""
    report: MemberReport = field(default_factory=lambda: MemberReport(role=Role.DOWN))
    task: asyncio.Task[None] | None = None
    rescues: bool = True
    is_prepared: bool = False
    """It is primary and has its users: only then an agent leads the address to it."""
    told: list[tuple[float, MemberReport]] = field(default_factory=list)
    volume: Volume | None = None
    """Looked after, as an agent does; None: it is left alone."""
    starts: int = 0
    """How often its engine was started."""

    async def live(self) -> None:
        was_primary = False
        while True:
            if not self.member.is_running:
                if was_primary and self.rescues:
                    await self.member.rescue()
                was_primary = False
                if not self.is_wanted:
                    await asyncio.sleep(0.05)
                    continue
                if self.volume is not None and not await self._has_room(self.volume):
                    await asyncio.sleep(0.05)
                    continue
                await self.member.start()
                self.starts += 1
            report = await self.member.observe()
            if report != self.report:
                self.told.append((time.monotonic(), report))
            self.report = report
            was_primary = report.role is Role.PRIMARY or (was_primary and report.role is Role.DOWN)
            self.is_prepared = report.role is Role.PRIMARY and await self._prepare()

    async def _has_room(self, volume: Volume) -> bool:
        await volume.look(is_running=False)
        return volume.may_run

    async def keep_room(self) -> None:
        """The agent's own loop, with an engine that is held."""
        self.volume = Volume(self.home.data_dir)
        while True:
            await self.volume.look(is_running=self.member.is_running)
            await self.volume.settle_writes(self.member, self.report)
            if not self.volume.may_run and self.member.is_running:
                await self.member.stop()
            await asyncio.sleep(self.volume.pause_seconds)

    async def _prepare(self) -> bool:
        try:
            await self.member.prepare_primary()
        except EngineError:  # it is tried again at the next look
            return False
        return True


@dataclass
class Group:
    """All members of one service."""

    folder: Path
    places: Places
    first_port: int
    lives: list[Life] = field(default_factory=list)
    more: tuple[str, ...] = ()
    formed: set[tuple[str, str]] = field(default_factory=set)
    """Of each time that it was formed again, what names the order: the member and its configuration."""

    def add(self, ordinal: int) -> Life:
        pod = f"orders-g1-{ordinal}"
        data, scratch = self.folder / f"data{ordinal}", Path(tempfile.mkdtemp(prefix=f"m{ordinal}-", dir="/tmp"))
        data.mkdir(exist_ok=True)
        arguments = (f"{HOST_PLACE}{HOST}", f"{FIRST_PORT_PLACE}{self.first_port}", *SMALL, *self.more)
        home = Home(pod, arguments, data, self.places.internal, self.places.tls)
        life = Life(pod, MySqlMember(home, scratch), home, self.first_port + ordinal)
        life.task = asyncio.create_task(life.live(), name=pod)
        self.lives.append(life)
        return life

    async def until(self, what: str, check: Callable[[], Any], seconds: float = 60.0) -> Any:
        """Waits for a condition; says what it waited for when it does not come, and how everybody is."""
        deadline = time.monotonic() + seconds
        while True:
            for life in self.lives:
                if life.task is not None and life.task.done():
                    life.task.result()
            if found := check():
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {what}; {[(x.pod, x.report) for x in self.lives]}")
            await asyncio.sleep(0.02)

    async def initiate(self) -> None:
        """As the operator does, once all are empty."""
        await self.until("all run and are empty", lambda: all(x.report.role is Role.UNINITIALIZED for x in self.lives), 120)
        members = [{"pod": x.pod, "host": HOST} for x in self.lives]
        await self.order(self.lives[0], "initiate", {"members": members})
        await self.until_well()

    async def order(self, life: Life, action: str, body: Mapping[str, Any]) -> None:
        await life.member.carry_out(action, dict(body))

    async def until_well(self, seconds: float = 60.0) -> None:
        def well() -> bool:
            roles = sorted(x.report.role for x in self.lives)
            whole = all(not x.report.peers_down for x in self.lives)
            is_prepared = all(x.is_prepared for x in self.lives if x.report.role is Role.PRIMARY)
            return whole and is_prepared and roles == sorted([Role.PRIMARY, *[Role.SECONDARY] * (len(self.lives) - 1)])

        await self.until("one primary, and all others secondaries", well, seconds)

    def primary(self) -> Life:
        found = [x for x in self.lives if x.report.role is Role.PRIMARY]
        return max(found, key=lambda x: x.report.term)

    def secondaries(self) -> list[Life]:
        return [x for x in self.lives if x.report.role is Role.SECONDARY]

    async def form_again(self) -> Life:
        """As the operator does, by core's rule and the engine's."""
        await self.until("all are apart", lambda: all(x.report.role is Role.APART and x.report.position for x in self.lives), 60)
        positions = {x.pod: x.report.position for x in self.lives}
        found = outage.fullest(positions)
        assert found.pod, found.at_stake
        first = next(x for x in self.lives if x.pod == found.pod)
        once = (first.pod, first.report.configuration)
        assert once not in self.formed, f"{once} stands on the Pod since the outage before: an agent carries out an order once"
        self.formed.add(once)
        await self.order(first, "form-again", {"configuration": first.report.configuration, "positions": positions})
        return first

    def kill(self, life: Life) -> None:
        life.member.signal(signal.SIGKILL)

    @contextlib.contextmanager
    def client(self, life: Life, user: str = "admin", **how: Any) -> Any:
        """As a person connects, over TLS."""
        password = (
            secret_of((self.places.internal / "keyfile").read_text().strip(), user)
            if user == GROUP_USER
            else (self.places.internal / f"{user}-password").read_text()
        )
        chosen = {"connect_timeout": 2, "read_timeout": 10, "autocommit": True, **how}
        connection = pymysql.connect(
            host=HOST, port=life.port, user=user, password=password, ssl=verified(self.places.tls),
            cursorclass=DictCursor, **chosen,
        )  # fmt: skip
        try:
            yield connection
        finally:
            connection.close()

    def ask(self, life: Life, statement: str, user: str = "admin", **how: Any) -> list[dict[str, Any]]:
        with self.client(life, user, **how) as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


@contextlib.asynccontextmanager
async def running(
    folder: Path, count: int = 3, *, initiated: bool = True, more: tuple[str, ...] = (), places: Places | None = None
) -> AsyncIterator[Group]:
    """`places`: what the members mount, where somebody made it before."""
    group = Group(folder, places or mounts(folder / "mounts"), free_row(8), more=more)
    try:
        for ordinal in range(count):
            group.add(ordinal)
        if initiated:
            await group.initiate()
        yield group
    finally:
        for life in group.lives:
            life.is_wanted = False
            if life.task is not None:
                life.task.cancel()
            group.kill(life)
        await asyncio.gather(*(x.task for x in group.lives if x.task is not None), return_exceptions=True)
        for life in group.lives:
            await life.member._process.wait()
