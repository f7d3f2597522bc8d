"""A message says whom it is about, what it means and what Moorage does, in the reader's language, and fits its channel."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.monitoring.alerts import alerts
from moorage.monitoring.telling.channel import Answer, Channel, Kind, Outcome, told
from moorage.monitoring.telling.fit import fitted
from moorage.monitoring.telling.formats import dingtalk, feishu, mail, slack, telegram, webhook, wecom
from moorage.monitoring.telling.message import Colour, Language, Line, Link, Message, Places, Teller, duration
from moorage.monitoring.telling.notice import UnreadableError, read
from moorage.monitoring.telling.pace import AGAIN_SECONDS_MAX, PER_MINUTE, WINDOW_SECONDS, again_seconds, turn
from tests.unit.monitoring.notices import alert, payload

NOW = datetime(2026, 11, 28, 6, 5, tzinfo=UTC)
PLACES = Places("https://console", "https://grafana", "https://runbooks", "https://alertmanager")
ALERTS = {a.name: a for a in alerts()}
SECRET = "SEC0123456789"
OVER = "2026-11-28T06:05:23.5Z"


def teller(language: Language = Language.EN, zone: str = "Asia/Shanghai") -> Teller:
    return Teller(language, ZoneInfo(zone), PLACES, ALERTS)


def channel(kind: Kind, **more: Any) -> Channel:
    return Channel("team", kind, more.pop("url", "https://robot.example/send/access-key-123?access_token=abcdef123456"), **more)


def text(message: Message) -> str:
    return "\n".join((message.title, *(f"{line.head} {line.text}" for line in message.lines)))


def test_a_red_service_is_told_as_a_tired_person_wants_it() -> None:
    message = teller().message(read(payload(alert(why="there is no primary, electing"))))
    assert message.title == "[Alerting] 🔴 shop/orders cannot serve"
    heads = {line.head: line.text for line in message.lines}
    assert heads["Moorage"].startswith("there is no primary, electing\n")
    assert heads["Since"] == "2026-11-28 14:03:10+08:00"
    assert "moorage why NAME" in heads["You"]
    assert {link.title: link.url for link in message.links} == {
        "Console": "https://console/services/shop/orders",
        "Dashboard": "https://grafana/d/moorage-fleet?var-namespace=shop&var-service=orders",
        "Runbook": "https://runbooks/MoorageServiceRed.md",
        "Silence 1 h": "https://alertmanager/#/silences/new?filter=%7Balertname%3D%22MoorageServiceRed%22%2C%20namespace%3D%22shop%22%2C"
        "%20service%3D%22orders%22%7D",
    }


def test_the_same_in_chinese() -> None:
    message = teller(Language.ZH).message(read(payload()))
    assert message.title == "[告警] 🔴 shop/orders 无法提供服务"
    assert {line.head for line in message.lines} == {"含义", "影响", "Moorage", "您需要", "开始时间"}


@pytest.mark.parametrize(
    ("language", "title"),
    [(Language.EN, "[OK] 🟢 shop/orders recovered after 2m13s"), (Language.ZH, "[恢复] 🟢 shop/orders 已恢复，持续 2m13s")],
)
def test_an_end_always_says_how_long_it_was(language: Language, title: str) -> None:
    assert teller(language).message(read(payload(alert(ends=OVER)))).title == title


def test_it_began_when_it_began_to_hold_and_not_when_it_had_held_for_long_enough_to_be_told() -> None:
    held = alert("MoorageServiceYellow", "warning", ends=OVER)
    held["annotations"] |= {"held_seconds": "900"}
    message = teller().message(read(payload(held)))
    assert message.title.endswith("recovered after 17m13s")
    assert {line.head: line.text for line in message.lines}["Since"] == "2026-11-28 13:48:10+08:00"
    held["annotations"] |= {"held_seconds": "a while"}
    assert teller().message(read(payload(held))).title.endswith("recovered after 2m13s"), "somebody else's rule"


def test_an_end_belongs_to_the_conversation_of_its_beginning() -> None:
    began, ended = teller().message(read(payload())), teller().message(read(payload(alert(ends=OVER))))
    assert began.thread == ended.thread != ""


def test_a_group_is_over_only_when_all_of_it_is() -> None:
    notice = read(payload(alert(ends=OVER), alert("MoorageServiceYellow", "warning")))
    assert not notice.is_over
    assert teller().message(notice).title.startswith("[Alerting] 🟡 shop/orders serves")


def test_the_gravest_comes_first_and_none_is_left_out_silently() -> None:
    many = [alert("MoorageDiskFull", "critical", pod=f"orders-g1-{i}") for i in range(7)]
    message = teller().message(read(payload(alert("MoorageServiceYellow", "warning"), *many, truncatedAlerts=3)))
    assert message.colour is Colour.RED
    assert message.lines[-1].text == "6 more alerts"


def test_an_alert_of_somebody_else_is_told_in_its_own_words() -> None:
    message = teller(Language.ZH).message(read(payload(alert("QueueLong", "page"))))
    assert message.title == "[告警] 🟡 QueueLong says so"
    assert "what the rule says" in text(message)


def own(*channels: str) -> dict[str, Any]:
    """An alert of a person's own."""
    made = alert("lag", "warning")
    made["annotations"] = {
        "summary": "orders is behind", "description": "Look at its disk.",
        "summary_zh": "orders 落后", "description_zh": "请检查磁盘。", "channels": ",".join(channels),
    }  # fmt: skip
    return made


