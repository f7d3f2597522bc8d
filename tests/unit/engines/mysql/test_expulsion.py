"""Whom a dead member's agent asks, also while DNS is away."""

import socket
from typing import Any

import pytest

from moorage.engines.mysql import expulsion

HOST = "orders-g1-1.orders-members.shop.svc.cluster.local"


async def test_a_peer_is_asked_as_soon_as_its_name_leads_somewhere_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent writes into the hosts file what it remembers, a moment after DNS fell silent."""
    answers: list[Any] = [
        socket.gaierror(socket.EAI_AGAIN, "Temporary failure"),
        socket.gaierror(socket.EAI_NONAME, "unknown"),
        [],
    ]

    def find(*_what: Any, **_how: Any) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(socket, "getaddrinfo", find)
    await expulsion.until_found(HOST)
    assert answers == []


async def test_a_peer_that_no_name_leads_to_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(*_what: Any, **_how: Any) -> Any:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure")

    monkeypatch.setattr(socket, "getaddrinfo", find)
    monkeypatch.setattr(expulsion, "NAMELESS_SECONDS_MAX", 0.2)
    with pytest.raises(TimeoutError):
        await expulsion.until_found(HOST)
