"""A service that cannot serve, on the cluster: everybody is told in time and in their own language, and of its end, once."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from moorage.monitoring.alerts import alerts
from moorage.monitoring.telling.channel import Kind, Outcome
from moorage.server.telling.records import State
from tests.alerts import centre
from tests.alerts.colours import Colours
from tests.alerts.figures import Figure
from tests.alerts.people import CHINESE, People, Told
from tests.chaos.processes import freeze, thaw
from tests.e2e.cluster import engine_pid, until
from tests.e2e.small import Small

SMALL = Small("alarm")
RED = "MoorageServiceRed"
HELD_SECONDS = next(alert.for_seconds for alert in alerts() if alert.name == RED)
RED_SECONDS_MAX = 30.0
"""From the moment in which the service's status is red: scraped within 10, judged within 5, held for 10, sent within 5."""
ROOM_SECONDS = 15.0
"""For a machine of two cores that does much besides: the promise is printed, and this is what a test may miss it by."""
OK_SECONDS_MAX = 90.0
"""Alertmanager tells what comes later to a message 30 s after the one before."""
OTHERS_SECONDS_MAX = 20.0
"""Between the first and the last of those who are told."""
MEMORY = {"mongodb": "512Mi", "mysql": "1Gi"}
SIZE = {"mongodb": "1Gi", "mysql": "2Gi"}
TOOK = r"after (\d+m)?\d+s"
TOOK_ZH = r"持续 (\d+m)?\d+s"


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    with SMALL.made():
        yield SMALL.namespace


@pytest.fixture(scope="module", params=["mongodb", "mysql"])
def alone(request: pytest.FixtureRequest, namespace: str) -> Iterator[str]:
    """A service of one member, of each engine."""
    del namespace
    engine = request.param
    resources, storage = {"cpu": "250m", "memory": MEMORY[engine]}, {"size": SIZE[engine]}
    with SMALL.deployed(f"{engine}-one", engine=engine, resources=resources, storage=storage) as name:
        SMALL.green(name)
        yield name


@contextmanager
def standing_still(service: str) -> Iterator[None]:
    """Its engine does."""
    pid = engine_pid(f"{service}-g1-0", SMALL.namespace)
    freeze(pid)
    try:
        yield
    finally:
        thaw(pid)


def first(people: People, channel: str, words: str, since: float, seconds: float) -> Told:
    """The first message to a channel with these words in its title since that moment."""

    def there() -> Told | None:
        return next((told for told in people.told(channel) if words in told.title and told.moment >= since), None)

    return until(f"{channel} is told '{words}'", there, seconds=seconds)


def test_everybody_is_told_of_red_within_half_a_minute_and_of_its_end(people: People, alone: str, measured: list[Figure]) -> None:
    subject = f"alarm/{alone}"
    with Colours("alarm", alone) as colours:
        began = time.monotonic()
        with standing_still(alone):
            red = colours.until("red", began)
            told = {}
            for kind in Kind:
                words = f"[告警] 🔴 {subject} 无法提供服务" if kind in CHINESE else f"[Alerting] 🔴 {subject} cannot serve"
                told[kind] = first(people, kind, words, began, RED_SECONDS_MAX + ROOM_SECONDS + OTHERS_SECONDS_MAX)
            sentence = str(SMALL.status(alone)["healthMsg"])
        healed = time.monotonic()
        green = colours.until("green", healed)
        ends = {
            kind: first(
                people, kind, f"[恢复] 🟢 {subject}" if kind in CHINESE else f"[OK] 🟢 {subject} recovered", healed,
                OK_SECONDS_MAX + ROOM_SECONDS,
            )
            for kind in Kind
        }  # fmt: skip
    waits = {str(kind): round(message.moment - red, 1) for kind, message in told.items()}
    over = max(message.moment for message in ends.values()) - green
    print(f"{alone}: red after {red - began:.1f} s; told after {waits} s of red; green after {green - healed:.1f} s; [OK] "
          f"{over:.1f} s after green, as '{ends[Kind.SLACK].title}'")  # fmt: skip
    assert min(waits.values()) <= RED_SECONDS_MAX + ROOM_SECONDS
    assert max(waits.values()) - min(waits.values()) <= OTHERS_SECONDS_MAX
    for kind, message in told.items():
        _is_whole(message, sentence, is_chinese=kind in CHINESE)
        assert re.search(TOOK_ZH if kind in CHINESE else TOOK, ends[kind].title), ends[kind].title
        assert len([m for m in people.told(kind) if subject in m.title and m.moment >= began]) == 2, "once, and its end once"
    engine, day = alone.partition("-")[0], f"{datetime.now(UTC):%Y-%m-%d}"
    cause = f"the only engine of a {engine} service stands still; the last of seven channels"
    measured.append(Figure(RED, subject, cause, HELD_SECONDS, round(max(waits.values())), day, over_seconds=round(over)))


def _is_whole(message: Told, sentence: str, *, is_chinese: bool) -> None:
    """It says since when, why, and where to look."""
    assert ("影响" if is_chinese else "Impact") in message.text
    assert ("开始时间" if is_chinese else "Since") in message.text
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+08:00", message.text), "since when, in the reader's own zone"
    assert "datanode0" in sentence
    assert "datanode0" in message.text, f"the sentence of why, '{sentence}', is not in: {message.text}"
    for link in centre.LINKS.values():
        assert link in message.text
    assert "silences/new" in message.text


def test_who_refuses_within_a_yes_or_is_in_trouble_gets_it_once_when_that_is_over(people: People, alone: str) -> None:
    """And the log says each answer."""
    subject, began = f"alarm/{alone}", time.monotonic()
    people.receivers[Kind.DINGTALK].trouble = [(200, {"errcode": 130101, "errmsg": "send too fast"})]
    people.receivers[Kind.FEISHU].trouble = [(200, {"code": 11232, "msg": "frequency limited"})]
    people.receivers[Kind.WEBHOOK].trouble = [(500, "down"), (429, "slow down")]
    healing = (Kind.DINGTALK, Kind.FEISHU, Kind.WEBHOOK)
    with Colours("alarm", alone) as colours:
        with standing_still(alone):
            colours.until("red", began)
            for kind in healing:
                first(people, kind, f" 🔴 {subject}", began, RED_SECONDS_MAX + ROOM_SECONDS + OTHERS_SECONDS_MAX)
        healed = time.monotonic()
        colours.until("green", healed)
        for kind in healing:
            first(people, kind, f" 🟢 {subject}", healed, OK_SECONDS_MAX + ROOM_SECONDS)
    for kind, tries in zip(healing, (2, 2, 3), strict=True):
        mine = [told for told in people.told(kind) if subject in told.title and told.moment >= began]
        assert len(mine) == 2, [told.title for told in mine]
        delivery = centre.deliveries(kind, f"🔴 {subject}")[-1]
        assert delivery.state is State.DELIVERED
        assert [attempt.outcome for attempt in delivery.attempts] == [*[Outcome.AGAIN] * (tries - 1), Outcome.DELIVERED]
        print(f"{kind}: {[attempt.answer for attempt in delivery.attempts]}")