@pytest.mark.parametrize(("language", "words"), [(Language.EN, "orders is behind"), (Language.ZH, "orders 落后")])
def test_a_persons_own_alert_is_told_in_the_channels_language(language: Language, words: str) -> None:
    message = teller(language).message(read(payload(own())))
    assert words in message.title
    assert ("请检查磁盘。" in text(message)) is (language is Language.ZH)


def test_a_rule_without_chinese_is_told_in_its_own_words() -> None:
    made = own()
    made["annotations"] = {"summary": "orders is behind", "description": "Look."}
    assert "orders is behind" in teller(Language.ZH).message(read(payload(made))).title


def test_channels_that_a_rule_names_are_told_and_no_others() -> None:
    notice = read(payload(own("dba"), alert()))
    dba, ops = (notice.told_to(name, {"dba", "ops"}) for name in ("dba", "ops"))
    assert dba is not None
    assert [a.name for a in dba.alerts] == ["MoorageServiceRed", "lag"]
    assert ops is not None
    assert [a.name for a in ops.alerts] == ["MoorageServiceRed"]
    assert read(payload(own("dba"))).told_to("ops", {"dba", "ops"}) is None


def test_a_rule_whose_channels_are_gone_is_told_to_all() -> None:
    assert read(payload(own("dba"))).told_to("ops", {"ops"}) is not None


@pytest.mark.parametrize("name", sorted(ALERTS))
@pytest.mark.parametrize("language", list(Language))
def test_every_alert_can_be_told(name: str, language: Language) -> None:
    about = {"pod": "orders-g1-0"} if str(ALERTS[name].scope) == "member" else {}
    message = teller(language).message(read(payload(alert(name, str(ALERTS[name].severity), **about))))
    assert "$subject" not in text(message)
    assert "Moorage" in text(message), "robots that want a keyword are told this one"


@pytest.mark.parametrize("given", [None, [], {}, {"version": "3"}, {**payload(), "alerts": [{}]}, {**payload(), "alerts": []}])
def test_what_is_no_message_of_alertmanager_is_refused_in_words(given: Any) -> None:
    with pytest.raises(UnreadableError):
        read(given)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0s"), (59, "59s"), (133, "2m13s"), (3_660, "1h1m"), (90_000, "1d1h"), (-5, "0s")]
)
def test_durations_are_short(seconds: float, said: str) -> None:
    assert duration(timedelta(seconds=seconds)) == said


MARKUP = Message(
    "[Alerting] 🔴 <at id=all></at> & <@U1> @all", Colour.RED,
    (Line("Meaning", '<font color="info">x</font> <!channel> <b> & @all'),), (Link("Console", "https://console?a=1&b=2"),), "k",
)  # fmt: skip
BY_HTTP = {Kind.SLACK: slack, Kind.DINGTALK: dingtalk, Kind.WECOM: wecom, Kind.FEISHU: feishu, Kind.TELEGRAM: telegram}


@pytest.mark.parametrize("kind", BY_HTTP)
def test_a_text_mentions_nobody_and_makes_no_markup(kind: Kind) -> None:
    body = BY_HTTP[kind].request(channel(kind, to=("7",)), MARKUP, NOW).body.decode()
    shown = json.loads(body)
    if kind is Kind.FEISHU:
        shown = shown["card"]["elements"]  # its head is plain text
    if kind is Kind.SLACK:
        shown = [shown["text"], shown["attachments"][0]["blocks"]]  # the fallback is plain text
    if kind is Kind.DINGTALK:
        shown = shown["markdown"]["text"]  # as is the title
    said = json.dumps(shown, ensure_ascii=False)
    for bad in ("<at ", "<@U1", "<!channel>", '<font color=\\"info', "<b> &"):
        assert bad not in said, bad


