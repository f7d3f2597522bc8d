"""The CLI as a person runs it, against an API server of a few dicts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from moorage.cli import follow
from moorage.cli.main import run
from tests.unit.cli.fake import FakeClient, Object


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str
    client: FakeClient


Moorage = Callable[..., Ran]


@pytest.fixture
def moorage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Moorage:
    """`moorage("backups", having=[…])`."""
    monkeypatch.setattr(follow, "LOOK_SECONDS", 0)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)

    def command(*arguments: str, having: list[Object] | None = None, said: Mapping[str, list[Object]] | None = None) -> Ran:
        client = FakeClient(*(having or []), said=said)

        def connected(*_: Any, **__: Any) -> FakeClient:
            return client

        monkeypatch.setattr("moorage.cli.client.Client", connected)
        code = run(list(arguments))
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err, client)

    return command
