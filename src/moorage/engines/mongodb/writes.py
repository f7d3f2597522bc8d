"""Applications write only while enough members have room: MongoDB's own write block, which `admin` and the members may pass.

A write needs a majority of the members that hold data. So when too few of them have room, writes are stopped before anybody dies
of a full volume; reads go on, and an administrator can delete. When only the primary is short of room, another one takes over.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from pymongo.errors import PyMongoError

from moorage.core.volume import NEARLY_FULL_PERCENT, Room, is_full
from moorage.engines.member import EngineError
from moorage.engines.mongodb.connections import Client
from moorage.engines.mongodb.constants import STATE_PRIMARY, STATE_SECONDARY, pod_of
from moorage.engines.mongodb.succession import Command, Succession

log = structlog.get_logger()

CALM_SECONDS = 30.0
"""How often the others are asked while everybody has room."""
ANSWER_SECONDS_MAX = 1.0
HAND_OVER_PAUSE_SECONDS = 30.0
CALM_PERCENT = NEARLY_FULL_PERCENT - 15
MARK = {"_id": "writes-stopped"}
"""In `config.moorage`: we stopped them, so we let them go on. A block of somebody else's is left alone."""


def must_stop(holders: int, full: int, needed: int) -> bool:
    """`holders`: members with data; `full` of them have no room; a majority write needs `needed`."""
    return full > 0 and holders - full < needed


class Writes:
    """`local` and `peers` (host → client of each other member that holds data) are the member's own.

    `command` raises EngineError.
    """

    def __init__(
        self, command: Command, local: Callable[[], Client | None], peers: Mapping[str, Client], succession: Succession
    ) -> None:
        self._command, self._local, self._peers, self._succession = command, local, peers, succession
        self._full = dict[str, bool]()
        """As each peer said last. One that says nothing is not taken for full."""
        self._is_full, self._term, self._is_stopped = False, -1, False
        self._look_at = self._hand_over_at = 0.0

    @property
    def full_peers(self) -> frozenset[str]:
        """Hosts of the peers whose volumes were full when they were asked last."""
        return frozenset(host for host, is_full in self._full.items() if is_full)

    async def settle(self, room: Room, term: int) -> bool:
        """On the primary of `term`. Whether writes are stopped now."""
        self._is_full = is_full(room, was_full=self._is_full)
        is_calm = self._term == term and not self._is_stopped and not self._is_full and not any(self._full.values())
        if is_calm and room.used_percent < CALM_PERCENT and time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + CALM_SECONDS
        status = await self._command(self._local(), {"replSetGetStatus": 1})
        if status["myState"] != STATE_PRIMARY or int(status["term"]) != term:
            return False
        await self._ask_peers()
        is_sure = self._term == term
        if not is_sure:  # the mark may stand without a block: whoever set it was stopped in between
            self._is_stopped, self._term = await self._is_marked(), term
        full = self._is_full + sum(self._full.values())
        is_wanted = must_stop(len(self._peers) + 1, full, int(status.get("writeMajorityCount", 1)))
        if is_wanted != self._is_stopped or (is_wanted and not is_sure):
            self._term = -1  # until it is done nobody knows
            await (self._stop() if is_wanted else self._let_go_on())
            self._is_stopped, self._term = is_wanted, term
        if self._is_full and not is_wanted:
            await self._hand_over(status, term)
        return self._is_stopped

    async def _ask_peers(self) -> None:
        hosts = list(self._peers)
        found = await asyncio.gather(*(self._is_peer_full(host) for host in hosts))
        self._full = dict(zip(hosts, found, strict=True))

    async def _is_peer_full(self, host: str) -> bool:
        before = self._full.get(host, False)
        try:
            told = await asyncio.wait_for(self._command(self._peers[host], {"dbStats": 1}), ANSWER_SECONDS_MAX)
            size, used = int(told["fsTotalSize"]), int(told["fsUsedSize"])
        except (EngineError, TimeoutError, KeyError):
            return before
        return is_full(Room(size, size - used), was_full=before)

    async def _is_marked(self) -> bool:
        try:
            return await self._marks().find_one(MARK) is not None
        except PyMongoError as error:
            raise EngineError("config.moorage cannot be read") from error

    def _marks(self) -> Any:
        local = self._local()
        if local is None:
            raise EngineError("the engine was not reached yet")
        return local.config.moorage

    async def _stop(self) -> None:
        """The mark first: what stands there is taken back by whoever is primary when there is room."""
        log.warning("writes_stopped", why="too few members have room in their volumes", full=[*self._names_of_full()])
        try:
            await self._marks().update_one(MARK, {"$set": {"why": "volumes are full"}}, upsert=True)
        except PyMongoError as error:
            raise EngineError("config.moorage cannot be written") from error
        await self._command(self._local(), {"setUserWriteBlockMode": 1, "global": True})

    async def _let_go_on(self) -> None:
        await self._command(self._local(), {"setUserWriteBlockMode": 1, "global": False})
        try:
            await self._marks().delete_one(MARK)
        except PyMongoError as error:
            raise EngineError("config.moorage cannot be written") from error
        log.info("writes_go_on", why="there is room again")

    def _names_of_full(self) -> list[str]:
        return (["this member"] if self._is_full else []) + sorted(map(pod_of, self.full_peers))

    async def _hand_over(self, status: Mapping[str, Any], term: int) -> None:
        """To one that has room; when nobody takes it, it is tried again a while later."""
        if time.monotonic() < self._hand_over_at:
            return
        self._hand_over_at = time.monotonic() + HAND_OVER_PAUSE_SECONDS
        well = {m["name"] for m in status["members"] if m["state"] == STATE_SECONDARY and m["health"]}
        heirs = [host for host in self._peers if host in well and not self._full.get(host)]
        for heir in heirs:
            try:
                await self._succession.hand_over_to(pod_of(heir), term)
            except EngineError as error:
                log.warning("peer_did_not_take_over", peer=pod_of(heir), error=str(error))
                continue
            log.info("handed_over", to=pod_of(heir), why="this member's volume is full")
            return