LONG = Message(
    "[告警] 🔴 标题", Colour.RED, tuple(Line("含义", "很长的说明" * 3000) for _ in range(4)), (Link("控制台", "https://c"),)
)


@pytest.mark.parametrize(
    ("kind", "bytes_max"),
    [(Kind.SLACK, 40_000), (Kind.DINGTALK, 20_000), (Kind.WECOM, 4_700), (Kind.FEISHU, 20_000), (Kind.TELEGRAM, 13_000)],
)
def test_what_is_too_long_is_cut_between_characters_and_keeps_title_and_links(kind: Kind, bytes_max: int) -> None:
    body = BY_HTTP[kind].request(channel(kind), LONG, NOW).body
    assert len(body) < bytes_max
    assert "标题" in body.decode()
    assert "https://c" in body.decode()
    assert "…" in body.decode()


@given(st.lists(st.text(max_size=200), max_size=6), st.integers(20, 400))
def test_a_cut_message_fits_whatever_it_says(texts: list[str], at_most: int) -> None:
    def size(message: Message) -> int:
        return len(text(message).encode())

    message = Message("title", Colour.RED, tuple(Line("h", one) for one in texts))
    short = fitted(message, size, at_most)
    assert size(short) <= at_most
    assert size(message) > at_most or short == message


def test_dingtalks_signature_is_what_its_page_describes() -> None:
    url = dingtalk.request(channel(Kind.DINGTALK, secret=SECRET), LONG, NOW).url
    query = parse_qs(urlsplit(url).query)
    stamp = str(int(NOW.timestamp() * 1000))
    wanted = base64.b64encode(hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()).decode()
    assert query == {"access_token": ["abcdef123456"], "timestamp": [stamp], "sign": [wanted]}


def test_feishus_signature_has_the_secret_in_its_key_and_signs_nothing() -> None:
    body = json.loads(feishu.request(channel(Kind.FEISHU, secret=SECRET), LONG, NOW).body)
    key = f"{int(NOW.timestamp())}\n{SECRET}".encode()
    assert body["sign"] == base64.b64encode(hmac.new(key, digestmod=hashlib.sha256).digest()).decode()


def test_a_webhook_can_prove_who_sent_it() -> None:
    request = webhook.request(channel(Kind.WEBHOOK, secret=SECRET), LONG, NOW)
    wanted = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    assert request.headers["X-Moorage-Signature"] == f"sha256={wanted}"


def test_mails_of_one_service_are_one_thread_and_each_has_a_name_of_its_own() -> None:
    to = channel(Kind.MAIL, url="smtp://mail", to=("a@x", "b@x"), sender="moorage@x")
    began, ended = teller().message(read(payload())), teller().message(read(payload(alert(ends=OVER))))
    first, last = mail.mail(to, began, NOW), mail.mail(to, ended, NOW)
    assert first["References"] == last["References"] is not None
    assert first["Message-ID"] != last["Message-ID"]
    assert first["Subject"] == "[Alerting] 🔴 shop/orders cannot serve"


@pytest.mark.parametrize("kind", list(Kind))
def test_nobody_who_prints_a_channel_or_a_request_sees_a_secret(kind: Kind) -> None:
    one = channel(kind, secret=SECRET, to=("7",))
    said = f"{one!r} {one.place}"
    if kind in BY_HTTP:
        request = BY_HTTP[kind].request(one, MARKUP, NOW)
        said += repr(request)
    for hidden in (SECRET, "access-key-123", "abcdef123456"):
        assert hidden not in said


def test_an_answer_that_repeats_the_secret_is_told_without_it() -> None:
    one = channel(Kind.DINGTALK, secret=SECRET)
    said = told(one, f"404 no such robot: {one.url} (/send/access-key-123) {SECRET} " + "x" * 1000)
    assert said.startswith("404 no such robot")
    assert "access-key-123" not in said
    assert SECRET not in said
    assert len(said) <= 300


