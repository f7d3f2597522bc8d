"""The faults of drills, made in the agent's own member: at most once, soon after they were asked for, only while all is well."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from moorage.api.drill_kinds import DrillKind
from moorage.core.report import MemberReport, Role
from moorage.engines.member import Member, OrderRefusedError

log = structlog.get_logger()

MARK = Path("/tmp/moorage-drill")  # noqa: S108 - a private emptyDir: it outlives the agent and goes with the Pod, like its order
"""Holds the order of the last fault and how far it is, as STATE ORDER; an agent that comes back makes no fault twice."""
BEGUN, MADE, REFUSED = "begun", "made", "refused"
"""What takes no time, or ends the agent itself, is noted as made before it is: nobody could do so afterwards."""
CALM = (Role.PRIMARY, Role.SECONDARY)


def die() -> None:
    """As a crash of the agent does: the engine goes with it, and nobody says goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


class Faults:
    """Of one member. `block` stops the whole agent for so many seconds."""

    def __init__(
        self,
        member: Member,
        mark: Path = MARK,
        *,
        block: Callable[[float], None] = time.sleep,
        die: Callable[[], None] = die,
    ) -> None:
        self._member, self._mark, self._block, self._die = member, mark, block, die

    async def carry_out(self, order_id: str, body: dict[str, Any], report: MemberReport) -> bool:
        """Makes the fault; whether the engine is dead now. `report`: how the member is.

        Raises OrderRefusedError, and EngineError when it is to be tried again.
        """
        kind, before = str(body["kind"]), self._read()
        if before == (MADE, order_id):
            return False
        if before == (REFUSED, order_id):
            raise OrderRefusedError("it was refused before the agent was started anew")
        if before != (BEGUN, order_id):
            _check_calm(report)
        if kind == DrillKind.MEMBER_DATA_LOSS:
            await self._lose_data(order_id)
            return False
        self._note(MADE, order_id)
        log.warning("drill", kind=kind, seconds=body["seconds"])
        match kind:
            case DrillKind.PRIMARY_CRASH | DrillKind.SECONDARY_CRASH:
                self._member.signal(signal.SIGKILL)
                return True
            case DrillKind.PRIMARY_FREEZE:
                await self._freeze(body["seconds"])
            case DrillKind.NODE_LOSS:
                self._fall_silent(body["seconds"])
            case DrillKind.AGENT_CRASH:
                self._die()
        return False

    async def _lose_data(self, order_id: str) -> None:
        """It takes a while and may fail halfway, but can be gone on with: that it is made is noted once it is."""
        self._note(BEGUN, order_id)
        log.warning("drill", kind=DrillKind.MEMBER_DATA_LOSS)
        try:
            await self._member.lose_data(order_id)
        except OrderRefusedError:
            self._note(REFUSED, order_id)
            raise
        self._note(MADE, order_id)

    def _read(self) -> tuple[str, str]:
        """State and order, both empty when nothing is noted."""
        try:
            state, _, order_id = self._mark.read_text().partition(" ")
        except OSError:
            return "", ""
        return state, order_id

    def _note(self, state: str, order_id: str) -> None:
        try:
            self._mark.write_text(f"{state} {order_id}")
        except OSError as error:
            raise OrderRefusedError(f"what it begins cannot be noted: {error.strerror or error}") from error

    async def _freeze(self, seconds: float) -> None:
        """An agent that is stopped meanwhile lets it go on all the same."""
        self._member.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                self._member.signal(signal.SIGCONT)

    def _fall_silent(self, seconds: float) -> None:
        """Neither the engine nor this agent answers anybody; then both are gone, as after a loss of power."""
        self._member.signal(signal.SIGSTOP)
        self._block(seconds)
        self._die()


def _check_calm(report: MemberReport) -> None:
    """What was decided elsewhere and a moment ago is looked at once more, as this member sees it. Raises OrderRefusedError."""
    if report.role not in CALM or report.peers_down or report.damage:
        seen = f"it does not hear {', '.join(report.peers_down)}" if report.peers_down else f"it is {report.role}"
        raise OrderRefusedError(f"a drill begins only while all is well, and {report.damage or seen}")
