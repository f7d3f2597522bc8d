"""Whoever changes a channel need not know its secrets, and cannot get at them: neither by looking nor by having them sent."""

from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from moorage.core.alerts import Severity
from moorage.monitoring.telling.channel import Channel, Kind
from moorage.monitoring.telling.given import UnusableChannelError, Wrong, channel
from moorage.monitoring.telling.message import Language
from moorage.monitoring.telling.wished import changed, wished, written

HOOK = "https://robot.example/send?access_token=abcdef123456"
ROBOT = channel("dba", {"kind": "dingtalk", "url": HOOK, "secret": "SEC-1"})
MAIL = channel(
    "mail",
    {
        "kind": "mail",
        "url": "smtps://mail.example",
        "sender": "moorage@example.com",
        "to": "li@example.com",
        "user": "moorage",
        "secret": "pass-1",
    },
)


def faults(name: str, given: dict[str, Any], before: Channel | None, **more: bool) -> dict[str, Wrong]:
    """Field → what is wrong there."""
    with pytest.raises(UnusableChannelError) as refused:
        wished(name, given, before, **more)
    assert all(secret not in str(refused.value) for secret in ("abcdef123456", "SEC-1", "pass-1"))
    return {fault.field: fault.wrong for fault in refused.value.faults}


def test_a_secret_that_is_left_empty_stays_as_it_was() -> None:
    made = wished("dba", {"kind": "dingtalk", "language": "zh"}, ROBOT)
    assert (made.url, made.secret, made.language) == (HOOK, "SEC-1", Language.ZH)
    assert wished("dba", {"kind": "dingtalk", "url": " ", "secret": " "}, ROBOT) == ROBOT


def test_a_secret_that_is_given_takes_the_old_ones_place() -> None:
    other = "https://robot.example/send?access_token=other-123456"
    made = wished("dba", {"kind": "dingtalk", "url": other, "secret": "SEC-2"}, ROBOT)
    assert (made.url, made.secret) == (other, "SEC-2")


def test_a_secret_goes_when_somebody_says_so() -> None:
    assert wished("dba", {"kind": "dingtalk"}, ROBOT, drops_secret=True).secret == ""
    assert wished("dba", {"kind": "dingtalk", "secret": "SEC-2"}, ROBOT, drops_secret=True).secret == ""


@pytest.mark.parametrize(
    "url", ["smtps://mail.evil.example", "smtps://mail.example:2525", "smtp://mail.example", "smtps://mail.example.evil.example"]
)
def test_a_kept_secret_is_sent_to_no_other_server_and_to_none_that_is_not_encrypted(url: str) -> None:
    given = {**written(MAIL), "url": url, "secret": ""}
    assert faults("mail", given, MAIL) == {"secret": Wrong.SECRET_AGAIN}
    assert wished("mail", {**given, "secret": "pass-1"}, MAIL).url == url, "who knows it may send it where they like"
    assert wished("mail", {**given, "user": ""}, MAIL, drops_secret=True).url == url


def test_a_robots_new_address_at_the_same_host_keeps_the_signing_key() -> None:
    made = wished("dba", {"kind": "dingtalk", "url": "https://robot.example/send?access_token=another-1234"}, ROBOT)
    assert made.secret == "SEC-1"


def test_a_channel_that_becomes_another_kind_keeps_no_secret() -> None:
    assert faults("dba", {"kind": "feishu"}, ROBOT) == {"url": Wrong.URL}
    made = wished("dba", {"kind": "feishu", "url": "https://open.feishu.cn/open-apis/bot/v2/hook/abcdef123456"}, ROBOT)
    assert made.secret == ""
    assert faults("dba", {"kind": "telegram", "to": ["-100"]}, ROBOT) == {"secret": Wrong.TOKEN}


