"""`python -m benchmarks.charts --services 1000`: how long the console's pages of charts take to answer over a whole fleet.

One Prometheus, filled with an hour of what the registry of metrics says there is of so many services with three members each;
asked as the console asks it, a page's charts side by side. Needs no cluster.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.table import figures
from moorage.core.panels import Dashboard, Panel
from moorage.door import Door
from moorage.monitoring import charting
from moorage.monitoring.charting import Chosen
from moorage.monitoring.dashboards import dashboards
from moorage.server.chartlines import lines_of
from moorage.server.series import asking
from tests.monitoring import filled
from tests.monitoring.filled import FilledPrometheus, Fleet
from tests.monitoring.series import Labels

HOUR_SECONDS = 3_600
BOARDS = {dashboard.uid: dashboard for dashboard in dashboards()}
POINTS_OF_ALL, POINTS_OF_ONE = 120, 240
"""As web/src/parts/charts/board.tsx asks for."""
OF_ALL, OF_ONE = ("moorage-fleet", "moorage-backups"), "moorage-mongodb"


def fill(folder: Path, services: list[tuple[str, str]], until: float, each_seconds: int) -> int:
    """All services with what is looked at of all, one with what is looked at of it; gives how many series there are."""
    of_all = filled.series([BOARDS[uid] for uid in OF_ALL], Fleet(services))
    known = {(name, tuple(sorted(labels.items()))) for name, labels in of_all}
    of_one = filled.series([BOARDS[OF_ONE]], Fleet(services[:1]))
    found = of_all + [(name, labels) for name, labels in of_one if (name, tuple(sorted(labels.items()))) not in known]
    length = HOUR_SECONDS + 600
    times = [until - length + n * each_seconds for n in range(length // each_seconds + 1)]
    filled.fill(folder, found, times, quick)
    return len(found)


def quick(name: str, labels: Labels, time: float) -> float:
    """Rises, so that every rate is one; millions of them are made."""
    del name
    return time % 100_000 + len(labels)


async def asked(url: str, panels: dict[str, Panel], chosen: Chosen, until: float, points: int) -> float:
    """Seconds."""
    span = charting.span(until - HOUR_SECONDS, until, points)
    began = time.monotonic()
    async with asking(Door(url)) as questions:
        found = await asyncio.gather(*(lines_of(questions, name, panel, chosen, span) for name, panel in panels.items()))
    seconds = time.monotonic() - began
    assert not [one.problem for one in found if one.problem]
    return seconds


def rows(dashboard: Dashboard) -> dict[str, dict[str, Panel]]:
    """What a page asks for at once: its rows, one after the other as they come into sight."""
    made: dict[str, dict[str, Panel]] = {}
    for name, (row, panel) in charting.panels(dashboard).items():
        made.setdefault(row.title.en, {})[name] = panel
    return made


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--services", type=int, default=1_000)
    parser.add_argument("--each", type=int, default=20, help="seconds from sample to sample; above 20 a rate has none")
    parser.add_argument("--times", type=int, default=10)
    given = parser.parse_args()
    services = [(f"space{number % 50}", f"s{number}") for number in range(given.services)]
    until = time.time() // 60 * 60
    with tempfile.TemporaryDirectory() as folder:
        count = fill(Path(folder), services, until, given.each)
        prometheus = FilledPrometheus(Path(folder))
        prometheus.start()
        try:
            print(f"{given.services} services, {count} series")
            for uid in (*OF_ALL, OF_ONE):
                chosen = charting.of_service(*services[0]) if uid == OF_ONE else charting.of_namespaces(None)
                points = POINTS_OF_ONE if uid == OF_ONE else POINTS_OF_ALL
                for title, panels in rows(BOARDS[uid]).items():
                    took = [asyncio.run(asked(prometheus.url, panels, chosen, until, points)) for _ in range(given.times)]
                    print(f"{uid}: {title} | {len(panels)} | {took[0]:.2f} s | {figures(took[1:])}", flush=True)
        finally:
            prometheus.stop()


if __name__ == "__main__":
    main()
