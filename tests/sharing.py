"""Which tests run one after the other in one process, since they share what is dear to start: a service, an engine, a server."""

from xdist.scheduler import LoadScopeScheduling

SHARING = ("api", "chaos", "e2e", "engine", "mysql", "store")
"""The parts of the tests whose modules do."""
OF_ONE_SERVER = ("server", "web")
"""The parts that share one API server and one console each, of which every process would start its own."""
OF_ORDERS = frozenset(
    f"tests/e2e/test_{name}.py"
    for name in ("api_server", "cli", "development_cluster", "drill", "failover", "lifecycle", "planned_moves", "tls")
)
"""Modules that share one service."""


def part_of(nodeid: str) -> str:
    """Such as unit or e2e."""
    return nodeid.split("/")[1]


def group_of(nodeid: str) -> str:
    module = nodeid.partition("::")[0]
    if module in OF_ORDERS:
        return "orders"
    if part_of(nodeid) in OF_ONE_SERVER:
        return part_of(nodeid)
    return module if part_of(nodeid) in SHARING else nodeid


class SharingScheduling(LoadScopeScheduling):  # type: ignore[misc] # xdist brings no types
    """What belongs together goes to one process, everything else to whichever is free.

    (`--dist loadgroup` is for that, but in pytest-xdist 3.8 with pytest 9.2 the scheduler never sees the groups.)"""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)
