"""What a member knows after a look at its engine: what a report needs besides it, and the term that a new primary begins."""

from moorage.engines.mysql import sight
from moorage.engines.mysql.connections import Connections
from moorage.engines.mysql.folder import DataFolder
from moorage.engines.mysql.joining import Joining
from moorage.engines.mysql.membership import Membership
from moorage.engines.mysql.naming import Naming
from moorage.engines.mysql.reporting import Known
from moorage.engines.mysql.sight import Look
from moorage.engines.mysql.view import OFFLINE, ONLINE, RECOVERING, compatibility_of


class Learning:
    """Of one member."""

    def __init__(
        self, naming: Naming, connections: Connections, folder: DataFolder, joining: Joining, membership: Membership
    ) -> None:
        self._naming, self._connections, self._folder = naming, connections, folder
        self._joining, self._membership = joining, membership

    async def learn(self, seen: Look, before: Known) -> Known:
        """`before`: what it knew after the look before. Raises EngineError, and OSError of its volume."""
        self._keep_peers(seen)
        position = await self._remember_group(seen)
        ledger, is_ready = seen.ledger, seen.view.is_primary and not seen.is_read_only and not seen.is_offline
        if is_ready and ledger is not None and ledger.holder != self._naming.pod:
            ledger = await self._membership.new_term(ledger)
        return Known(
            pod=self._naming.pod,
            look=seen,
            ledger=ledger or seen.ledger,
            is_leading=is_ready and ledger is not None,
            has_data=self._folder.has_data,
            position=position,
            companions=self._folder.companions,
            is_joining=self._joining.is_busy,
            copies_from=self._joining.copies_from,
            compatibility=compatibility_of(seen.view, before.compatibility),
            why_not=self._joining.why_not,
        )

    def _keep_peers(self, seen: Look) -> None:
        """Connections to those that count; before there is a group, to all that may become one."""
        counted = seen.ledger.counted if seen.ledger is not None else ()
        wanted = {pod: self._naming.of(pod) for pod in (counted or self._naming.siblings()) if pod != self._naming.pod}
        self._connections.keep_peers(wanted)
        if self._naming.pod in counted:
            self._folder.belongs_to_cluster()

    async def _remember_group(self, seen: Look) -> str:
        """In the volume: whom it is in a group with. What it holds, while it is in none."""
        if seen.view.is_in_group:
            self._folder.meets(m.pod for m in seen.view.with_state(ONLINE, RECOVERING))
        elif seen.view.state == OFFLINE and seen.ledger is not None and not self._joining.is_busy:
            return str((await sight.position(self._connections.local)).held)
        return ""
