"""Members find each other also while the cluster's DNS is away: the agent remembers where they were.

An engine looks its peers up whenever it connects. Without DNS a secondary whose source died finds no other one, and a service
that could fail over takes no writes that a majority must confirm.
"""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable

import structlog

from moorage.agent.hosts import HostsFile
from moorage.core.report import MemberReport, Role

log = structlog.get_logger()

CALM_SECONDS, SOON_SECONDS = 10.0, 0.5
ANSWER_SECONDS_MAX = 0.5
NORMAL = (Role.PRIMARY, Role.SECONDARY, Role.ARBITER)


class NoAnswerError(Exception):
    """DNS did not answer, which says nothing of the name."""


async def look_up(host: str) -> str | None:
    """The name's address, or None when it has none. Raises NoAnswerError."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise NoAnswerError(host) from None
    except socket.gaierror as error:
        if error.errno in (socket.EAI_NONAME, socket.EAI_NODATA):
            return None
        raise NoAnswerError(host) from error
    return str(found[0][4][0])


class Lookups:
    """`probe`: a name that never stands in the file; `others`: host names of the other members; `report`: the member's newest."""

    def __init__(
        self,
        probe: str,
        others: Callable[[], tuple[str, ...]],
        report: Callable[[], MemberReport],
        open_file: Callable[[], HostsFile] = HostsFile,
        find: Callable[[str], Awaitable[str | None]] = look_up,
    ) -> None:
        self._probe, self._others, self._report = probe, others, report
        self._open_file, self._find = open_file, find
        self._known: dict[str, str] = {}
        self._is_down = False
        self._turn = asyncio.Event()

    def turn(self) -> None:
        """The member or one of its peers is not as it was."""
        self._turn.set()

    async def run(self) -> None:
        """For as long as the agent lives. While the file cannot be written DNS is all there is."""
        file: HostsFile | None = None
        told = ""
        while True:
            self._turn.clear()
            try:
                file = file or self._open_file()
                await self.look(file)
                said = ""
            except OSError as error:
                said = str(error)
            if said and said != told:
                log.warning("hosts_not_kept", error=said)
            told = said
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._turn.wait(), CALM_SECONDS if self._is_calm() else SOON_SECONDS)

    async def look(self, file: HostsFile) -> None:
        """Once. Raises OSError."""
        try:
            await self._find(self._probe)
        except NoAnswerError:
            self._say(is_down=True)
            known = file.kept | self._known
            file.tell({host: known[host] for host in self._others() or known if host in known})
            return
        file.tell({})  # first: else what is asked next would be answered by the file
        self._say(is_down=False)
        for host in self._others():
            with contextlib.suppress(NoAnswerError):
                if found := await self._find(host):
                    self._known[host] = found

    def _say(self, *, is_down: bool) -> None:
        if is_down != self._is_down:
            log.warning("dns_is_away", known=len(self._known)) if is_down else log.info("dns_is_back")
        self._is_down = is_down

    def _is_calm(self) -> bool:
        report = self._report()
        return not self._is_down and report.role in NORMAL and not report.peers_down
