"""What an agent says about its member. Standard library only: this runs in every member, where each megabyte counts."""

import json
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

from moorage.core.volume import Level, VolumeState


class Role(StrEnum):
    """What a member is to its engine."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    ARBITER = "arbiter"
    CATCHING_UP = "catching-up"
    """Copies or replays data; cannot serve yet."""
    UNINITIALIZED = "uninitialized"
    """Runs with an empty data folder and belongs to no cluster."""
    REMOVED = "removed"
    """Has data, and the engine's configuration does not count it (any more, or yet)."""
    APART = "apart"
    """Has data, is counted, and runs outside of any cluster: an engine that forms one only when it is told to."""
    DOWN = "down"
    """The engine does not run or does not answer its agent."""


@dataclass(frozen=True)
class MemberReport:
    """JSON in the Pod's annotation. Holds nothing that changes while the member is idle."""

    role: Role
    term: int = 0
    """The engine's term, which rises with every primary; 0 when it has none."""
    has_data: bool = True
    """False only when the agent saw an empty data folder."""
    engine_version: str = ""
    peers_down: tuple[str, ...] = ()
    """Members (by Pod name) that the engine itself does not hear."""
    configured: tuple[str, ...] = ()
    """Members (by Pod name) of the engine's own configuration."""
    configuration: str = ""
    """The engine's mark of its configuration: another one after every change. An order to change it names the one it is for."""
    voters: int = 0
    """Members of that configuration that have a vote; one that still copies has none. 0: the engine does not say."""
    compatibility: str = ""
    """Version that the data is kept usable for; the primary says it, of an engine that has such a thing."""
    damage: str = ""
    """Why it cannot come back by itself with the data that it has; empty when it can. It stays until the data is put aside."""
    volume: VolumeState = field(default_factory=VolumeState)
    """How full its volume is."""
    are_writes_stopped: bool = False
    """The primary says it: applications may read and not write, since too few members have room for more."""
    taken_back: str = ""
    """What it keeps of writes that it took back, as a sentence without its name. It is normal all the same."""
    unwritable: str = ""
    """What of the data takes no writes for a reason of its own, and what to do, as a sentence; the primary says it."""
    clock: str = ""
    """In which way its clock differs from those of the others; empty when it does not."""
    settings: str = ""
    """Which settings that it was told while it runs its engine does not use, and why, as a sentence without its name."""
    queries: str = ""
    """Which queries that become metrics it does not answer, and why, as a sentence without its name."""
    excluded: bool = False
    """Its engine is stopped because the member was given up, and stays so until it may start again."""
    companions: tuple[str, ...] = ()
    """Members (by Pod name, itself among them) of the last cluster that it was in, while it is apart; else empty."""
    position: str = ""
    """What it holds, in the engine's own words, while it is apart and nothing of it changes; else empty."""
    order_done: str = ""
    """Id of the last order that was carried out."""
    order_error: str = ""
    """Why the order that stands is not carried out yet, or never will be."""
    order_refused: str = ""
    """Id of an order that will never be carried out: whoever still wants it asks anew."""
    heard_after: str = ""
    """When its Pod was last called not ready by the word of its node alone, as it stood there: the agent ran after that."""
    message: str = ""
    """One sentence about what is abnormal; empty when nothing is."""

    def to_json(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def from_json(text: str) -> MemberReport:
    """The report of an annotation; fields of a later version are ignored. Raises ValueError when it cannot be read."""
    try:
        found = json.loads(text)
        known = {f.name: found[f.name] for f in fields(MemberReport) if f.name in found}
        known |= {name: tuple(map(str, known[name])) for name in ("peers_down", "configured", "companions") if name in known}
        known |= {"role": Role(known["role"]), "term": int(known.get("term", 0)), "voters": int(known.get("voters", 0))}
        known["volume"] = _volume(known.get("volume") or {})
        return MemberReport(**known)
    except (TypeError, KeyError, ValueError) as error:
        msg = f"'{text[:200]}' is not a member's report"
        raise ValueError(msg) from error


def _volume(found: dict[str, Any]) -> VolumeState:
    known = {f.name: int(found[f.name]) for f in fields(VolumeState) if f.name in found and f.name != "level"}
    return VolumeState(level=Level(found.get("level", Level.OK)), **known)
