"""Leadership by a Lease: at most one operator acts. A leader that cannot renew stops acting before another may start."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from moorage.kube.client import Kube, KubeError, Object

log = structlog.get_logger()

DURATION_SECONDS = 15
RENEW_SECONDS = 4.0
RETRY_SECONDS = 2.0


class Lease:
    """One named lease. `is_held` may be asked at any time; it is false when the last renewal is too old."""

    def __init__(self, kube: Kube, namespace: str, name: str, identity: str, clock: Callable[[], float]) -> None:
        self._kube, self._namespace, self._name, self._identity = kube, namespace, name, identity
        self._clock = clock
        self._renewed_at: float | None = None
        self._observed: tuple[str, float] = ("", clock())
        """Renewal text last seen of another holder and when we saw it: no clock is compared across machines."""

    @property
    def is_held(self) -> bool:
        return self._renewed_at is not None and self._clock() - self._renewed_at < DURATION_SECONDS - RENEW_SECONDS

    @property
    def was_held_last(self) -> bool:
        """Whether nobody else was seen to hold it since: true also for whoever lost it because the API server is away."""
        return self._renewed_at is not None

    async def keep(self, gained: Callable[[], None]) -> None:
        """Acquires and renews until cancelled; calls `gained` each time leadership begins."""
        while True:
            was_held = self.is_held
            try:
                started = self._clock()
                if await self._try():
                    self._renewed_at = started
                    if not was_held:
                        log.info("leadership_gained", identity=self._identity)
                        gained()
                else:
                    self._renewed_at = None
            except KubeError as error:
                log.warning("lease_not_renewed", error=str(error))
            await asyncio.sleep(RENEW_SECONDS if self.is_held else RETRY_SECONDS)

    async def release(self) -> None:
        """Gives leadership away at once, so that a planned stop costs nobody a wait."""
        if not self.is_held:
            return
        self._renewed_at = None
        patch = {"spec": {"holderIdentity": "", "leaseDurationSeconds": 1}}
        await self._kube.merge("Lease", self._name, self._namespace, patch)

    async def _try(self) -> bool:
        found = await self._kube.get("Lease", self._name, self._namespace)
        try:
            if found is None:
                await self._kube.create(self._manifest({}))
                return True
            spec = found.get("spec") or {}
            holder = spec.get("holderIdentity") or ""
            if holder not in ("", self._identity) and not self._expired(spec):
                return False
            await self._kube.replace(self._manifest(found["metadata"]))
        except KubeError as error:
            if error.conflict:
                return False
            raise
        return True

    def _expired(self, spec: Object) -> bool:
        renewal = f"{spec.get('holderIdentity')} {spec.get('renewTime')}"
        if renewal != self._observed[0]:
            self._observed = (renewal, self._clock())
        return self._clock() - self._observed[1] > float(spec.get("leaseDurationSeconds") or DURATION_SECONDS)

    def _manifest(self, metadata: Object) -> Object:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {**metadata, "name": self._name, "namespace": self._namespace},
            "spec": {
                "holderIdentity": self._identity,
                "leaseDurationSeconds": DURATION_SECONDS,
                "renewTime": now,
                "acquireTime": now,
            },
        }
