"""The volume as the agent measures it, and the file that keeps room in it."""

from pathlib import Path

from moorage.agent.volume import LOOK_SECONDS_MAX, LOOK_SECONDS_MIN, RESERVE_FILE, Volume, measured, size_bytes
from moorage.core.reserve import reserve_bytes
from moorage.core.volume import GIB, Room


async def test_room_is_kept_in_a_volume_that_has_some_and_counts_as_used(tmp_path: Path) -> None:
    before, volume = measured(tmp_path), Volume(tmp_path)
    await volume.look(is_running=True)
    kept = size_bytes(tmp_path / RESERVE_FILE)
    assert kept >= reserve_bytes(before.size_bytes)
    assert volume.may_run
    assert volume.state.size_mib > 0
    (tmp_path / RESERVE_FILE).unlink()


async def test_a_folder_that_cannot_be_looked_at_stays_as_it_was_seen_last(tmp_path: Path) -> None:
    volume = Volume(tmp_path / "not-there")
    await volume.look(is_running=True)
    assert (volume.may_run, volume.state.size_mib) == (True, 0)


def test_a_volume_with_little_room_is_looked_at_often(tmp_path: Path) -> None:
    volume = Volume(tmp_path)
    volume.room = Room(100 * GIB, 50 * GIB)
    assert volume.pause_seconds == LOOK_SECONDS_MAX
    volume.room = Room(100 * GIB, 5 * GIB)
    assert volume.pause_seconds == LOOK_SECONDS_MIN
