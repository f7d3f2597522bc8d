"""The agent's process: from its environment to the agent that runs, until it is told to stop."""

import asyncio
import signal
import sys
from importlib.metadata import entry_points
from typing import cast

import structlog

from moorage.agent.main import Agent
from moorage.agent.settings import from_environment
from moorage.engines.member import Home, Member
from moorage.kube.client import Kube


async def _main() -> None:
    settings = from_environment()
    (point,) = entry_points(group="moorage.members", name=settings.engine)
    home = Home(settings.pod_name, settings.engine_arguments, settings.data_dir, settings.internal_dir, settings.tls_dir)
    member = cast("Member", point.load()(home))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await Agent(Kube(), settings, member).run(stop)


def main() -> int:
    # The engine writes to the container's output itself, and a pipe that two write to tears lines of more than 4 KiB.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_main())
    return 0
