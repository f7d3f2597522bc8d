"""Whose objects a person sees: asked of Kubernetes by impersonation, and remembered for some seconds."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from moorage.kube.client import KubeError
from moorage.kube.person import Person, Persons

LASTS_SECONDS = 20.0
LASTS_WITHOUT_API_SECONDS = 600.0
"""While the API server does not answer, what was allowed last is still shown: the page is needed most just then."""
ASKED_AT_ONCE = 16
REMEMBERED_MAX = 2_000
OURS = "moorage.dev"


@dataclass(frozen=True)
class Sight:
    """The namespaces in which somebody may list a resource."""

    everywhere: bool
    namespaces: frozenset[str] = frozenset()

    def sees(self, namespace: str) -> bool:
        return self.everywhere or namespace in self.namespaces


class Sights:
    """Remembers them by person and resource."""

    def __init__(self, persons: Persons, namespaces: Callable[[], Iterable[str]], clock: Callable[[], float]) -> None:
        self._persons, self._namespaces, self._clock = persons, namespaces, clock
        self._known: dict[tuple[Person, str], tuple[float, Sight]] = {}

    async def of(self, person: Person, resource: str = "dataservices", group: str = OURS) -> Sight:
        """Raises KubeError when nobody can be asked and nothing is remembered."""
        known = self._known.get((person, resource))
        if known is not None and self._clock() - known[0] < LASTS_SECONDS:
            return known[1]
        try:
            sight = await self._ask(person, resource, group)
        except KubeError as error:
            if error.code == 0 and known is not None and self._clock() - known[0] < LASTS_WITHOUT_API_SECONDS:
                return known[1]
            raise
        if len(self._known) >= REMEMBERED_MAX:
            self._known.pop(next(iter(self._known)))
        self._known[person, resource] = (self._clock(), sight)
        return sight

    def forget(self) -> None:
        """After somebody's rights were changed here."""
        self._known.clear()

    async def _ask(self, person: Person, resource: str, group: str) -> Sight:
        kube = self._persons.of(person)
        if await kube.may("list", resource, group=group):
            return Sight(everywhere=True)
        gate = asyncio.Semaphore(ASKED_AT_ONCE)

        async def one(namespace: str) -> str | None:
            async with gate:
                return namespace if await kube.may("list", resource, group=group, namespace=namespace) else None

        found = await asyncio.gather(*(one(namespace) for namespace in self._namespaces()))
        return Sight(everywhere=False, namespaces=frozenset(n for n in found if n is not None))
