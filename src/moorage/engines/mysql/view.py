"""What a member's engine says of its group, and what follows from it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from moorage.engines.mysql.naming import Address, Naming

ONLINE, RECOVERING, UNREACHABLE, ERROR, OFFLINE = "ONLINE", "RECOVERING", "UNREACHABLE", "ERROR", "OFFLINE"
PRIMARY = "PRIMARY"

ASK_VIEW = """
SELECT m.MEMBER_ID AS uuid, m.MEMBER_HOST AS host, m.MEMBER_PORT AS port, m.MEMBER_STATE AS state, m.MEMBER_ROLE AS role,
  m.MEMBER_VERSION AS version, s.COUNT_TRANSACTIONS_IN_QUEUE AS waiting, s.COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE AS applies
FROM performance_schema.replication_group_members m
LEFT JOIN performance_schema.replication_group_member_stats s ON s.MEMBER_ID = m.MEMBER_ID
""".strip()

ASK_SELF = """
SELECT @@server_uuid AS uuid, @@version AS version, @@GLOBAL.super_read_only AS is_read_only, @@GLOBAL.offline_mode AS is_offline
""".strip()

ASK_POSITION = """
SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged, COALESCE((
  SELECT RECEIVED_TRANSACTION_SET FROM performance_schema.replication_connection_status
  WHERE CHANNEL_NAME = 'group_replication_applier'), '') AS received
""".strip()


@dataclass(frozen=True)
class Seen:
    """A member as the group lists it."""

    uuid: str
    pod: str
    state: str
    is_primary: bool = False
    queue: int = 0
    """Transactions that it received and did not apply yet."""
    applies: int = 0
    """Those of them that it is about to apply. None while it still receives from another one what it lacks."""
    version: str = ""
    """Of its mysqld, such as 9.7.1."""


@dataclass(frozen=True)
class View:
    """The group as one member sees it."""

    uuid: str
    """Its own."""
    members: tuple[Seen, ...] = ()

    @property
    def me(self) -> Seen | None:
        return next((m for m in self.members if m.uuid == self.uuid), None)

    @property
    def primary(self) -> Seen | None:
        """Also while it is not heard any more, until the group removed it."""
        return next((m for m in self.members if m.is_primary), None)

    @property
    def state(self) -> str:
        return self.me.state if self.me is not None else OFFLINE

    @property
    def has_majority(self) -> bool:
        """Whether more than half of the group can be reached from here; only then does anything it says count."""
        heard = [m for m in self.members if m.state in (ONLINE, RECOVERING)]
        return 2 * len(heard) > len(self.members)

    @property
    def is_in_group(self) -> bool:
        return self.state in (ONLINE, RECOVERING)

    @property
    def is_whole(self) -> bool:
        """It is in a group that can decide."""
        return self.is_in_group and self.has_majority

    @property
    def is_primary(self) -> bool:
        return self.is_whole and self.me is not None and self.me.is_primary and self.state == ONLINE

    def with_state(self, *states: str) -> tuple[Seen, ...]:
        return tuple(m for m in self.members if m.state in states)


def view_of(uuid: str, rows: Iterable[Mapping[str, Any]], naming: Naming) -> View:
    """From the rows of ASK_VIEW. An engine that is in no group lists itself, sometimes without its name."""
    members = [
        Seen(
            uuid=row["uuid"],
            pod=naming.pod if row["uuid"] == uuid else naming.pod_at(Address(row["host"], int(row["port"] or 0))),
            state=row["state"],
            is_primary=row["role"] == PRIMARY,
            queue=int(row["waiting"] or 0) + int(row["applies"] or 0),
            applies=int(row["applies"] or 0),
            version=row["version"] or "",
        )
        for row in rows
        if row["uuid"]
    ]
    return View(uuid, tuple(sorted(members, key=lambda m: m.pod)))


def compatibility_of(view: View, before: str) -> str:
    """Series, such as 9.7, of the newest mysqld that opened a copy of the data: an older one cannot open that copy any more.

    `before`: what was known before, so that a member that is just away is not forgotten; it never goes back.
    """
    found = {".".join(m.version.split(".")[:2]) for m in view.members if m.version} | ({before} if before else set())
    return max(found, key=lambda series: tuple(map(int, series.split("."))), default="")


def peers_down(view: View, counted: Iterable[str]) -> tuple[str, ...]:
    """Counted members (by Pod name) that the group does not hear."""
    heard = {m.pod for m in view.with_state(ONLINE, RECOVERING)}
    return tuple(sorted(set(counted) - heard))
