"""Local accounts. The first one is made when there is none: it has all rights, and its password must be changed."""

import base64
from collections.abc import Callable
from datetime import datetime

import structlog

from moorage.kube.client import Kube, KubeError
from moorage.server.people.keeping import Keeper
from moorage.server.people.passwords import Passwords, drawn
from moorage.server.people.records import Account, Kind, account_secret
from moorage.wishes.requests import instant

log = structlog.get_logger()

FIRST = "admin"
ADMINS = "admins"
FIRST_PASSWORD_SECRET = "moorage-first-password"  # noqa: S105 - a Secret's name
"""Holds the first password until it is changed: `kubectl get secret` reads it, and nobody else can."""


class Accounts:
    """Every account of this console."""

    def __init__(self, keeper: Keeper, kube: Kube, passwords: Passwords, clock: Callable[[], datetime]) -> None:
        self._keeper, self._kube, self._passwords, self._clock = keeper, kube, passwords, clock

    async def find(self, name: str) -> Account | None:
        return await self._keeper.find(Kind.ACCOUNT, account_secret(name), Account)

    def known(self, name: str) -> Account | None:
        return self._keeper.known(Kind.ACCOUNT, account_secret(name), Account)

    def all(self) -> list[Account]:
        return sorted(self._keeper.all(Kind.ACCOUNT, Account), key=lambda a: a.name)

    async def create(self, name: str, groups: list[str], display_name: str = "") -> tuple[Account, str]:
        """The account and its first password, which is shown this once. Raises KubeError with `conflict` when there is one."""
        password = drawn()
        account = Account(
            name=name,
            display_name=display_name,
            groups=groups,
            password_hash=await self._passwords.hash(password),
            created=instant(self._clock()),
        )
        await self._keeper.create(Kind.ACCOUNT, account_secret(name), account)
        return account, password

    async def change(self, account: Account) -> None:
        await self._keeper.replace(Kind.ACCOUNT, account_secret(account.name), account)

    async def set_password(self, account: Account, password: str, *, must_change: bool) -> None:
        changed = account.model_copy(
            update={
                "password_hash": await self._passwords.hash(password),
                "must_change": must_change,
                "password_changed": instant(self._clock()),
            }
        )
        await self.change(changed)
        if account.name == FIRST and not must_change:
            await self._kube.delete("Secret", FIRST_PASSWORD_SECRET, self._keeper.namespace)

    async def reset(self, account: Account) -> str:
        """A new first password, which is shown this once."""
        password = drawn()
        await self.set_password(account, password, must_change=True)
        return password

    async def remove(self, name: str) -> None:
        await self._keeper.remove(Kind.ACCOUNT, account_secret(name))

    async def make_first(self) -> None:
        """Where there is no account at all. Of two replicas that try at once the first password that is kept counts."""
        if self.all() or await self.find(FIRST) is not None:
            return
        password = await self._first_password(drawn())
        account = Account(
            name=FIRST,
            display_name="Administrator",
            groups=[ADMINS],
            password_hash=await self._passwords.hash(password),
            created=instant(self._clock()),
        )
        try:
            await self._keeper.create(Kind.ACCOUNT, account_secret(FIRST), account)
            log.info("first_account_made", account=FIRST, password_in=f"{self._keeper.namespace}/{FIRST_PASSWORD_SECRET}")
        except KubeError as error:
            if not error.conflict:
                raise

    async def _first_password(self, wanted: str) -> str:
        manifest = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": FIRST_PASSWORD_SECRET, "namespace": self._keeper.namespace},
            "type": "kubernetes.io/basic-auth",
            "stringData": {"username": FIRST, "password": wanted},
        }
        try:
            await self._kube.create(manifest)
            return wanted
        except KubeError as error:
            if not error.conflict:
                raise
        found = await self._kube.get("Secret", FIRST_PASSWORD_SECRET, self._keeper.namespace)
        encoded = ((found or {}).get("data") or {}).get("password", "")
        return base64.b64decode(encoded).decode() or wanted
