"""The replica set's configuration: one member more or less, by MongoDB's safe reconfiguration.

MongoDB refuses what a majority of the old and of the new members does not carry, and gives a new member no vote until it has
copied the data. Only `keep_alone`, which a person asked for, does without: the one place in which anything is forced.
"""

from collections.abc import Callable
from typing import Any

import structlog

from moorage.engines.member import OrderRefusedError
from moorage.engines.mongodb.connections import Client
from moorage.engines.mongodb.constants import STATE_PRIMARY, STATE_SECONDARY, pod_of
from moorage.engines.mongodb.succession import Command

log = structlog.get_logger()

Config = dict[str, Any]
NO_TERM = -1


def mark(term: int, version: int) -> str:
    """Names one configuration: every change, and every election, makes another one."""
    return f"{term}:{version}"


def mark_of(config: Config) -> str:
    """Of a configuration as the engine has it. One that was forced belongs to no term until it is changed again."""
    return mark(config.get("term", NO_TERM), config["version"])


def is_later(one: str, other: str) -> bool:
    """Of two marks: a later term, or a higher version in the same one; the version alone when one of them belongs to no term."""
    (term, version), (other_term, other_version) = (map(int, m.split(":")) for m in (one, other))
    if NO_TERM in (term, other_term):
        return version > other_version
    return (term, version) > (other_term, other_version)


def with_member(config: Config, entry: Config) -> Config:
    """A member that stands in it already is not changed."""
    if any(m["host"] == entry["host"] for m in config["members"]):
        return config
    return {**config, "members": [*config["members"], entry]}


def without_member(config: Config, pod: str) -> Config:
    return {**config, "members": [m for m in config["members"] if pod_of(m["host"]) != pod]}


def why_needed(config: Config, status: Config, configuration: str) -> str:
    """Why a member is not emptied that was to be for `configuration`; empty when nothing here speaks against it.

    `config` and `status` as the member has them: it may have been counted again since, or lead, or be alone. One that is out
    of the cluster has no status.
    """
    if is_later(mark_of(config), configuration):
        return "the cluster was changed since, and counts it"
    if status["myState"] == STATE_PRIMARY:
        return "it is the primary by now"
    others = [m for m in status["members"] if not m.get("self")]
    if not any(m["state"] == STATE_PRIMARY and m["health"] for m in others):
        return "it sees no primary"
    return ""


def alone(config: Config, status: Config) -> Config:
    """The configuration with nobody in it but the member that has this status."""
    me = next(m["name"] for m in status["members"] if m.get("self"))
    return {**config, "members": [m for m in config["members"] if m["host"] == me]}


def why_not_alone(config: Config, status: Config, configuration: str) -> str:
    """Why a member does not go on alone that was to do so for `configuration`; empty when nothing here speaks against it.

    `config` and `status` as the member has them at the last moment.
    """
    found, members = mark_of(config), status["members"]
    if found != configuration:
        return f"its configuration is {found} by now, and it was asked for {configuration}"
    if status["myState"] != STATE_SECONDARY:
        return "it is no secondary by now"
    heard = [m for m in members if m.get("self") or m["health"]]
    if primary := next((m for m in heard if m["state"] == STATE_PRIMARY), None):
        return f"it sees the primary {pod_of(primary['name'])}"
    if 2 * len(heard) > len(members):
        return f"it hears {len(heard)} of {len(members)} members, which elect among themselves"
    return ""


class Membership:
    """`local`: the member's own client; `command` raises EngineError."""

    def __init__(self, command: Command, local: Callable[[], Client | None]) -> None:
        self._command, self._local = command, local

    async def add(self, entry: Config, configuration: str) -> None:
        """`entry`: the member as the configuration lists it; `configuration`: the one that the order was made for."""
        await self._change(lambda config: with_member(config, entry), configuration)

    async def remove(self, pod: str, configuration: str) -> None:
        """Makes a new configuration also when the member does not stand in it: an order to add it is then out of date."""
        await self._change(lambda config: without_member(config, pod), configuration)

    async def _change(self, change: Callable[[Config], Config], configuration: str) -> None:
        config = (await self._command(self._local(), {"replSetGetConfig": 1}))["config"]
        found = mark_of(config)
        if found != configuration:
            log.info("order_out_of_date", wanted=configuration, found=found)
            return
        await self._command(self._local(), {"replSetReconfig": change(config) | {"version": config["version"] + 1}})

    async def keep_alone(self, configuration: str) -> None:
        """Once: whoever is alone already, from an earlier try whose answer was lost, is left so. Raises OrderRefusedError."""
        config = (await self._command(self._local(), {"replSetGetConfig": 1}))["config"]
        status = await self._command(self._local(), {"replSetGetStatus": 1})
        fresh = alone(config, status)
        if len(config["members"]) == 1 == len(fresh["members"]):
            return
        if why := why_not_alone(config, status, configuration):
            raise OrderRefusedError(why)
        log.warning("goes_on_alone", gave_up=[pod_of(m["host"]) for m in config["members"] if m not in fresh["members"]])
        await self._command(self._local(), {"replSetReconfig": fresh | {"version": config["version"] + 1}, "force": True})
