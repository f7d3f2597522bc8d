"""The CLI as a person runs it, against an API server of a few dicts."""

import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from moorage.cli import follow
from moorage.cli.main import run
from tests.unit.cli.fake import FakeClient, Logs, Object


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

    def command(
        *arguments: str,
        having: list[Object] | None = None,
        said: Mapping[str, list[Object]] | None = None,
        forbidden: Collection[str] = (),
        logs: Logs | None = None,
    ) -> Ran:
        client = FakeClient(*(having or []), said=said, forbidden=forbidden, logs=logs)

        def connected(*_: Any, **__: Any) -> FakeClient:
            return client

        # In place of the whole module: the library registers each kind once in a process, and the operator may have done so.
        monkeypatch.setitem(sys.modules, "moorage.cli.client", SimpleNamespace(Client=connected))
        code = run(list(arguments))
        printed = capsys.readouterr()
        return Ran(code, printed.out, printed.err, client)

    return command
