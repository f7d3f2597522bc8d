"""A channel that cannot work is refused when it is written down, with what is allowed, and without its secrets."""

from typing import Any

import pytest

from moorage.monitoring.telling.channel import Kind
from moorage.monitoring.telling.chosen import chosen
from moorage.monitoring.telling.given import UnusableChannelError, channel
from moorage.monitoring.telling.message import Language
from moorage.monitoring.telling.notice import read
from tests.unit.monitoring.notices import alert, payload

HOOK = "https://robot.example/send?access_token=abcdef123456"
MAIL = {
    "kind": "mail",
    "url": "smtp://mail.example:587",
    "sender": "moorage@example.com",
    "to": "li@example.com, wang@example.com",
}


def test_a_channel_is_written_down_in_few_words() -> None:
    found = channel("dba", {"kind": "dingtalk", "url": HOOK, "language": "zh", "zone": "Asia/Shanghai"})
    assert (found.kind, found.language, found.zone) == (Kind.DINGTALK, Language.ZH, "Asia/Shanghai")
    assert channel("mail", MAIL).to == ("li@example.com", "wang@example.com")
    assert channel("t", {"kind": "telegram", "secret": "1:token", "to": ["-100"]}).url == "https://api.telegram.org"


@pytest.mark.parametrize("kind", [k for k in Kind if k not in {Kind.MAIL, Kind.TELEGRAM}])
def test_most_channels_need_a_url_alone(kind: Kind) -> None:
    assert channel("dba", {"kind": str(kind), "url": HOOK}).url == HOOK


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"kind": "icq", "url": HOOK}, "allowed: slack, dingtalk"),
        ({"url": HOOK}, "its kind is 'None'"),
        ({"kind": "wecom"}, "qyapi.weixin.qq.com"),
        ({"kind": "wecom", "url": "ftp://robot.example/abcdef123456"}, "of no use"),
        ({"kind": "wecom", "url": "https://robot.example:99999/abcdef123456"}, "of no use"),
        ({"kind": "wecom", "url": HOOK, "zone": "Mars/Base"}, "no time zone 'Mars/Base'"),
        ({"kind": "wecom", "url": HOOK, "zone": "../../etc/passwd"}, "no time zone"),
        ({"kind": "wecom", "url": HOOK, "language": "fr"}, "allowed: en, zh"),
        ({"kind": "wecom", "url": HOOK, "keyword": "x"}, "there is no keyword"),
        ({"kind": "telegram", "to": "-100"}, "token"),
        ({"kind": "slack", "url": HOOK, "secret": "abcdef123456"}, "one chat"),
        ({"kind": "dingtalk", "url": HOOK, "to": "li"}, "telephone numbers"),
        ({**MAIL, "to": ""}, "somebody to send to"),
        ({**MAIL, "sender": "x\r\nBcc: all@example.com"}, "mail addresses"),
        ({**MAIL, "url": "https://mail.example"}, "smtps"),
        ({**MAIL, "user": "moorage"}, "password"),
        ({"kind": "wecom", "url": HOOK, "severities": "info"}, "allowed: critical, warning"),
        ({"kind": "wecom", "url": HOOK, "spaces": ["Shop!"]}, "names of spaces"),
        ({"kind": "wecom", "url": HOOK, "services": "orders"}, "SPACE/NAME"),
    ],
)
def test_what_cannot_work_is_refused_with_what_is_allowed(given: dict[str, Any], says: str) -> None:
    with pytest.raises(UnusableChannelError, match=says) as refused:
        channel("dba", given)
    assert "abcdef123456" not in str(refused.value)


def told(given: dict[str, Any], *alerts: dict[str, Any]) -> list[str]:
    """Names of the alerts that the channel is told of."""
    found = chosen(channel("dba", {"kind": "wecom", "url": HOOK, **given}), read(payload(*alerts)))
    return [] if found is None else [one.name for one in found.alerts]


def test_who_chose_nothing_is_told_of_everything() -> None:
    assert told({}, alert(), alert("MoorageDiskFullIn24h", "warning")) == ["MoorageServiceRed", "MoorageDiskFullIn24h"]


def test_a_channel_is_told_of_its_spaces_services_and_severities_alone() -> None:
    orders, payments = alert(), alert(service="payments")
    assert told({"spaces": "shop"}, orders) == ["MoorageServiceRed"]
    assert told({"spaces": "shops"}, orders) == []
    assert told({"services": ["shop/orders"]}, orders, payments) == ["MoorageServiceRed"]
    assert told({"spaces": "bank", "services": "shop/orders"}, orders) == ["MoorageServiceRed"], "either is enough"
    assert told({"severities": "critical"}, orders, alert("MoorageDiskFullIn24h", "warning")) == ["MoorageServiceRed"]
    assert told({"severities": "critical", "spaces": "bank"}, orders) == []


def test_a_muted_channel_is_told_of_nothing() -> None:
    assert told({"muted": True}, alert()) == []
    with pytest.raises(UnusableChannelError, match="its muted is 'perhaps'"):
        channel("dba", {"kind": "wecom", "url": HOOK, "muted": "perhaps"})


def test_who_chose_services_is_told_nothing_of_moorage_itself() -> None:
    of_platform = alert("MoorageOperatorSilent", namespace="", service="")
    assert told({"services": "shop/orders"}, of_platform) == []
    assert told({"severities": "critical"}, of_platform) == ["MoorageOperatorSilent"]


@pytest.mark.parametrize("name", ["", "DBA", "a b", "a" * 41, "-a"])
def test_a_name_is_one_that_kubernetes_takes(name: str) -> None:
    with pytest.raises(UnusableChannelError, match="allowed"):
        channel(name, {"kind": "wecom", "url": HOOK})
