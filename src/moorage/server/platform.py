"""Everything that lives as long as the server's process."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from moorage.door import Door
from moorage.kube.client import KubeError
from moorage.kube.person import Persons
from moorage.server.cache import Cache
from moorage.server.encryption import Encrypted
from moorage.server.monitors import Acknowledgements, Alertmanager, Past
from moorage.server.part_secrets import PartSecrets
from moorage.server.parts import Part
from moorage.server.people.accounts import Accounts
from moorage.server.people.audit import Audit
from moorage.server.people.keeping import Keeper
from moorage.server.people.passwords import Passwords
from moorage.server.people.records import Kind
from moorage.server.people.sessions import Sessions
from moorage.server.people.throttle import Throttle
from moorage.server.rows import Rows
from moorage.server.settings import Settings
from moorage.server.sight import Sights
from moorage.views.row import ServiceRow, service_row

log = structlog.get_logger()
SWEEP_SECONDS = 3_600.0
RETRY_SECONDS = 2.0


def utc_now() -> datetime:
    return datetime.now(UTC)


class Platform:
    """What every request may need."""

    def __init__(
        self,
        settings: Settings,
        persons: Persons,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self.persons, self.clock, self.monotonic = settings, persons, clock, monotonic
        self.cache = Cache()
        self.rows: Rows[ServiceRow] = Rows(service_row)
        self._keeper = Keeper(persons.own, settings.namespace)
        self.passwords = Passwords()
        self.accounts = Accounts(self._keeper, persons.own, self.passwords, clock)
        self.sessions = Sessions(self._keeper, clock)
        self.audit = Audit(persons.own, settings.namespace, settings.identity, clock)
        self.throttle = Throttle()
        self.encrypted = (
            Encrypted(persons.own, settings.namespace, settings.encryption, clock) if settings.encryption is not None else None
        )
        self.part_secrets = [PartSecrets(persons.own, settings.namespace, service, clock) for service in sorted(settings.draws)]
        self._parts: list[Part] = []
        self.relay = self._part("the relay", settings.relay)
        prometheus, alertmanager = (
            self._part("Prometheus", settings.prometheus),
            self._part("Alertmanager", settings.alertmanager),
        )
        self.past = Past(prometheus) if prometheus is not None else None
        self.alertmanager = Alertmanager(alertmanager) if alertmanager is not None else None
        self._was_ready = False
        self.sights = Sights(persons, self.spaces, monotonic)

    def spaces(self) -> list[str]:
        """Names of all namespaces."""
        return [obj["metadata"]["name"] for obj in self.cache.all("Namespace")]

    @property
    def is_ready(self) -> bool:
        """Whether everything was read once. While the API server does not answer, what was read last is still shown."""
        self._was_ready = self._was_ready or (self.cache.is_ready and self._keeper.is_ready)
        return self._was_ready

    async def run(self) -> None:
        """Watches and housekeeping, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.cache.keep(self.persons.own))
            for kind in Kind:
                tasks.create_task(self._keeper.keep(kind))
            tasks.create_task(self._make_first())
            tasks.create_task(self._sweep())
            if self.encrypted is not None:
                tasks.create_task(self.encrypted.keep())
            for secrets in self.part_secrets:
                tasks.create_task(secrets.keep())
            if self.alertmanager is not None:
                tasks.create_task(Acknowledgements(self.alertmanager, self.clock).keep())

    async def close(self) -> None:
        for part in self._parts:
            await part.close()
        await self.persons.close()

    def _part(self, name: str, door: Door | None) -> Part | None:
        if door is None:
            return None
        self._parts.append(Part(name, door))
        return self._parts[-1]

    async def _make_first(self) -> None:
        while True:
            with suppress(KubeError):
                if self._keeper.is_ready:
                    await self.accounts.make_first()
                    return
            await asyncio.sleep(RETRY_SECONDS)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await self.sessions.sweep()
                await self.audit.sweep()
            except KubeError as error:
                log.warning("not_swept", error=str(error))
