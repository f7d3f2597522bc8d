"""Passwords: argon2id, and what is not taken as one."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LENGTH_MIN, LENGTH_MAX = 12, 256
AT_ONCE = 2
"""Each needs 19 MiB while it runs."""
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODYS = _HASHER.hash(secrets.token_urlsafe(32))
"""Compared with where there is no account, so that the time tells nobody which accounts there are."""
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def drawn() -> str:
    """A first password that can be read aloud: five groups of four, 117 bits."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(5))


def why_refused(password: str, account: str) -> str | None:
    """The reason why this is no password, or None."""
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        return f"the password has {len(password)} characters; allowed: {LENGTH_MIN} to {LENGTH_MAX}"
    if len(set(password)) < 5:
        return "the password repeats the same few characters; take at least 5 different ones"
    if account and account.lower() in password.lower():
        return "the password holds the account's name; take one that does not"
    return None


class Passwords:
    """Hashes and compares, a few at once: many sign-ins must not take the memory."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._gate:
            return await asyncio.to_thread(_HASHER.hash, password)

    async def fits(self, password: str, known: str | None) -> bool:
        """Takes the same time when nothing is known."""
        async with self._gate:
            fits = await asyncio.to_thread(_fits, password, known or _NOBODYS)
        return fits and known is not None


def _fits(password: str, known: str) -> bool:
    try:
        return _HASHER.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False
