"""A worker's tasks as a Pod would do them, in this process: real stores, real engines, a pretended API server."""

import asyncio
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyrage

from moorage.core.task import Task, TaskKind, TaskReport, report_from_json
from moorage.engines.backup import Places
from moorage.worker.main import run
from moorage.worker.report import Reporter
from moorage.worker.work import Mounts, Work

BACKUP_NAME = "mongodb-shop-orders-20261125023000"
FOLDER = f"mongodb/shop/orders/{BACKUP_NAME}"


class Pods:
    """The API server, as far as a worker sees it."""

    def __init__(self) -> None:
        self.reports: list[TaskReport] = []

    async def merge(self, kind: str, name: str, namespace: str, patch: dict[str, Any]) -> dict[str, Any]:
        assert (kind, name, namespace) == ("Pod", "worker", "shop")
        self.reports.append(report_from_json(patch["metadata"]["annotations"]["moorage.dev/report"]))
        return {}


@dataclass
class Worker:
    """What a service's workers mount, and the store."""

    folder: Path
    places: Places
    is_encrypted: bool = True
    engine: str = "mongodb"
    pods: Pods = field(default_factory=Pods)

    def __post_init__(self) -> None:
        (self.folder / "identity").mkdir(parents=True)
        (self.folder / "backups").mkdir()
        identity = pyrage.x25519.Identity.generate()
        (self.folder / "identity/identity").write_text(f"{identity}\n")
        self.recipient = str(identity.to_public())

    @property
    def store(self) -> dict[str, Any]:
        encryption = {"encryption": {"recipient": self.recipient, "identitySecret": "key"}} if self.is_encrypted else {}
        return {"fileSystem": {"claim": "backups", "path": ""}, **encryption}

    def stored(self, key: str) -> Path:
        return self.folder / "backups" / key

    def work(self, kind: TaskKind, body: dict[str, Any], *, data: Path | None = None, task_id: str = "0123456789ab1") -> Work:
        task = Task(task_id, kind, self.store, "shop", "orders", self.engine, body)
        engine = self.places if data is None else replace(self.places, data=data)
        mounts = Mounts(identity=self.folder / "identity", backups=self.folder / "backups", engine=engine)
        return Work(task, mounts)

    def do(self, kind: TaskKind, body: dict[str, Any], **how: Any) -> TaskReport:
        return self.finish(self.work(kind, body, **how))

    def finish(self, work: Work, stop: threading.Event | None = None) -> TaskReport:
        """The report that stands in the termination message."""
        termination = self.folder / "termination-log"

        async def until_done() -> None:
            stopping = asyncio.Event()
            loop = asyncio.get_running_loop()
            if stop is not None:
                loop.run_in_executor(None, lambda: (stop.wait(), loop.call_soon_threadsafe(stopping.set)))
            await run(work, Reporter(self.pods, "worker", "shop", termination), stopping)
            if stop is not None:
                stop.set()

        asyncio.run(until_done())
        return report_from_json(termination.read_text())

    def backup(self, members: list[dict[str, str]], name: str = BACKUP_NAME, **how: Any) -> TaskReport:
        body = {
            "backupName": name,
            "trigger": "Manual",
            "members": members,
            "keepDays": 7,
            "dataService": {"apiVersion": "moorage.dev/v1", "kind": "DataService", "metadata": {"name": "orders"}, "spec": {}},
        }
        return self.do(TaskKind.BACKUP, body, **how)

    def seed(self, data: Path, path: str = FOLDER, **more: Any) -> TaskReport:
        how = {key: more.pop(key) for key in ("task_id",) if key in more}
        data.mkdir(parents=True, exist_ok=True)
        return self.do(
            TaskKind.SEED, {"path": path, "mode": "fill", "passwords": "set", "cacheGiB": 0.25, **more}, data=data, **how
        )


def named(hosts: list[Any]) -> list[dict[str, str]]:
    return [{"name": h.name, "host": h.host} for h in hosts]
