"""It goes on without the API server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devcluster import faults
from tests.e2e.client import Writer, uri
from tests.e2e.cluster import engine_pid, get, kill_engine, pod_of, until, wait_green

PORT, SPARE_PORT = 27017, 27117


@contextmanager
def api_server_down() -> Iterator[None]:
    faults.stop_process("apiserver")
    try:
        yield
    finally:
        faults.start_process("apiserver")


def port_of(pod: str) -> int:
    """Where the engine of this Pod answers."""
    words = Path(f"/proc/{engine_pid(pod)}/cmdline").read_text().split("\0")
    return int(words[words.index("--port") + 1])


def holder(service: str) -> str:
    return str(get("endpointslice", service)["metadata"]["annotations"]["moorage.dev/holder"])


def test_the_address_leads_to_the_new_primary_while_nobody_can_move_it(orders: str) -> None:
    old = pod_of(orders, str(wait_green(orders)["primary"]))
    address = uri(orders)
    with Writer(address, "alone") as writer:
        with api_server_down():
            writer.wait_for_more(20)
            kill_engine(old)
            writer.wait_for_more(200)
            forwarded_gap_seconds = writer.history.longest_gap_seconds()
            assert port_of(old) == SPARE_PORT
        until("the new primary is behind the address", lambda: holder(orders) != old)
        until("the old primary's engine has its port again", lambda: port_of(old) == PORT)
        writer.wait_for_more(50)
    print(f"gap: {forwarded_gap_seconds:.2f} s without the API server, {writer.history.longest_gap_seconds():.2f} s in all")
    assert forwarded_gap_seconds < 5
    assert writer.history.longest_gap_seconds() < 7
    assert writer.lost() == set()
    assert wait_green(orders)["primary"] != old
