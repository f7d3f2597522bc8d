"""`python -m benchmarks.scrape_raw mongodb PORT`: a real engine on loopback, and its agent's page for Prometheus.

Started by `benchmarks.scrape --raw`, which reads the engine's process id, a line of its own.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pymongo import AsyncMongoClient

from moorage.agent import health
from moorage.agent.queries import Queries
from moorage.agent.scrape import Engine, Scrape
from moorage.agent.settings import Settings
from moorage.agent.volume import Volume
from moorage.core.metrics import Metric
from moorage.core.report import MemberReport, Role
from moorage.engines.member import Member
from moorage.engines.mongodb.connections import Client, system_login
from moorage.engines.mongodb.measuring import measure
from moorage.engines.mongodb.metrics import METRICS
from moorage.kube.reflector import Store
from tests.chaos.processes import parent
from tests.engine import replica
from tests.mysql import mysql_programs
from tests.mysql.mysql_group import running


class Mongo:
    """What a page needs of MongoDB's member, whose ports are those of a Pod."""

    metrics: Sequence[Metric] = METRICS
    is_running = True

    def __init__(self, client: Client) -> None:
        self._client = client

    async def measure(self) -> Mapping[str, Any]:
        return await measure(self._client, 0)


@contextlib.asynccontextmanager
async def mongodb(folder: Path) -> AsyncIterator[tuple[Member, int]]:
    """One member of three."""
    with replica.running(folder) as found:
        places, primary = found.places, found.primary()
        login = system_login((places.internal / "keyfile").read_text().strip())
        client: Client = AsyncMongoClient(
            primary.host, directConnection=True, tls=True, tlsCAFile=str(places.tls / "ca.crt"), **login
        )
        assert primary.process is not None
        yield cast("Member", Mongo(client)), primary.process.pid
        await client.close()


@contextlib.asynccontextmanager
async def mysql(folder: Path) -> AsyncIterator[tuple[Member, int]]:
    """One member of one, with its agent's own loops."""
    os.environ["PATH"] = mysql_programs.path()
    async with running(folder, 1) as group:
        (life,) = group.lives
        yield life.member, _child("mysqld")


def _child(program: str) -> int:
    """Process id of the one that this process started."""
    return next(
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and parent(int(entry.name)) == os.getpid() and program in (entry / "cmdline").read_text()
    )


async def main(engine: str, port: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (mongodb if engine == "mongodb" else mysql)(folder) as (member, pid):
            settings = Settings("orders-g1-0", "uid", "127.0.0.1", "n1", "shop", "orders", engine, (), data_dir=folder)
            report = MemberReport(role=Role.PRIMARY)
            queries = Queries(settings, Store(), member, lambda: report.role)
            page = Scrape(settings, member, Volume(folder), queries, report=lambda: report, engine=lambda: Engine(1, 0, 0.0)).page
            print(pid, flush=True)
            await health.serve(port, lambda: 0.0, page)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], int(sys.argv[2])))