def test_a_new_one_has_nothing_to_keep() -> None:
    assert faults("dba", {"kind": "wecom"}, None) == {"url": Wrong.URL}


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"kind": "telegram"}, {"secret": Wrong.TOKEN, "to": Wrong.CHAT}),
        ({"kind": "slack", "url": HOOK, "secret": "xoxb-1"}, {"to": Wrong.CHAT}),
        ({"kind": "slack", "url": HOOK, "to": ["#dba"]}, {"secret": Wrong.TOKEN}),
        ({"kind": "slack", "url": HOOK, "secret": "xoxb-1", "to": ["#a", "#b"]}, {"to": Wrong.CHAT}),
        ({"kind": "dingtalk", "url": HOOK, "to": ["li"]}, {"to": Wrong.PHONES}),
        ({"kind": "mail"}, {"url": Wrong.URL, "sender": Wrong.SENDER, "to": Wrong.NOBODY}),
        ({**written(MAIL), "secret": ""}, {"secret": Wrong.PASSWORD}),
        ({**written(MAIL), "user": ""}, {"user": Wrong.USER}),
        ({"kind": "wecom", "url": HOOK, "zone": "Mars/Base"}, {"zone": Wrong.ZONE}),
        (
            {"kind": "wecom", "url": HOOK, "spaces": ["Shop!"], "services": ["orders"]},
            {"spaces": Wrong.SPACES, "services": Wrong.SERVICES},
        ),
    ],
)
def test_each_thing_that_is_wrong_is_said_of_its_own_field(given: dict[str, Any], wrong: dict[str, Wrong]) -> None:
    assert faults("dba", given, None) == wrong


def test_what_changed_is_told_by_name_and_never_by_value() -> None:
    after = wished("dba", {"kind": "dingtalk", "secret": "SEC-2", "severities": ["critical"], "muted": True}, ROBOT)
    assert changed(ROBOT, after) == ["secret", "severities", "muted"]


def test_two_that_differ_in_a_secret_alone_have_different_fingerprints() -> None:
    after = wished("dba", {"kind": "dingtalk", "secret": "SEC-2"}, ROBOT)
    assert after.fingerprint != ROBOT.fingerprint
    assert wished("dba", {"kind": "dingtalk"}, ROBOT).fingerprint == ROBOT.fingerprint
    assert "SEC-2" not in repr(after)
    assert "SEC-2" not in after.fingerprint


def test_only_addresses_that_are_no_secret_are_shown() -> None:
    assert MAIL.shown_url == "smtps://mail.example"
    assert channel("t", {"kind": "telegram", "secret": "1:token", "to": ["-100"]}).shown_url == "https://api.telegram.org"
    assert ROBOT.shown_url == ""
    assert channel("mail", {**written(MAIL), "url": "smtp://moorage:pass-1@mail.example"}).shown_url == ""
    assert channel("t", {"kind": "telegram", "url": "https://proxy.example/key-123", "secret": "1:t", "to": "1"}).shown_url == ""


_WORD = st.text(st.characters(exclude_characters=",", exclude_categories=("C", "Z")), min_size=1, max_size=20)
_CHANNELS = st.builds(
    Channel,
    name=st.just("dba"),
    kind=st.sampled_from([Kind.WECOM, Kind.FEISHU, Kind.WEBHOOK]),
    url=st.just(HOOK),
    language=st.sampled_from(Language),
    zone=st.sampled_from(["UTC", "Asia/Shanghai"]),
    secret=_WORD,
    to=st.lists(_WORD, max_size=3).map(tuple),
    severities=st.sampled_from([(), (Severity.CRITICAL,), (Severity.WARNING, Severity.CRITICAL)]),
    spaces=st.sampled_from([(), ("shop",), ("shop", "bank")]),
    muted=st.booleans(),
)


@drawn(_CHANNELS)
def test_what_is_written_down_is_read_as_the_same(one: Channel) -> None:
    assert channel("dba", written(one)) == one
    assert wished("dba", {**written(one), "url": "", "secret": ""}, one) == one
