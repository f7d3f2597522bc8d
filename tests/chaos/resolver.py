"""Names of the cluster, for clients that run on this machine: asked of the cluster's DNS, as a Pod asks it."""

import itertools
import socket
import struct
from collections.abc import Callable
from typing import Any

from devcluster.config import HOST_ADDRESS

SUFFIX = ".svc.cluster.local"
SECONDS, TRIES = 1.0, 2
_numbers = itertools.count(1)
_Lookup = Callable[..., list[Any]]


def resolve_cluster_names() -> None:
    """From now on this process knows them. Drivers offer no resolver of their own, so the standard library's is extended."""
    known: _Lookup = socket.getaddrinfo
    if getattr(known, "knows_cluster", False):
        return

    def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else host
        return known(address_of(name) if isinstance(name, str) and name.endswith(SUFFIX) else host, port, *rest, **more)

    getaddrinfo.knows_cluster = True  # type: ignore[attr-defined]
    socket.getaddrinfo = getaddrinfo


def address_of(name: str) -> str:
    """The first IPv4 address of a name. Raises socket.gaierror."""
    number = next(_numbers) % 65536
    query = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + _labels(name) + struct.pack(">2H", 1, 1)
    for _ in range(TRIES):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
            link.settimeout(SECONDS)
            try:
                link.sendto(query, (HOST_ADDRESS, 53))
                answer = link.recv(1024)
            except OSError:
                continue
            found = first_address(answer)
            if found is None:
                raise socket.gaierror(socket.EAI_NONAME, f"the cluster knows no {name}")
            return found
    raise socket.gaierror(socket.EAI_AGAIN, f"the cluster's DNS does not answer for {name}")


def first_address(answer: bytes) -> str | None:
    """Of an answer to one question; None when it holds none."""
    _, _, questions, count, _, _ = struct.unpack(">6H", answer[:12])
    at = 12
    for _ in range(questions):
        at = _after_name(answer, at) + 4
    for _ in range(count):
        at = _after_name(answer, at)
        kind, _, _, length = struct.unpack(">2HIH", answer[at : at + 10])
        at += 10
        if kind == 1 and length == 4:
            return socket.inet_ntoa(answer[at : at + 4])
        at += length
    return None


def _labels(name: str) -> bytes:
    return b"".join(bytes([len(part)]) + part for part in name.encode().split(b".")) + b"\0"


def _after_name(answer: bytes, at: int) -> int:
    while True:
        length = answer[at]
        if length & 0xC0 == 0xC0:
            return at + 2
        if length == 0:
            return at + 1
        at += 1 + length
