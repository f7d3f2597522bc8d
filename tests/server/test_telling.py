"""What Alertmanager sent reaches people: kept at a real API server with the relay's own rights, told to real receivers."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lightkube import KubeConfig

from moorage.kube.client import Kube, KubeError
from moorage.kube.person import Persons
from moorage.monitoring.alerts import alerts
from moorage.monitoring.telling.channel import Kind, Outcome
from moorage.monitoring.telling.message import Places
from moorage.monitoring.telling.notice import UnreadableError
from moorage.monitoring.telling.pace import PER_MINUTE as PACE
from moorage.server.telling.outbox import CLAIM_SECONDS, KEEP_DAYS, NAME_PREFIX, Outbox
from moorage.server.telling.records import State
from moorage.server.telling.relay import Relay
from moorage.server.telling.sender import Sender
from tests.server.kubernetes import CONSOLE_NAMESPACE, RELAY_USER, Kubernetes
from tests.unit.monitoring.notices import alert, payload
from tests.unit.server.receivers import PER_MINUTE, TOKEN, Receiver

ALERTS = {a.name: a for a in alerts()}


class Clock:
    """The real time, and what a test adds to it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_by(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def kube(kubernetes: Kubernetes) -> AsyncIterator[Kube]:
    """With the rights that the chart gives the relay; nothing of another test is waiting."""
    config = KubeConfig.from_file(kubernetes.kubeconfig(RELAY_USER)).get()
    yield Persons(config).own
    for one in kubernetes.list("ConfigMap", CONSOLE_NAMESPACE):
        if one["metadata"]["name"].startswith(NAME_PREFIX):
            kubernetes.delete("ConfigMap", one["metadata"]["name"], CONSOLE_NAMESPACE)


def relay(kube: Kube, clock: Clock, *receivers: Receiver, identity: str = "a", **more: Any) -> Relay:
    channels = {str(receiver.kind): receiver.channel(**more) for receiver in receivers}
    sender = Sender(lambda: datetime.now(UTC))
    return Relay(Outbox(kube, CONSOLE_NAMESPACE, identity), channels, sender, ALERTS, Places(), clock)


def outbox(kube: Kube, identity: str = "reader") -> Outbox:
    return Outbox(kube, CONSOLE_NAMESPACE, identity)


async def test_every_channel_is_told_and_the_log_has_each_ones_own_words(
    kube: Kube, clock: Clock, dingtalk: Receiver, slack: Receiver
) -> None:
    one = relay(kube, clock, dingtalk, slack)
    await one.accept(payload(), ["dingtalk", "slack"])
    await one.turn()
    assert len(dingtalk.taken) == len(slack.taken) == 1
    (told,) = await outbox(kube).log("dingtalk", 10)
    assert told.state is State.DELIVERED
    assert told.attempts[0].answer == '200 {"errcode": 0, "errmsg": "ok"}'
    assert (await outbox(kube).log("slack", 10))[0].attempts[0].answer == "200 ok"


async def test_nothing_is_lost_when_the_relay_dies_before_it_has_sent(kube: Kube, clock: Clock, dingtalk: Receiver) -> None:
    await relay(kube, clock, dingtalk).accept(payload(), ["dingtalk"])
    await relay(kube, clock, dingtalk, identity="b").turn()
    assert len(dingtalk.taken) == 1


async def test_what_a_relay_had_in_hand_when_it_died_is_sent_by_another_one(kube: Kube, clock: Clock, dingtalk: Receiver) -> None:
    await relay(kube, clock, dingtalk).accept(payload(), ["dingtalk"])
    (kept,) = await outbox(kube).waiting()
    assert await outbox(kube, "a").claim(kept, clock()) is not None
    other = relay(kube, clock, dingtalk, identity="b")
    await other.turn()
    assert dingtalk.asked == 0, "the one that claimed it may be sending it now"
    clock.pass_by(CLAIM_SECONDS + 1)
    await other.turn()
    assert len(dingtalk.taken) == 1


async def test_two_relays_do_not_send_one_message_twice(kube: Kube, clock: Clock, slack: Receiver) -> None:
    first, second = (relay(kube, clock, slack, identity=name) for name in ("a", "b"))
    for number in range(5):
        await first.accept(payload(key=str(number)), ["slack"])
    for _ in range(5):
        await asyncio.gather(first.turn(), second.turn())
    while await outbox(kube).waiting():
        await asyncio.gather(first.turn(), second.turn())
    assert len(slack.taken) == 5


async def test_a_refusal_within_a_yes_is_shown_and_not_repeated(kube: Kube, clock: Clock, dingtalk: Receiver) -> None:
    one = relay(kube, clock, dingtalk, secret="another secret")
    await one.accept(payload(), ["dingtalk"])
    await one.turn()
    clock.pass_by(3600)
    await one.turn()
    (told,) = await outbox(kube).log("dingtalk", 10)
    assert told.state is State.REFUSED
    assert "sign not match" in told.attempts[0].answer
    assert dingtalk.asked == 1


async def test_trouble_is_tried_again_later_and_later_until_it_is_over(kube: Kube, clock: Clock, dingtalk: Receiver) -> None:
    dingtalk.trouble = [
        (200, {"errcode": 130101, "errmsg": "send too fast"}),
        (502, "bad gateway"),
        (200, "<html>a proxy</html>"),
    ]
    one = relay(kube, clock, dingtalk)
    await one.accept(payload(), ["dingtalk"])
    await one.turn()
    waits = []
    for failures in (1, 2, 3):
        assert dingtalk.asked == failures
        waits.append(await one.turn())
        assert dingtalk.asked == failures, "nobody is spoken to before the wait is over"
        clock.pass_by(waits[-1] + 0.1)
        await one.turn()
    assert waits == sorted(waits)
    (told,) = await outbox(kube).log("dingtalk", 10)
    assert told.state is State.DELIVERED
    assert [attempt.outcome for attempt in told.attempts] == [*[Outcome.AGAIN] * 3, Outcome.DELIVERED]


async def test_what_could_not_be_sent_for_a_day_is_given_up_and_shown(kube: Kube, clock: Clock, dingtalk: Receiver) -> None:
    dingtalk.trouble = [(503, "later")] * 2
    one = relay(kube, clock, dingtalk)
    await one.accept(payload(), ["dingtalk"])
    await one.turn()
    clock.pass_by(25 * 3600)
    await one.turn()
    assert (await outbox(kube).log("dingtalk", 10))[0].state is State.GIVEN_UP


async def test_a_storm_is_told_in_few_messages_and_names_every_service(kube: Kube, clock: Clock, dingtalk: Receiver) -> None:
    one = relay(kube, clock, dingtalk)
    for number in range(2 * PER_MINUTE):
        about = alert(service=f"service{number}")
        await one.accept(payload(about, key=str(number)), ["dingtalk"])
    await one.turn()
    said = str(dingtalk.taken)
    assert len(dingtalk.taken) == dingtalk.asked == 1
    for number in range(2 * PER_MINUTE):
        assert f"shop/service{number} cannot serve" in said
    assert await outbox(kube).waiting() == []


async def test_a_relay_that_was_started_anew_speaks_no_faster_than_its_channel_bears(
    kube: Kube, clock: Clock, dingtalk: Receiver
) -> None:
    one = relay(kube, clock, dingtalk)
    for number in range(PER_MINUTE):
        await one.accept(payload(key=str(number)), ["dingtalk"])
        await one.turn()
    taken = len(dingtalk.taken)
    assert taken == PACE[Kind.DINGTALK] < PER_MINUTE
    another = relay(kube, clock, dingtalk, identity="b")
    assert await another.turn() > 0
    assert len(dingtalk.taken) == taken
    clock.pass_by(61)
    while await outbox(kube).waiting():
        await another.turn()
    assert len(dingtalk.taken) == PER_MINUTE


async def test_a_channel_in_trouble_holds_up_no_other(kube: Kube, clock: Clock, dingtalk: Receiver, slack: Receiver) -> None:
    dingtalk.trouble = [(503, "later")]
    one = relay(kube, clock, dingtalk, slack)
    await one.accept(payload(), ["dingtalk", "slack"])
    await one.turn()
    assert len(slack.taken) == 1
    assert len(await outbox(kube).waiting()) == 1


async def test_what_cannot_be_kept_is_not_accepted(kubernetes: Kubernetes, clock: Clock, dingtalk: Receiver) -> None:
    """Then Alertmanager has it still, and sends it again."""
    config = KubeConfig.from_file(kubernetes.kubeconfig(RELAY_USER)).get()
    elsewhere = Outbox(Persons(config).own, "no-such-namespace", "a")
    one = Relay(elsewhere, {"dingtalk": dingtalk.channel()}, Sender(clock), ALERTS, Places(), clock)
    with pytest.raises(KubeError):
        await one.accept(payload(), ["dingtalk"])
    with pytest.raises(UnreadableError):
        await one.accept({"version": "3"}, ["dingtalk"])


async def test_it_runs_until_it_is_stopped_and_wakes_at_once(kube: Kube, clock: Clock, slack: Receiver) -> None:
    one = relay(kube, clock, slack)
    task = asyncio.create_task(one.run())
    try:
        await one.accept(payload(), ["slack"])
        async with asyncio.timeout(60):
            while not slack.taken:  # noqa: ASYNC110 - what it looks at is no event
                await asyncio.sleep(0.05)
    finally:
        task.cancel()


async def test_somebody_may_ask_whether_a_channel_works(kube: Kube, clock: Clock, slack: Receiver) -> None:
    verdict = await relay(kube, clock, slack).test(slack.channel())
    assert verdict.outcome is Outcome.DELIVERED
    assert "[Test]" in str(slack.taken[0])


async def test_a_muted_channel_is_told_nothing_and_can_be_tested(kube: Kube, clock: Clock, slack: Receiver) -> None:
    one = relay(kube, clock, slack, muted=True)
    assert await one.accept(payload(), ["slack"]) == []
    await one.turn()
    assert slack.asked == 0
    assert (await one.test(slack.channel(muted=True))).outcome is Outcome.DELIVERED


async def test_the_newest_message_of_each_channel_is_found(kube: Kube, clock: Clock, dingtalk: Receiver, slack: Receiver) -> None:
    one = relay(kube, clock, dingtalk, slack)
    await one.accept(payload(), ["dingtalk", "slack"])
    clock.pass_by(60)
    newest = await one.accept(payload(key="another"), ["slack"])
    found = await outbox(kube).latest()
    assert set(found) == {"dingtalk", "slack"}
    assert found["slack"].name == newest[0].name


async def test_no_secret_is_kept_with_a_message(kubernetes: Kubernetes, kube: Kube, clock: Clock, slack: Receiver) -> None:
    one = relay(kube, clock, slack, url=slack.base + f"/services/wrong/{TOKEN}/x-wrong-x")
    await one.accept(payload(), ["slack"])
    await one.turn()
    kept = [m for m in kubernetes.list("ConfigMap", CONSOLE_NAMESPACE) if m["metadata"]["name"].startswith(NAME_PREFIX)]
    assert kept
    assert TOKEN not in str(kept)


async def test_what_is_done_is_kept_for_two_weeks_and_what_waits_for_ever(kube: Kube, clock: Clock, slack: Receiver) -> None:
    one = relay(kube, clock, slack)
    await one.accept(payload(), ["slack"])
    await one.turn()
    await one.accept(payload(key="another"), ["slack"])
    await outbox(kube).sweep(clock() + timedelta(days=KEEP_DAYS - 1))
    assert len(await outbox(kube).log("slack", 10)) == 2
    await outbox(kube).sweep(clock() + timedelta(days=KEEP_DAYS + 1))
    (left,) = await outbox(kube).log("slack", 10)
    assert left.state is State.WAITING
