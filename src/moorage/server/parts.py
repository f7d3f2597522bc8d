"""The console's way to what runs beside it: the relay, Prometheus, Alertmanager. TLS, and something that says who asks."""

from collections.abc import Mapping
from typing import Any

import httpx2

from moorage.door import Door
from moorage.server.logs import hide_urls

TIMEOUT_SECONDS = 10.0
hide_urls()


class PartError(Exception):
    """Says what happened. `status`: what the part answered; 0 when nobody did."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Part:
    """One of them. `name` is what people call it."""

    def __init__(self, name: str, door: Door) -> None:
        self.name, self._door = name, door
        self._read: tuple[bytes, ...] | None = None
        self._client: httpx2.AsyncClient | None = None

    async def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        seconds: float = TIMEOUT_SECONDS,
    ) -> Any:
        """What it answered, as JSON; None when that is nothing. `seconds`: how long it may take. Raises PartError."""
        client = await self._opened()
        try:
            answer = await client.request(
                method, f"{self._door.url}{path}", headers=self._door.headers(), json=json, data=form, timeout=seconds
            )
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise PartError(f"{self.name} does not answer: {type(error).__name__} {error}".strip()) from error
        if answer.status_code >= 300:
            raise PartError(f"{self.name} answered {answer.status_code}: {answer.text.strip()[:300]}", answer.status_code)
        try:
            return answer.json() if answer.content else None
        except ValueError as error:
            raise PartError(f"{self.name} answered no JSON", answer.status_code) from error

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _opened(self) -> httpx2.AsyncClient:
        """With the files as they are now: a renewed certificate counts at once."""
        try:
            read = self._door.certificates()
            if self._client is not None and read == self._read:
                return self._client
            trust = self._door.trust()
        except (OSError, ValueError) as error:
            raise PartError(f"the files by which {self.name} is asked are no certificates: {error}") from error
        await self.close()
        self._client, self._read = httpx2.AsyncClient(verify=trust, timeout=TIMEOUT_SECONDS, trust_env=False), read
        return self._client
