"""Who may begin a repair that copies data: counted over all services by their status, and by what was begun since then."""

from collections.abc import Callable
from datetime import datetime

from moorage.core import fleet
from moorage.kube.reflector import Key, Store


class Places:
    """Of the one operator that leads. Nothing is waited for between asking and taking, so two never take the same place."""

    def __init__(self, services: Store, clock: Callable[[], datetime], at_once: int = fleet.REPAIRS_MAX) -> None:
        self._services, self._clock, self._at_once = services, clock, at_once
        self._beginning: set[Key] = set()

    def why_full(self, at: Key) -> str:
        """Why this service has to wait for a place; empty: there is one."""
        return fleet.why_full(at, self._services.all(), frozenset(self._beginning), self._clock(), self._at_once)

    def take(self, at: Key) -> None:
        self._beginning.add(at)

    def told(self, at: Key) -> None:
        """Its status tells by now what it does; or nothing came of it."""
        self._beginning.discard(at)