ANSWERS = [
    (Kind.SLACK, 200, "ok", Outcome.DELIVERED),
    (Kind.SLACK, 200, '{"ok": true, "ts": "1.2"}', Outcome.DELIVERED),
    (Kind.SLACK, 200, '{"ok": false, "error": "channel_not_found"}', Outcome.REFUSED),
    (Kind.SLACK, 200, '{"ok": false, "error": "ratelimited"}', Outcome.AGAIN),
    (Kind.SLACK, 404, "no_service", Outcome.REFUSED),
    (Kind.SLACK, 429, "rate_limited", Outcome.AGAIN),
    (Kind.DINGTALK, 200, '{"errcode":0,"errmsg":"ok"}', Outcome.DELIVERED),
    (Kind.DINGTALK, 200, '{"errcode":310000,"errmsg":"keywords not in content"}', Outcome.REFUSED),
    (Kind.DINGTALK, 200, '{"errcode":130101,"errmsg":"send too fast"}', Outcome.AGAIN),
    (Kind.DINGTALK, 502, "bad gateway", Outcome.AGAIN),
    (Kind.WECOM, 200, '{"errcode":0,"errmsg":"ok"}', Outcome.DELIVERED),
    (Kind.WECOM, 200, '{"errcode":93000,"errmsg":"invalid webhook url"}', Outcome.REFUSED),
    (Kind.WECOM, 200, '{"errcode":45009,"errmsg":"api freq out of limit"}', Outcome.AGAIN),
    (Kind.FEISHU, 200, '{"code":0,"msg":"success","data":{}}', Outcome.DELIVERED),
    (Kind.FEISHU, 200, '{"StatusCode":0,"StatusMessage":"success"}', Outcome.DELIVERED),
    (Kind.FEISHU, 200, '{"code":19021,"msg":"sign match fail"}', Outcome.REFUSED),
    (Kind.FEISHU, 200, '{"code":11232,"msg":"frequency limited"}', Outcome.AGAIN),
    (Kind.FEISHU, 200, '{"code":9499,"msg":"too many request"}', Outcome.AGAIN),
    (Kind.FEISHU, 200, '{"code":9499,"msg":"Bad Request"}', Outcome.REFUSED),
    (Kind.TELEGRAM, 200, '{"ok":true,"result":{}}', Outcome.DELIVERED),
    (Kind.TELEGRAM, 400, '{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}', Outcome.REFUSED),
    (Kind.TELEGRAM, 429, '{"ok":false,"error_code":429,"parameters":{"retry_after":7}}', Outcome.AGAIN),
    *((kind, 200, "<html>sign in to the proxy</html>", Outcome.AGAIN) for kind in BY_HTTP),
    (Kind.WEBHOOK, 204, "", Outcome.DELIVERED),
    (Kind.WEBHOOK, 302, "", Outcome.REFUSED),
    (Kind.WEBHOOK, 503, "", Outcome.AGAIN),
]


@pytest.mark.parametrize(("kind", "status", "body", "outcome"), ANSWERS)
def test_a_refusal_within_a_yes_is_a_refusal(kind: Kind, status: int, body: str, outcome: Outcome) -> None:
    module = {**BY_HTTP, Kind.WEBHOOK: webhook}[kind]
    found = module.verdict(channel(kind), Answer(status, body))
    assert found.outcome is outcome
    assert found.answer.startswith(str(status))


def test_who_asks_to_be_left_alone_is() -> None:
    by_body = telegram.verdict(channel(Kind.TELEGRAM), Answer(429, '{"ok":false,"parameters":{"retry_after":7}}'))
    by_head = slack.verdict(channel(Kind.SLACK), Answer(429, "", {"retry-after": "30"}))
    assert (by_body.wait_seconds, by_head.wait_seconds) == (7, 30)
    assert again_seconds(1, 30) == 30
    assert again_seconds(1000) == AGAIN_SECONDS_MAX
    assert again_seconds(1) < again_seconds(2) < again_seconds(3)


@given(st.sampled_from(list(Kind)), st.integers(1, 300))
def test_no_channel_is_ever_spoken_to_faster_than_it_bears_and_everything_gets_there(kind: Kind, waiting: int) -> None:
    """All come at once; the clock only moves when the pace says so."""
    now, sent = 1000.0, list[float]()
    while waiting:
        found = turn(kind, sent, waiting, now)
        if found.count == 0:
            assert found.wait_seconds > 0
            now += found.wait_seconds
            continue
        sent.append(now)
        waiting -= found.count
        assert len([moment for moment in sent if now - moment < WINDOW_SECONDS]) <= PER_MINUTE[kind]


def test_a_storm_becomes_one_message_that_names_all() -> None:
    assert turn(Kind.DINGTALK, [], 40, 0.0).are_merged
    found = [teller().message(read(payload(alert(service=f"s{i}"), key=str(i)))) for i in range(3)]
    ended = teller().message(read(payload(alert(ends=OVER, service="s0"), key="0")))
    message = teller().merged([*found, ended])
    assert message.title == "🔴 Moorage: 4 messages in one"
    assert [line.text for line in message.lines] == [ended.title, found[1].title, found[2].title]
