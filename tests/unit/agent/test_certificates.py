"""A renewed certificate reaches the engine without a restart."""

import asyncio
from pathlib import Path

import pytest

from moorage.agent.certificates import follow
from moorage.engines.member import EngineError


class Engine:
    """Refuses as often as it is told to, then takes what the folder holds."""

    def __init__(self, folder: Path, refusals: int = 0) -> None:
        self._folder, self._refusals = folder, refusals
        self.used: asyncio.Queue[str] = asyncio.Queue()
        self.asked = asyncio.Event()

    async def reload(self) -> None:
        self.asked.set()
        if self._refusals:
            self._refusals -= 1
            raise EngineError("rotateCertificates: the engine does not answer")
        await self.used.put((self._folder / "tls.crt").read_text())


@pytest.fixture
def mounted(tmp_path: Path) -> Path:
    """As the kubelet mounts it: links through a folder that is swapped as a whole."""
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / "tls.crt").write_text("first")
    (tmp_path / "..data").symlink_to("v1")
    (tmp_path / "tls.crt").symlink_to("..data/tls.crt")
    return tmp_path


def swap(mounted: Path, name: str, text: str) -> None:
    (mounted / name).mkdir()
    (mounted / name / "tls.crt").write_text(text)
    (mounted / "..new").symlink_to(name)
    (mounted / "..new").replace(mounted / "..data")


async def test_every_change_is_told_until_the_engine_took_it(mounted: Path) -> None:
    engine = Engine(mounted, refusals=2)
    following = asyncio.create_task(follow(mounted, engine.reload, 0.01))
    await asyncio.sleep(0)
    for name, text in (("v2", "second"), ("v3", "third")):
        swap(mounted, name, text)
        assert await asyncio.wait_for(engine.used.get(), 5) == text
    assert engine.used.empty()
    following.cancel()


async def test_files_that_vanish_in_the_middle_of_a_swap_end_nothing(mounted: Path) -> None:
    engine = Engine(mounted)
    following = asyncio.create_task(follow(mounted, engine.reload, 0.01))
    await asyncio.sleep(0)
    (mounted / "v1" / "tls.crt").unlink()
    await asyncio.wait_for(engine.asked.wait(), 5)
    swap(mounted, "v2", "second")
    assert await asyncio.wait_for(engine.used.get(), 5) == "second"
    following.cancel()
