"""One target tells everything of a member; an engine that hangs or lies costs the page nothing but its own part."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from prometheus_client.parser import text_string_to_metric_families

from moorage.agent import container, health, scrape
from moorage.agent.queries import Queries
from moorage.agent.scrape import Engine, Scrape
from moorage.agent.settings import Settings
from moorage.agent.volume import Volume
from moorage.core.exposition import CONTENT_TYPE
from moorage.core.member_metrics import METRICS
from moorage.core.metrics import Kind, Metric, Source
from moorage.core.report import MemberReport, Role
from moorage.engines.member import EngineError, Member
from moorage.kube.reflector import Store
from tests.ports import free_port

SETTINGS = Settings("orders-g1-0", "uid", "10.0.0.1", "n1", "shop", "orders", "mongodb", ())
QUERIES = Metric("moorage_test_queries_total", Kind.COUNTER, "Queries.", (Source("status.queries"),))


class FakeEngine:
    """What a scrape needs of a member."""

    metrics = (QUERIES,)

    def __init__(self) -> None:
        self.is_running, self.asked = True, 0
        self.hangs = False
        self.fails: Exception | None = None

    async def measure(self) -> Mapping[str, Any]:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails is not None:
            raise self.fails
        await asyncio.sleep(0)
        return {"status": {"queries": 17}}


class Scraped:
    """A scrape, and its page read as Prometheus reads it."""

    def __init__(self, folder: Path) -> None:
        self.engine, self.volume = FakeEngine(), Volume(folder)
        self.report = MemberReport(Role.PRIMARY, term=7, peers_down=("orders-g1-2",), configured=("a", "b", "c"), voters=3)
        self.scrape = Scrape(
            SETTINGS,
            cast("Member", self.engine),
            self.volume,
            Queries(SETTINGS, Store(), cast("Member", self.engine), lambda: self.report.role),
            report=lambda: self.report,
            engine=lambda: Engine(2, 1, 0.5),
        )

    async def values(self, name: str) -> dict[str, float]:
        """State, or nothing, → value."""
        found = text_string_to_metric_families(await self.scrape.page())
        samples = [sample for family in found for sample in family.samples if sample.name == f"moorage_{name}"]
        for sample in samples:
            assert {"namespace": "shop", "service": "orders", "pod": "orders-g1-0"}.items() <= sample.labels.items()
        return {next((v for k, v in s.labels.items() if k in ("role", "level")), ""): s.value for s in samples}


@pytest.fixture
def scraped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scraped:
    monkeypatch.setattr(scrape, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(scrape, "ENGINE_SECONDS_MAX", 0.05)
    return Scraped(tmp_path)


async def test_a_page_tells_of_the_member_its_engine_its_volume_and_its_agent(scraped: Scraped) -> None:
    await scraped.volume.look(is_running=True)
    assert (await scraped.values("test_queries_total")) == {"": 17.0}
    roles = await scraped.values("member_role")
    assert roles.pop("primary") == 1.0
    assert set(roles.values()) == {0.0}
    assert len(roles) == len(Role) - 1
    assert await scraped.values("member_term") == {"": 7.0}
    assert await scraped.values("member_peers_unheard") == {"": 1.0}
    assert await scraped.values("engine_answering") == {"": 1.0}
    assert await scraped.values("engine_crash_streak") == {"": 1.0}
    assert await scraped.values("volume_size_bytes") == {"": float(scraped.volume.room.size_bytes)}
    assert (await scraped.values("agent_memory_peak_bytes"))[""] > 2**20


async def test_what_nobody_measured_yet_is_not_said_to_be_zero(scraped: Scraped) -> None:
    assert await scraped.values("volume_size_bytes") == {}
    assert await scraped.values("volume_free_bytes") == {}
    assert await scraped.values("volume_full_in_seconds") == {}


@pytest.mark.parametrize("how", ["hangs", "refuses", "answers nonsense"])
async def test_an_engine_that_does_not_say_its_metrics_costs_the_page_nothing_else(scraped: Scraped, how: str) -> None:
    scraped.engine.hangs = how == "hangs"
    scraped.engine.fails = {"refuses": EngineError("no"), "answers nonsense": KeyError("members")}.get(how)
    async with asyncio.timeout(20):
        assert await scraped.values("test_queries_total") == {}
        assert await scraped.values("engine_measured") == {"": 0.0}
        assert await scraped.values("engine_running") == {"": 1.0}
        assert (await scraped.values("member_role"))["primary"] == 1.0


async def test_an_engine_that_is_down_is_not_asked_and_is_said_to_be_down(scraped: Scraped) -> None:
    scraped.engine.is_running = False
    scraped.report = replace(scraped.report, role=Role.DOWN)
    assert await scraped.values("engine_answering") == {"": 0.0}
    assert await scraped.values("test_queries_total") == {}
    assert scraped.engine.asked == 0


async def test_any_number_of_scrapers_asks_the_engine_once(scraped: Scraped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape, "FRESH_SECONDS", 60.0)
    pages = await asyncio.gather(*(scraped.scrape.page() for _ in range(20)))
    assert len(set(pages)) == 1
    assert scraped.engine.asked == 1


async def test_no_member_has_more_series_than_is_said(scraped: Scraped) -> None:
    await scraped.volume.look(is_running=True)
    said = await scraped.scrape.page()
    count = sum(1 for line in said.splitlines() if not line.startswith("#"))
    assert count <= sum(metric.series_max(1) for metric in (*METRICS, QUERIES))
    assert count >= 30


@pytest.fixture
async def port() -> AsyncIterator[int]:
    async def metrics() -> str:
        return "moorage_x 1\n" * 10_000

    found = free_port()
    serving = asyncio.create_task(health.serve(found, lambda: 0.0, metrics))
    yield found
    serving.cancel()


async def asked(port: int, request: bytes) -> tuple[bytes, bytes]:
    """Head and body."""
    async with asyncio.timeout(20):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
                continue
            writer.write(request)
            answer = await reader.read(-1)
            writer.close()
            head, _, body = answer.partition(b"\r\n\r\n")
            return head, body


async def test_prometheus_gets_the_whole_page_at_the_port_of_the_probes(port: int) -> None:
    request = b"GET /metrics HTTP/1.1\r\nHost: x\r\n" + b"Accept: application/openmetrics-text\r\n" * 20 + b"\r\n"
    head, body = await asked(port, request)
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"Content-Type: {CONTENT_TYPE}".encode() in head
    assert f"Content-Length: {len(body)}".encode() in head
    assert body.count(b"\n") == 10_000


async def test_the_kubelets_pages_are_what_they_were(port: int) -> None:
    for page in (b"/readyz", b"/livez"):
        head, body = await asked(port, b"GET " + page + b" HTTP/1.1\r\n\r\n")
        assert (head.split(b"\r\n")[0], body) == (b"HTTP/1.1 200 OK", b"")


def test_the_kernel_is_understood_in_both_versions_of_control_groups(tmp_path: Path) -> None:
    second, first = tmp_path / "v2", tmp_path / "v1"
    files = {
        "v2/cgroup.controllers": "cpu memory", "v2/memory.current": "1000\n", "v2/memory.max": "max\n",
        "v2/memory.stat": "anon 5\ninactive_file 300\n", "v2/cpu.stat": "usage_usec 2500000\nthrottled_usec 500000\n",
        "v2/cpu.max": "150000 100000\n", "v2/memory.events": "oom 3\noom_kill 2\n",
        "v1/memory/memory.usage_in_bytes": "1000", "v1/memory/memory.limit_in_bytes": "9223372036854771712",
        "v1/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 300\n", "v1/memory/memory.oom_control": "oom_kill 2\n",
        "v1/cpuacct/cpuacct.usage": "2500000000", "v1/cpu/cpu.stat": "throttled_time 500000000\n",
        "v1/cpu/cpu.cfs_quota_us": "150000", "v1/cpu/cpu.cfs_period_us": "100000",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    expected = {"memory_bytes": 700.0, "cpu_seconds": 2.5, "throttled_seconds": 0.5, "cpu_limit": 1.5, "out_of_memory_kills": 2}
    assert container.measure(second) == container.measure(first) == pytest.approx(expected)
    assert container.measure(tmp_path / "none") == {"out_of_memory_kills": 0}
