"""What stands on the Pod is what the agent means, whatever happens to its calls."""

import asyncio
from collections.abc import Iterator

from moorage.agent.report import Reporter
from moorage.agent.settings import Settings
from moorage.core import names
from moorage.core.report import MemberReport, Role, from_json
from moorage.kube.client import Kube, KubeError, Object
from tests.sim.clock import SimLoop
from tests.unit.build import pod_conditions

ME = Settings("orders-g1-0", "uid", "10.0.0.1", "n0", "shop", "orders", "mongodb", ())
NORMAL = MemberReport(role=Role.SECONDARY, term=3)


class _Pod(Kube):
    """The server keeps what it was sent; `fates` says which call is answered."""

    def __init__(self, fates: Iterator[bool]) -> None:
        self._fates = fates
        self.reports: list[MemberReport] = []

    async def merge(self, kind: str, name: str, namespace: str, patch: Object, *, status: bool = False) -> Object:
        del kind, name, namespace, status
        self.reports.append(from_json(patch["metadata"]["annotations"][names.ANNOTATION_REPORT]))
        if not next(self._fates, True):
            raise KubeError("the API server did not answer in time")
        return {}


def _published(pod: _Pod, *reports: MemberReport) -> MemberReport:
    """What stands on the Pod after the agent published these, some seconds apart."""

    async def live() -> None:
        reporter = Reporter(pod, ME)
        running = asyncio.create_task(reporter.run())
        for report in reports:
            reporter.publish(report)
            await asyncio.sleep(0.5)
        await asyncio.sleep(10.0)
        running.cancel()

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(live())
    return pod.reports[-1]


def test_a_report_that_is_the_same_is_written_once() -> None:
    pod = _Pod(iter(()))
    _published(pod, NORMAL, NORMAL)
    assert pod.reports == [NORMAL]


def test_a_report_whose_answer_was_lost_is_taken_back_when_it_is_no_longer_true() -> None:
    deaf = MemberReport(role=Role.SECONDARY, term=3, peers_down=("orders-g1-1",))
    assert _published(_Pod(iter((True, False))), NORMAL, deaf, NORMAL) == NORMAL


def test_an_agent_whose_pod_is_called_not_ready_by_the_word_of_its_node_says_that_it_has_read_it() -> None:
    pod = _Pod(iter(()))

    async def live() -> None:
        reporter = Reporter(pod, ME)
        running = asyncio.create_task(reporter.run())
        for moment, containers in (("06:00:00Z", "False"), ("06:01:00Z", "True"), ("06:01:00Z", "True")):
            reporter.saw({"status": {"conditions": pod_conditions("False", containers, moment)}})
            reporter.publish(NORMAL)
            await asyncio.sleep(0.5)
        running.cancel()

    with asyncio.Runner(loop_factory=SimLoop) as runner:
        runner.run(live())
    assert [report.heard_after for report in pod.reports] == ["", "06:01:00Z"]
