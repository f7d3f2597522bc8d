"""Every engine's member is what the agent takes it for; mypy compares, the test makes them."""

from pathlib import Path

from moorage.engines.member import Home, Member
from moorage.engines.mongodb.member import MongoMember
from moorage.engines.mysql.member import MySqlMember


async def test_an_empty_home_makes_a_member_without_data(tmp_path: Path) -> None:
    home = Home("orders-g1-0", (), tmp_path, tmp_path, tmp_path)
    members: list[Member] = [MongoMember(home), MySqlMember(home, tmp_path)]
    assert [(m.is_running, m.has_data, m.damage, m.others) for m in members] == [(False, False, "", ())] * 2
