"""MySQL inside the agent: when it starts, stops and is looked at; how each is done stands in the modules beside this one."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from moorage.core.queries import Query, Row
from moorage.core.report import MemberReport, Role
from moorage.core.volume import Room
from moorage.engines.background import in_background
from moorage.engines.care import Care
from moorage.engines.lastwords import LastWords
from moorage.engines.livesettings import LiveSettings
from moorage.engines.localmember import LocalMember
from moorage.engines.member import EngineError, Home, Primary
from moorage.engines.mysql import sight
from moorage.engines.mysql.accounts import Accounts
from moorage.engines.mysql.accounts_sql import first_statements
from moorage.engines.mysql.clients import cut_clients
from moorage.engines.mysql.connections import Connections, secret_of
from moorage.engines.mysql.constants import GROUP_USER, OWN_USER, SPARE_PORT
from moorage.engines.mysql.damage import why_damaged
from moorage.engines.mysql.expulsion import Expulsion
from moorage.engines.mysql.folder import DataFolder
from moorage.engines.mysql.fullness import Fullness
from moorage.engines.mysql.globals import Globals, is_same
from moorage.engines.mysql.joining import Joining
from moorage.engines.mysql.keyless import Keyless
from moorage.engines.mysql.learning import Learning
from moorage.engines.mysql.ledger import Ledger
from moorage.engines.mysql.measuring import measure
from moorage.engines.mysql.membership import Membership
from moorage.engines.mysql.metrics import METRICS
from moorage.engines.mysql.naming import Address, split
from moorage.engines.mysql.orders import Orders
from moorage.engines.mysql.pacing import Pacing
from moorage.engines.mysql.process import ALWAYS, SOCKET_NAME, Mysqld, identity_arguments, place_arguments, tls_arguments
from moorage.engines.mysql.querying import Querying
from moorage.engines.mysql.reporting import Known, report_of
from moorage.engines.mysql.sight import Look
from moorage.engines.mysql.succession import Succession
from moorage.engines.mysql.writes import Writes

log = structlog.get_logger()

CALM_SECONDS, ALERT_SECONDS = 0.5, 0.05
"""Between two looks, while all is well and while somebody is missing: then a new primary is to be seen at once."""
SCRATCH = Path("/tmp")  # noqa: S108 - a private emptyDir


class MySqlMember(LocalMember):
    """Implements `member.Member`. `scratch`: for the socket and the last words."""

    spare_port = SPARE_PORT
    election_seconds_max = 6.0
    metrics = METRICS

    def __init__(self, home: Home, scratch: Path = SCRATCH) -> None:
        self._socket = scratch / SOCKET_NAME
        self._naming, self._arguments = split(home.pod, home.arguments)
        self._folder = DataFolder(home.data_dir)
        self._process = Mysqld(self._folder, self._socket)
        self._last_words, self._started_at = LastWords(scratch / "mysqld.log"), 0.0
        self._connections = Connections(self._socket, lambda: self._secret("keyfile"), home.tls_dir)
        self._measured = self._connections.to_local()
        settings = Globals(self._connections.local)
        super().__init__(home, self._process, self._folder, LiveSettings(settings.read, settings.write, is_same))
        self._joining = Joining(self._naming, self._connections, self._folder, lambda: self._password(GROUP_USER))
        self._succession = Succession(self._naming, self._connections, self._look)
        self._membership = Membership(self._naming, self._connections, self._joining, self._look)
        self._learning = Learning(self._naming, self._connections, self._folder, self._joining, self._membership)
        self._expulsion = Expulsion(self._naming, self._connections)
        self._fullness = Fullness(self._naming, self._connections, self._process)
        self._writes = Writes(self._connections, self._look, self._succession)
        self._care = Care(self._folder, self._process, self._last_words, why_damaged)
        self._orders = Orders(
            self._naming.pod, self._process, self._joining, self._membership, self._succession, self._care, self._look
        )
        self._accounts = Accounts(self._connections.local.rows, self._can_log_in, self._secret)
        self._querying = Querying(self._connections)
        self._keyless = Keyless(self._connections.local)
        self._pacing = Pacing(self._connections)
        self._tasks: list[asyncio.Task[None]] = []
        self._telling: asyncio.Task[None] | None = None
        self._known = Known()
        self._is_calm = self._is_in_group = False
        self._port = self.port

    @property
    def port(self) -> int:
        return self._naming.own.port

    @property
    def others(self) -> tuple[str, ...]:
        ledger = self._known.ledger
        counted = ledger.counted if ledger is not None else ()
        return tuple(self._naming.of(pod).host for pod in counted if pod != self._naming.pod)

    @property
    def leader(self) -> str:
        found = self._known.look.view.primary if self._known.look is not None else None
        return self._naming.of(found.pod).host if found is not None and found.pod else ""

    async def succeed(self, leader: str) -> None:
        """The group is told that it lost its primary; then it elects. Each survivor tells its own engine."""
        seen = await self._look()
        first = seen.view.primary
        if first is None or seen.ledger is None or not seen.view.is_whole or self._naming.of(first.pod).host != leader:
            return
        await self._expulsion.ask(first.pod, seen.ledger.group_name, [self._naming.pod])

    def _password(self, user: str) -> str:
        return secret_of(self._secret("keyfile"), user)

    async def _can_log_in(self, user: str, password: str) -> bool:
        return await self._connections.can_log_in(Address("127.0.0.1", self._port), user, password)

    async def _look(self) -> Look:
        return await sight.look(self._connections.local, self._naming)

    # Start and stop.

    async def why_not_start_empty(self, host: str) -> str:
        """It may: a member without data is in no group, so it has no vote, and it joins only once it has copied everything."""
        del host
        return ""

    async def start(self, *, at_spare_port: bool = False) -> None:
        await self._see_end()  # of the life before, where nobody saw it
        async with self._care.turn:  # the engine is not started while its data is put aside
            listens = self._care.look_at_last_run(self._started_at)
            await asyncio.to_thread(self._folder.before_start)
            if not self._folder.has_data:
                self._known = Known()
            self._port = SPARE_PORT if at_spare_port else self.port
            arguments = (
                *ALWAYS,
                *tls_arguments(self._home.tls_dir),
                *identity_arguments(self._naming),
                *place_arguments(self._naming.own, spare_port=SPARE_PORT if at_spare_port else None),
                *self._arguments,
            )
            secrets = {user: self._password(user) for user in (OWN_USER, GROUP_USER)}
            with self._last_words.heard(listens=listens) as output:
                await self._process.start(arguments, first_statements(secrets), output)
            self._joining.copied.clear()
            self._fullness.engine_starts()
            self._pacing.engine_starts()
            self._has_started()
            self._tasks = [
                in_background(self._joining.run(), "joining"),
                in_background(self._start_on_copy(), "copy"),
            ]
            self._started_at = time.monotonic()

    async def _start_on_copy(self) -> None:
        """Once a copy is whole mysqld stops, and the agent starts it again on the copy, which has taken its place by then."""
        await self._joining.copied.wait()
        async with self._care.turn:
            if not self._joining.copied.is_set():
                return  # the engine ended by itself, and was started again before this: it copies anew
            self._process.signal(signal.SIGKILL)  # what it ran on is thrown away
            await self._process.wait()
            try:
                await asyncio.to_thread(self._folder.take)
                self._folder.belongs_to_cluster()
            except OSError as error:  # it starts on what it had, and copies anew
                log.warning("copy_not_taken", error=str(error))

    async def _end_tasks(self) -> None:
        tasks, self._tasks = self._tasks, []
        if self._joining.copied.is_set():
            tasks = [t for t in tasks if t.get_name() != "copy"]  # it ends by itself, and the next start waits for it
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def stop(self) -> None:
        """In order: the others are told, and need not find out by silence. One that waits for room does not end in order."""
        await self._end_tasks()
        if self._process.is_running:
            if await self._fullness.is_waiting():
                self._process.signal(signal.SIGKILL)
            else:
                with contextlib.suppress(EngineError):
                    await self._joining.leave()
                    self._is_in_group = False
        await self._process.stop()
        await self._see_end()

    # What is seen.

    async def observe(self) -> MemberReport:
        """Returns when mysqld ended, else after a pause that is short while somebody is missing."""
        report = await super().observe()
        if not self._process.is_running:
            await self._see_end()
        return report

    async def _see_end(self) -> None:
        """Of one life of mysqld; it is told once, and also when the agent has something else to do meanwhile."""
        await self._end_tasks()
        was_in_group, self._is_in_group = self._is_in_group, False
        if was_in_group and self._known.ledger is not None:
            self._telling = in_background(self._tell_group_of_death(self._known.ledger), "tell-group")
        if self._telling is not None:
            await asyncio.wait({self._telling})  # it goes on when whoever waits is cancelled

    async def _tell_group_of_death(self, ledger: Ledger) -> None:
        """A primary is succeeded at once, and without a secondary the others' writes are slow."""
        try:
            await self._expulsion.ask(self._naming.pod, ledger.group_name, ledger.counted)
        except EngineError as error:
            log.warning("group_not_told", error=str(error))

    async def _ask_engine(self) -> MemberReport:
        await asyncio.sleep(CALM_SECONDS if self._is_calm else ALERT_SECONDS)
        if self._process.is_beginning:
            return MemberReport(role=Role.DOWN, has_data=False, message="its first data folder is being made")
        try:
            await self._live_settings.settle()
            seen = await self._look()
            self._is_in_group = seen.view.is_in_group
            self._known = await self._learning.learn(seen, self._known)
            await self._pacing.settle(seen.view)
        except (EngineError, OSError) as error:
            self._is_calm = False
            return MemberReport(role=Role.DOWN, has_data=self._folder.has_data, message=str(error))
        report = report_of(self._known)
        self._is_calm = report.role in (Role.PRIMARY, Role.SECONDARY, Role.UNINITIALIZED) and not report.peers_down
        if report.role in (Role.PRIMARY, Role.SECONDARY) and self._care.is_due():
            await self._care.tidy()
        if report.role is Role.PRIMARY:
            await self._accounts.look()
            await self._keyless.look()
            return replace(report, unwritable=self._keyless.said)
        self._keyless.forget()
        return report

    async def measure(self) -> Mapping[str, Any]:
        return {**await measure(self._measured), "keyless": self._keyless.document()}

    async def keep_reader(self) -> None:
        await self._querying.keep_reader()

    async def ask(self, query: Query) -> Sequence[Row]:
        return await self._querying.ask(query)

    async def is_reached_at(self, host: str) -> bool:
        """Whether a connection that is made now to `host` ends here."""
        found = await self._connections.uuid_at(Address(host, self.port))
        return found is not None and self._known.look is not None and found == self._known.look.view.uuid

    async def find_primary(self) -> Primary | None:
        return await self._succession.find_primary()

    # What is done.

    async def carry_out(self, action: str, body: dict[str, Any]) -> None:
        await self._orders.carry_out(action, body)

    async def prepare_primary(self) -> None:
        """Before the address leads here: the users exist."""
        await self._accounts.create()

    async def cut_clients(self) -> bool:
        await cut_clients(self._connections)
        return True

    async def settle_room(self, room: Room) -> None:
        if self._process.is_running and not self._process.is_beginning:
            await self._fullness.settle(room)

    async def settle_writes(self, room: Room, term: int) -> bool:
        return False if self._fullness.waits else await self._writes.settle(room, term)

    async def hand_over(self) -> None:
        await self._succession.hand_over()

    async def lose_data(self, order: str) -> None:
        await self._care.lose(order, self._succession.why_not_held_by_all)

    async def rescue(self) -> None:
        """The group was told when the engine's end was seen, and elects."""

    async def reload_certificates(self) -> None:
        """The files are read anew for what connects from now on; what is connected stays so."""
        try:
            await self._connections.local.rows("ALTER INSTANCE RELOAD TLS")
        finally:
            self._connections.renew()
