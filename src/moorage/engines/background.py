"""Work that nobody waits for. None of it ends by an error without a word."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


def in_background(work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
    """The caller keeps the task, and says what becomes of its own when it ended."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_look_at_end)
    return task


def _look_at_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task_failed", task=task.get_name(), error=repr(error), exc_info=error)
