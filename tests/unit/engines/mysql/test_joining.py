"""A member that is outside of its group goes on looking for it, whatever happens."""

import asyncio
from typing import Any, cast

import pytest

from moorage.engines.mysql import joining
from moorage.engines.mysql.joining import Joining


class Folder:
    damage = ""


class Fails(Joining):
    """Once, by what nobody expected: a session that was closed while it was asked (seen)."""

    def __init__(self) -> None:
        super().__init__(cast("Any", None), cast("Any", None), cast("Any", Folder()), lambda: "")
        self.said: list[str] = []
        self.again = asyncio.Event()

    async def _step(self) -> None:
        if not self.said:
            self.said.append("tried")
            raise RuntimeError("cannot schedule new futures after shutdown")
        self.said.append(self.why_not)
        self.again.set()


async def test_an_error_that_nobody_expected_is_said_and_does_not_end_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joining, "PACE_SECONDS", 0.0)
    found = Fails()
    search = asyncio.create_task(found.run())
    again = asyncio.create_task(found.again.wait())
    await asyncio.wait({search, again}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    ended = search.done()
    search.cancel()
    again.cancel()
    assert not ended
    assert "cannot schedule new futures" in found.said[1]
