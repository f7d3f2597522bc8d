"""Role and report on the member's own Pod, written only when they change."""

import asyncio
from dataclasses import replace

import structlog

from moorage.agent.settings import Settings
from moorage.core import names
from moorage.core.readiness import silenced_at
from moorage.core.report import MemberReport
from moorage.kube.client import Kube, KubeError, Object

log = structlog.get_logger()

RETRY_SECONDS = 1.0


class Reporter:
    """Publishes the newest report; older ones that were not written yet are skipped."""

    def __init__(self, kube: Kube, settings: Settings) -> None:
        self._kube, self._settings = kube, settings
        self._wanted: MemberReport | None = None
        self._written: MemberReport | None = None
        self._heard_after = ""
        self._wake = asyncio.Event()

    def publish(self, report: MemberReport) -> None:
        if report != self._wanted:
            log.info("member_changed", role=str(report.role), term=report.term, message=report.message)
        self._wanted = report
        self._wake.set()

    def saw(self, pod: Object) -> None:
        """Its own Pod changed: when it is called not ready since its node was silent, the agent contradicts."""
        since = silenced_at((pod.get("status") or {}).get("conditions") or ())
        if since and since != self._heard_after:
            log.info("called_not_ready", since=since)
            self._heard_after = since  # it stays: of a silence that is over it says nothing
            self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._wanted is None:
                continue
            report = replace(self._wanted, heard_after=self._heard_after)
            if report == self._written:
                continue
            patch = {
                "metadata": {
                    "labels": {names.LABEL_ROLE: str(report.role)},
                    "annotations": {names.ANNOTATION_REPORT: report.to_json()},
                }
            }
            self._written = None  # an answer that is lost tells nothing of what stands there
            try:
                await self._kube.merge("Pod", self._settings.pod_name, self._settings.namespace, patch)
                self._written = report
            except KubeError as error:
                log.warning("report_not_written", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)
                self._wake.set()
