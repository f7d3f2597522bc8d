"""Who is signed in, and tokens for programs. Each can be revoked, and then it is over at every replica."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hmac import compare_digest

from moorage.server.people.keeping import Keeper
from moorage.server.people.records import Kind, Session, Way, digest_of, id_of, session_secret
from moorage.wishes.requests import instant

SESSION_HOURS = 12
TOKEN_DAYS_MAX = 366
TOKEN_PREFIX = "moorage_"  # noqa: S105 - what scanners of leaked secrets find tokens by
SECRET_LENGTH = 43
"""Characters of 32 random bytes."""


class Sessions:
    """Every session and token of this console."""

    def __init__(self, keeper: Keeper, clock: Callable[[], datetime]) -> None:
        self._keeper, self._clock = keeper, clock

    async def begin(self, name: str, way: Way, *, groups: list[str], address: str, agent: str) -> tuple[Session, str]:
        """The session and its secret, which only the browser keeps."""
        secret = secrets.token_urlsafe(32)
        return await self._keep(
            secret, name=name, way=way, groups=groups, address=address, agent=agent, lasts=timedelta(hours=SESSION_HOURS)
        ), secret

    async def make_token(self, of: Session, label: str, days: int, address: str) -> tuple[Session, str]:
        """A token with the rights of its owner; its secret is shown this once."""
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        session = await self._keep(
            secret,
            name=of.name,
            way=Way.TOKEN,
            groups=of.groups,
            address=address,
            agent="",
            lasts=timedelta(days=days),
            label=label,
            owner_way=of.owner_way if of.way is Way.TOKEN else of.way,
        )
        return session, secret

    async def find(self, secret: str) -> Session | None:
        """The session of this secret while it lasts."""
        if len(secret.removeprefix(TOKEN_PREFIX)) != SECRET_LENGTH:
            return None
        digest = digest_of(secret)
        found = await self._keeper.find(Kind.SESSION, session_secret(id_of(digest)), Session)
        if found is None or not compare_digest(found.digest, digest) or found.is_over(self._clock()):
            return None
        return found

    def still(self, session: Session) -> bool:
        """Whether it was not revoked meanwhile and is not over; of the copy, so that it may be asked often."""
        known = self._keeper.known(Kind.SESSION, session_secret(session.id), Session)
        return known is not None and not known.is_over(self._clock())

    def of(self, owner: str | None = None) -> list[Session]:
        """Newest first; `owner` None: of everybody."""
        found = (s for s in self._keeper.all(Kind.SESSION, Session) if owner in (None, s.owner))
        return sorted(found, key=lambda s: s.created, reverse=True)

    async def end(self, session: Session) -> None:
        """Raises KubeError when it could not be ended: whoever signs out must know."""
        await self._keeper.remove(Kind.SESSION, session_secret(session.id))

    async def end_all(self, owner: str, *, but: Session | None = None, tokens: bool = False) -> None:
        """Of a person whose password changed or who was removed."""
        for session in self.of(owner):
            if (but is None or session.id != but.id) and (tokens or session.way is not Way.TOKEN):
                await self.end(session)

    async def sweep(self) -> None:
        """Removes those that are over."""
        for session in self.of():
            if session.is_over(self._clock()):
                await self.end(session)

    async def _keep(  # noqa: PLR0913 - one parameter per field
        self,
        secret: str,
        *,
        name: str,
        way: Way,
        groups: list[str],
        address: str,
        agent: str,
        lasts: timedelta,
        label: str = "",
        owner_way: Way = Way.PASSWORD,
    ) -> Session:
        now, digest = self._clock(), digest_of(secret)
        session = Session(
            id=id_of(digest),
            digest=digest,
            way=way,
            name=name,
            groups=groups,
            label=label,
            created=instant(now),
            expires=instant(now + lasts),
            address=address,
            agent=agent[:200],
            owner_way=owner_way,
        )
        await self._keeper.create(Kind.SESSION, session_secret(session.id), session)
        return session
