"""Asks a Prometheus: what an expression was over a range, and what became of rules. Thin; answers are judged elsewhere."""

from collections.abc import Mapping
from typing import Any

import httpx2

from moorage.door import Door

TIMEOUT_SECONDS = 15.0
ANSWER_BYTES_MAX = 64 * 1_048_576


class PrometheusError(Exception):
    """It did not answer, or said no; says what and why."""


class Prometheus:
    """Every method raises PrometheusError."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def over(self, expr: str, start: float, end: float, step_seconds: float) -> list[dict[str, Any]]:
        """The series of an expression; moments in seconds since 1970. Of one series it answers at most 11,000 points."""
        asked = {"query": expr, "start": f"{start:.0f}", "end": f"{end:.0f}", "step": f"{step_seconds:g}"}
        return self._list(await self._ask("query_range", {**asked, "timeout": f"{TIMEOUT_SECONDS:.0f}s"}), "result")

    async def rule_groups(self) -> list[dict[str, Any]]:
        """What it judges, and what it found."""
        return self._list(await self._ask("rules", {"type": "alert"}), "groups")

    async def _ask(self, what: str, parameters: Mapping[str, str]) -> Any:
        url = self._door.url
        try:
            async with httpx2.AsyncClient(
                timeout=TIMEOUT_SECONDS, verify=self._door.trust(), headers=self._door.headers(), trust_env=False
            ) as client:
                answer = await client.get(f"{url}/api/v1/{what}", params=dict(parameters))
            said = answer.json() if len(answer.content) <= ANSWER_BYTES_MAX else None
        except (OSError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            cause = str(error) or type(error).__name__
            raise PrometheusError(f"Prometheus at {url} does not answer ({cause}); check its address") from error
        except ValueError as error:
            raise PrometheusError(f"what answers at {url} is no Prometheus ({error}); check its address") from error
        if not isinstance(said, dict) or said.get("status") != "success":
            why = said.get("error") if isinstance(said, dict) else None
            raise PrometheusError(f"Prometheus says no (HTTP {answer.status_code}): {why or 'it does not say why'}")
        return said.get("data")

    def _list(self, data: Any, key: str) -> list[dict[str, Any]]:
        found = data.get(key) if isinstance(data, dict) else None
        if not isinstance(found, list):
            raise PrometheusError(f"what answers at {self._door.url} is no Prometheus: its answer has no {key}")
        return found
