"""Ports of the loopback for the servers of tests."""

import contextlib
import secrets
import socket

HOST = "127.0.0.1"
LOWEST, ABOVE = 15_000, 30_000
"""Of those that no connection is given as its own end: a server that is started again would find it taken by one (seen).
Linux gives 32768 and above, Kubernetes 30000 and above."""


def free_port() -> int:
    """Nobody has it now."""
    return free_row(1)


def free_ports(count: int) -> list[int]:
    """They differ."""
    first = free_row(count)
    return list(range(first, first + count))


def free_row(count: int) -> int:
    """The first of so many, one after the other; all are held for a moment, so that each is free."""
    while True:
        first = LOWEST + secrets.randbelow(ABOVE - LOWEST - count)
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for port in range(first, first + count):
                held.enter_context(socket.socket()).bind((HOST, port))
            return first
