"""What tests of alerts read of each kind of channel is what the relay said."""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import yaml

from moorage.monitoring.alerts import alerts
from moorage.monitoring.telling import given, notice
from moorage.monitoring.telling.channel import Kind, Outcome
from moorage.monitoring.telling.message import Places, Teller
from moorage.server.telling.sender import Sender
from tests.alerts.people import CHINESE, People, listening
from tests.unit.monitoring.notices import payload

PLACES = Places(console="https://console.example", alertmanager="https://alerts.example")


@pytest.fixture(scope="module")
def people() -> Iterator[People]:
    with listening(*Kind, host="127.0.0.1") as found:
        yield found


@pytest.mark.parametrize("kind", Kind)
async def test_a_channel_as_somebody_writes_it_down_is_told_and_read(kind: Kind, people: People) -> None:
    channel = given.channel(str(kind), yaml.safe_load(people.secret()[f"{kind}.yaml"]))
    teller = Teller(channel.language, ZoneInfo(channel.zone), PLACES, {a.name: a for a in alerts()})
    verdict = await Sender(lambda: datetime.now(UTC)).send(channel, teller.message(notice.read(payload())))
    assert verdict.outcome is Outcome.DELIVERED, verdict
    (told,) = people.told(kind)
    words = "[告警] 🔴 shop/orders 无法提供服务" if kind in CHINESE else "[Alerting] 🔴 shop/orders cannot serve"
    assert words in told.title
    assert words in told.text
    for part in (
        "2026-11-28 14:03:10+08:00",
        "https://console.example",
        "https://alerts.example",
        "影响" if kind in CHINESE else "Impact",
    ):
        assert part in told.text
