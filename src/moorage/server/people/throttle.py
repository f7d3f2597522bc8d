"""Slows guessing down. Pure: the time is a parameter, in seconds of a clock that only rises."""

from collections.abc import Iterable
from dataclasses import dataclass

FREE_TRIES = {"pair": 5, "address": 30, "account": 100}
"""Failures that cost nothing. Many addresses together slow an account down late: nobody is to lock others out easily."""
WAIT_SECONDS_MAX = 900.0
FORGET_SECONDS = 3_600.0
REMEMBERED_MAX = 50_000


@dataclass(frozen=True)
class _Failures:
    count: int
    last: float


class Throttle:
    """Failed sign-ins by account and address."""

    def __init__(self) -> None:
        self._failures: dict[tuple[str, str], _Failures] = {}

    def wait_seconds(self, account: str, address: str, now: float) -> float:
        """How long until the next try is looked at; 0: now."""
        return max(self._wait(key, now) for key in _keys(account, address))

    def failed(self, account: str, address: str, now: float) -> None:
        for key in _keys(account, address):
            before = self._failures.pop(key, None)
            count = 0 if before is None or now - before.last > FORGET_SECONDS else before.count
            self._failures[key] = _Failures(count + 1, now)
        while len(self._failures) > REMEMBERED_MAX:
            self._failures.pop(next(iter(self._failures)))

    def succeeded(self, account: str, address: str) -> None:
        """This pair is no guesser. Of the others only this one try is taken back: who else fails there stays suspect."""
        self._failures.pop(("pair", f"{account} {address}"), None)
        for key in _keys(account, address):
            found = self._failures.get(key)
            if found is not None:
                self._failures[key] = _Failures(found.count - 1, found.last)

    def _wait(self, key: tuple[str, str], now: float) -> float:
        found = self._failures.get(key)
        if found is None or found.count < FREE_TRIES[key[0]] or now - found.last > FORGET_SECONDS:
            return 0.0
        pause = min(2.0 ** min(found.count - FREE_TRIES[key[0]], 30), WAIT_SECONDS_MAX)
        return max(0.0, found.last + pause - now)


def _keys(account: str, address: str) -> Iterable[tuple[str, str]]:
    return ("pair", f"{account} {address}"), ("address", address), ("account", account)
