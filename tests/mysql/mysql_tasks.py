"""A worker's tasks for a real group: what its Pod would mount, and a volume of its own where a copy may lie."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymysql

from moorage.core.task import TaskKind, TaskPhase, TaskReport
from moorage.engines.backup import Places
from moorage.worker.work import Work
from tests.engine.tasks import Worker
from tests.mysql.mysql_group import Group
from tests.ports import HOST

NAME = "mysql-shop-orders-20261127023000"
FOLDER = f"mysql/shop/orders/{NAME}"


def _can_make_tables(group: Group) -> bool:
    with contextlib.suppress(pymysql.MySQLError):
        group.ask(group.primary(), "CREATE DATABASE IF NOT EXISTS app")
        group.ask(group.primary(), "CREATE TABLE IF NOT EXISTS app.numbers (n INT PRIMARY KEY)", "app")
        return True
    return False


async def prepare(group: Group) -> None:
    """Its users have come, and a table of the application's own."""
    await group.until("its users are made", lambda: _can_make_tables(group))


def members(group: Group) -> list[dict[str, str]]:
    return [{"name": life.pod, "host": f"{HOST}:{life.port}"} for life in group.lives]


def worker_of(group: Group, folder: Path, *, has_room: bool = True, **how: Any) -> Worker:
    places = group.places
    if has_room:
        places = replace(places, data=folder / "room")
        places.data.mkdir(parents=True)
    return Worker(folder / "worker", places, engine="mysql", **how)


async def backup(group: Group, worker: Worker, name: str = NAME) -> TaskReport:
    report = await asyncio.to_thread(worker.backup, members(group), name)
    assert report.phase is TaskPhase.SUCCEEDED, report.message
    return report


async def seed(worker: Worker, data: Path, places: Places, path: str = FOLDER, **more: Any) -> TaskReport:
    """As a service with these secrets is restored."""
    worker.places = places
    return await asyncio.to_thread(lambda: worker.seed(data, path, **more))


@asynccontextmanager
async def archiving(group: Group, worker: Worker) -> AsyncIterator[Work]:
    """The log is archived meanwhile; what was read is written when it ends."""
    body = {"members": members(group), "cluster": "this", "owners": ["this"]}
    work, stop = worker.work(TaskKind.ARCHIVE, body), threading.Event()
    done = asyncio.create_task(asyncio.to_thread(worker.finish, work, stop))
    try:
        await group.until("the log is read", lambda: work.message or done.done(), 30)
        yield work
    finally:
        stop.set()
        report = await done
    assert report.phase is TaskPhase.SUCCEEDED, report.message
