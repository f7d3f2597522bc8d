"""While DNS is away the members' own hosts file says where the others were, and at no other time."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from moorage.agent import lookups
from moorage.agent.hosts import HostsFile, with_peers, without_peers
from moorage.agent.lookups import SOON_SECONDS, Lookups, NoAnswerError
from moorage.core.report import MemberReport, Role

BASE = "127.0.0.1\tlocalhost\n10.1.0.1\torders-g1-0.orders-members.shop.svc.cluster.local\torders-g1-0\n"
ADDRESS = "orders.shop.svc.cluster.local"
ONE, OTHER = "orders-g1-1.orders-members.shop.svc.cluster.local", "orders-g1-2.orders-members.shop.svc.cluster.local"


class Dns:
    """Answers from `names` unless it is away."""

    def __init__(self) -> None:
        self.is_away, self.asked = False, list[str]()
        self.all_found, self.found_away = asyncio.Event(), asyncio.Event()
        self.at_the_last: Callable[[], None] = lambda: None
        self.names = {ADDRESS: "10.2.0.1", ONE: "10.1.0.2", OTHER: "10.1.0.3"}

    async def find(self, host: str) -> str | None:
        self.asked.append(host)
        if self.is_away:
            self.found_away.set()
            raise NoAnswerError(host)
        if host == OTHER:
            self.all_found.set()
            self.at_the_last()
        return self.names.get(host)


class World:
    def __init__(self, folder: Path) -> None:
        self.path, self.dns = folder / "hosts", Dns()
        self.path.write_text(BASE)
        self.report = MemberReport(role=Role.SECONDARY)
        self.lookups = Lookups(
            ADDRESS, lambda: (ONE, OTHER), lambda: self.report, open_file=lambda: HostsFile(self.path), find=self.dns.find
        )

    def look(self) -> str:
        asyncio.run(self.lookups.look(HostsFile(self.path)))
        return self.path.read_text()


def test_nothing_is_added_while_dns_answers(tmp_path: Path) -> None:
    assert World(tmp_path).look() == BASE


def test_while_dns_is_away_the_others_are_found_where_they_were(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.look()
    world.dns.is_away = True
    text = world.look()
    assert text.startswith(BASE)
    assert f"10.1.0.2\t{ONE}\n" in text
    assert f"10.1.0.3\t{OTHER}\n" in text


def test_what_dns_says_counts_again_as_soon_as_it_answers(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.look()
    world.dns.is_away = True
    world.look()
    world.dns.is_away, world.dns.names[ONE] = False, "10.1.0.9"
    assert world.look() == BASE
    world.dns.is_away = True
    assert f"10.1.0.9\t{ONE}\n" in world.look()


def test_a_member_that_was_never_found_is_not_made_up(tmp_path: Path) -> None:
    world = World(tmp_path)
    del world.dns.names[OTHER]
    world.look()
    world.dns.is_away = True
    assert OTHER not in world.look()


def test_an_agent_that_starts_while_dns_is_away_knows_what_the_one_before_knew(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.path.write_text(with_peers(BASE, {ONE: "10.1.0.2"}))
    world.dns.is_away = True
    assert world.look() == with_peers(BASE, {ONE: "10.1.0.2"})
    world.dns.is_away = False
    assert world.look() == BASE
    assert without_peers(world.path.read_text()) == BASE


def test_a_file_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    lookups = Lookups(ADDRESS, lambda: (ONE,), lambda: world.report, open_file=lambda: HostsFile(tmp_path / "missing"))

    async def story() -> bool:
        task = asyncio.create_task(lookups.run())
        done, _ = await asyncio.wait({task}, timeout=0.05)
        task.cancel()
        return not done

    assert asyncio.run(story())


def test_a_file_that_could_not_be_written_once_is_written_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A node's disk that is full, and has room again."""
    monkeypatch.setattr(lookups, "CALM_SECONDS", 0.01)
    monkeypatch.setattr(lookups, "SOON_SECONDS", 0.01)
    world = World(tmp_path)
    real, failures = HostsFile.tell, iter([OSError("No space left on device")])

    def tell(file: HostsFile, known: dict[str, str]) -> None:
        if known and (error := next(failures, None)):
            raise error
        real(file, known)

    monkeypatch.setattr(HostsFile, "tell", tell)

    async def story() -> None:
        task = asyncio.create_task(world.lookups.run())
        await world.dns.all_found.wait()
        world.dns.is_away = True
        world.lookups.turn()
        async with asyncio.timeout(2):
            while ONE not in world.path.read_text():  # noqa: ASYNC110 - a file is no event
                await asyncio.sleep(0.01)
        task.cancel()

    asyncio.run(story())


def test_a_change_while_it_looks_is_looked_at_as_well(tmp_path: Path) -> None:
    world = World(tmp_path)

    def during_the_look() -> None:
        world.dns.is_away = True
        world.lookups.turn()

    async def story() -> None:
        world.dns.at_the_last = during_the_look
        task = asyncio.create_task(world.lookups.run())
        await asyncio.wait_for(world.dns.found_away.wait(), SOON_SECONDS / 2)
        task.cancel()

    asyncio.run(story())


def test_a_change_is_looked_at_at_once(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def story() -> list[str]:
        task = asyncio.create_task(world.lookups.run())
        await world.dns.all_found.wait()
        world.dns.is_away = True
        world.lookups.turn()
        await asyncio.wait_for(world.dns.found_away.wait(), SOON_SECONDS / 2)
        await asyncio.sleep(0)
        task.cancel()
        return world.dns.asked

    assert asyncio.run(story()) == [ADDRESS, ONE, OTHER, ADDRESS]
    assert ONE in world.path.read_text()
