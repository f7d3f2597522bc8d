"""Keeps a `Store` current: list, watch for a bounded time, on any error wait and list again; only cancellation ends it."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import structlog

from moorage.kube.client import Kube, KubeError
from moorage.kube.reflector import Key, Store

log = structlog.get_logger()

WATCH_SECONDS = 240
SILENCE_SECONDS_MAX = WATCH_SECONDS + 30
"""The server ends a watch itself; a stream that is silent for longer is dead."""
BACKOFF_SECONDS_MAX = 15.0
REFUSALS_UNTIL_BELIEVED = 5
"""In a row, some seconds: an API server that has just started refuses until it knows the roles."""


async def reflect(
    kube: Kube,
    kind: str,
    store: Store,
    changed: Callable[[set[Key]], None],
    *,
    namespace: str | None = None,
    labels: dict[str, Any] | None = None,
    fields: dict[str, Any] | None = None,
) -> None:
    """Calls `changed` with the keys after every change, vanished ones included."""
    backoff_seconds, refusals = 0.2, 0
    while True:
        refused = ""
        try:
            items, version = await kube.list(kind, namespace, labels=labels, fields=fields)
            changed(store.listed(items, version))
            backoff_seconds, refusals = 0.2, 0
            await _follow(kube, kind, store, changed, namespace, labels, fields)
        except (KubeError, TimeoutError) as error:
            log.info("watch_interrupted", kind=kind, error=str(error), retry_seconds=round(backoff_seconds, 1))
            refused = str(error) if isinstance(error, KubeError) and error.refused else ""
        refusals = refusals + 1 if refused else 0
        store.lost(refused if refusals >= REFUSALS_UNTIL_BELIEVED else "")
        await asyncio.sleep(backoff_seconds * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret
        backoff_seconds = min(backoff_seconds * 2, BACKOFF_SECONDS_MAX)


async def _follow(
    kube: Kube,
    kind: str,
    store: Store,
    changed: Callable[[set[Key]], None],
    namespace: str | None,
    labels: dict[str, Any] | None,
    fields: dict[str, Any] | None,
) -> None:
    stream = kube.watch(
        kind, namespace, version=store.version, labels=labels, fields=fields, server_timeout_seconds=WATCH_SECONDS
    ).__aiter__()
    while True:
        operation, item = await asyncio.wait_for(stream.__anext__(), SILENCE_SECONDS_MAX)
        changed(store.event(operation, item))
