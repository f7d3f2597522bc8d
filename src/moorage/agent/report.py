"""Role and report on the member's own Pod, written only when they change."""

import asyncio

import structlog

from moorage.agent.settings import Settings
from moorage.core import names
from moorage.core.report import MemberReport
from moorage.kube.client import Kube, KubeError

log = structlog.get_logger()

RETRY_SECONDS = 1.0


class Reporter:
    """Publishes the newest report; older ones that were not written yet are skipped."""

    def __init__(self, kube: Kube, settings: Settings) -> None:
        self._kube, self._settings = kube, settings
        self._wanted: MemberReport | None = None
        self._written: MemberReport | None = None
        self._wake = asyncio.Event()

    def publish(self, report: MemberReport) -> None:
        if report != self._wanted:
            log.info("member_changed", role=str(report.role), term=report.term, message=report.message)
        self._wanted = report
        self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            report = self._wanted
            if report is None or report == self._written:
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
