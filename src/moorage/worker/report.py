"""How a task goes: an annotation on the worker's own Pod while it runs, the termination message at its end."""

import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import structlog

from moorage.core import names
from moorage.core.task import TaskPhase, TaskReport
from moorage.kube.client import KubeError
from moorage.worker.work import Work

log = structlog.get_logger()

PACE_SECONDS = 2.0
RATE_SECONDS = 10.0
"""The rate is that of the last so many seconds."""
TERMINATION_BYTES_MAX = 4096
MESSAGE_LENGTH_MAX = 1000
ANNOTATION_BYTES_MAX = 200_000
"""Kubernetes allows 256 KiB of annotations on an object, and the task stands there too."""


class Patcher(Protocol):
    """What is used of `kube.client.Kube`."""

    async def merge(self, kind: str, name: str, namespace: str, patch: dict[str, object]) -> object:
        """Raises KubeError."""


class Rate:
    """Bytes per second, lately."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def take(self, count_bytes: int, now: float) -> int:
        if self._seen and count_bytes < self._seen[-1][1]:
            self._seen.clear()  # a try from the start
        self._seen.append((now, count_bytes))
        while len(self._seen) > 2 and now - self._seen[0][0] > RATE_SECONDS:
            self._seen.popleft()
        (first, before), (last, after) = self._seen[0], self._seen[-1]
        return int((after - before) / (last - first)) if last > first else 0


def running(work: Work, rate: Rate, progress_seconds: float | None = None) -> TaskReport:
    """As it stands now. `progress_seconds`: after how long of its life it last got on."""
    return TaskReport(
        TaskPhase.RUNNING,
        message=work.message[:MESSAGE_LENGTH_MAX],
        raw_bytes=work.counts.raw_bytes,
        stored_bytes=work.counts.stored_bytes,
        bytes_per_second=rate.take(work.counts.raw_bytes, time.monotonic()),
        result=work.result,
        progress_seconds=progress_seconds,
    )


def fitting(report: TaskReport) -> TaskReport:
    """With as much of the listing, the newest first, as an annotation holds."""
    listing = list(report.listing)
    while listing and len(replace(report, listing=listing).to_json().encode()) > ANNOTATION_BYTES_MAX:
        listing = listing[: len(listing) * 9 // 10]
    return replace(report, listing=listing)


def termination_text(report: TaskReport) -> str:
    """At most what the kubelet keeps; a cut one could not be read."""
    short = replace(report, listing=[])
    if len(short.to_json().encode()) > TERMINATION_BYTES_MAX:
        short = replace(short, message=short.message[:200])
    if len(short.to_json().encode()) > TERMINATION_BYTES_MAX:
        short = replace(short, result={})
    return short.to_json()


class Reporter:
    """Writes what changed, and not more often than every two seconds; that it got on alone every `beat_seconds`."""

    def __init__(self, kube: Patcher, pod: str, namespace: str, termination: Path, beat_seconds: float = 0.0) -> None:
        self._kube, self._pod, self._namespace, self._termination = kube, pod, namespace, termination
        self._beat_seconds = beat_seconds
        self._written: TaskReport | None = None

    async def publish(self, report: TaskReport) -> None:
        """What cannot be written is not worth more than a line: the termination message is the truth."""
        report = fitting(report)
        if self._written is not None and not self._is_news(report, self._written):
            return
        patch: dict[str, object] = {"metadata": {"annotations": {names.ANNOTATION_REPORT: report.to_json()}}}
        try:
            await self._kube.merge("Pod", self._pod, self._namespace, patch)
            self._written = report
        except KubeError as error:
            log.warning("report_not_written", error=str(error))

    def _is_news(self, report: TaskReport, written: TaskReport) -> bool:
        if replace(report, progress_seconds=None) != replace(written, progress_seconds=None):
            return True
        return (report.progress_seconds or 0.0) - (written.progress_seconds or 0.0) >= max(self._beat_seconds, 1.0)

    async def end(self, report: TaskReport) -> None:
        try:
            self._termination.write_text(termination_text(report))
        except OSError as error:
            log.warning("termination_message_not_written", error=str(error))
        await self.publish(report)
