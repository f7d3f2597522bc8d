"""The room that is kept for repair: a file in each volume, given up when the engine could not start or go on without it. Pure.

An engine that died for want of room needs some to start again: MongoDB 6.0.5 on a volume of 1 GiB did not start with 80 MiB and
started with 96 MiB, and takes its journal in files of 100 MiB.
"""

from dataclasses import dataclass
from enum import StrEnum

from moorage.core.volume import MIB, ROOM_AGAIN, Room, full_below_bytes

RESERVE_SHARE, RESERVE_BYTES_MIN, RESERVE_BYTES_MAX = 0.02, 160 * MIB, 256 * MIB
ENOUGH = 0.9
"""A file system that others use, too, seems to breathe: what is nearly as large as it should be is left as it is."""
START_BYTES = 128 * MIB
"""With less no engine is started: it would die, and take what is left with it."""
STOP_BYTES = 32 * MIB
"""With less a running engine is stopped in order, before it dies in the middle of a write."""


class Keep(StrEnum):
    """What becomes of the file."""

    AS_IT_IS = "as-it-is"
    MAKE = "make"
    GIVE_UP = "give-up"


@dataclass(frozen=True)
class Held:
    """Whether the engine may run, and what becomes of the reserve before it is asked again."""

    keep: Keep
    may_run: bool


def reserve_bytes(size_bytes: int) -> int:
    """Of a small volume never more than a quarter, so that it is of use at all."""
    return min(max(int(size_bytes * RESERVE_SHARE), RESERVE_BYTES_MIN), RESERVE_BYTES_MAX, size_bytes // 4)


def judge(room: Room, kept_bytes: int, *, is_running: bool) -> Held:
    """`kept_bytes`: what the file takes now. It is made again only where there is room in any case, so that nothing flaps."""
    least = STOP_BYTES if is_running else START_BYTES
    if room.free_bytes < least:
        return Held(Keep.GIVE_UP, may_run=True) if kept_bytes else Held(Keep.AS_IT_IS, may_run=False)
    wanted = reserve_bytes(room.size_bytes)
    is_roomy = room.free_bytes + kept_bytes - wanted >= full_below_bytes(room.size_bytes) * ROOM_AGAIN
    return Held(Keep.MAKE if kept_bytes < wanted * ENOUGH and is_roomy else Keep.AS_IT_IS, may_run=True)
