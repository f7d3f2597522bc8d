"""It goes on without the API server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devcluster import faults
from tests.e2e.client import Writer, uri
from tests.e2e.cluster import engine_pid, get, kill_agent, kill_engine, pod_of, until, wait_green

PORT, SPARE_PORT = 27017, 27117


@contextmanager
def api_server_down() -> Iterator[None]:
    faults.stop_process("apiserver")
    try:
        yield
    finally:
        faults.start_process("apiserver")


def port_of(pod: str) -> int | None:
    """Where the engine of this Pod answers; None while it is restarted."""
    try:
        words = Path(f"/proc/{engine_pid(pod)}/cmdline").read_text().split("\0")
        return int(words[words.index("--port") + 1])
    except (AssertionError, OSError, ValueError):
        return None


def holder(service: str) -> str:
    return str(get("endpointslice", service)["metadata"]["annotations"]["moorage.dev/holder"])


@pytest.mark.alone
def test_clients_of_the_address_reach_the_new_primary_while_nobody_can_move_it(orders: str) -> None:
    old = pod_of(orders, str(wait_green(orders)["primary"]))
    with Writer(uri(orders), "alone") as writer:
        with api_server_down():
            writer.wait_for_more(20)
            kill_engine(old)
            writer.wait_for_more(200)
            gap_seconds = writer.history.longest_gap_seconds()
            print(f"without the API server: {gap_seconds:.2f} s")
            until("the old primary's engine is at its spare port", lambda: port_of(old) == SPARE_PORT)
        _moved(orders, old)
        writer.wait_for_more(50)
    print(f"in all: {writer.history.longest_gap_seconds():.2f} s")
    assert gap_seconds < 5
    assert writer.history.longest_gap_seconds() < 7
    assert writer.lost() == set()
    assert pod_of(orders, str(wait_green(orders)["primary"])) != old


@pytest.mark.long
@pytest.mark.alone
def test_an_agent_that_is_started_again_without_the_api_server_finds_out_that_the_address_leads_to_it(orders: str) -> None:
    old = pod_of(orders, str(wait_green(orders)["primary"]))
    with Writer(uri(orders), "again") as writer:
        with api_server_down():
            kill_agent(old)
            writer.wait_for_more(100)
            gap_seconds = writer.history.longest_gap_seconds()
            print(f"without the API server: {gap_seconds:.2f} s")
        _moved(orders, old)
        writer.wait_for_more(50)
    print(f"in all: {writer.history.longest_gap_seconds():.2f} s")
    assert writer.lost() == set()
    wait_green(orders)


def _moved(service: str, old: str) -> None:
    until("the new primary is behind the address", lambda: holder(service) != old)
    until("the old primary's engine has its port again", lambda: port_of(old) == PORT, seconds=100)
