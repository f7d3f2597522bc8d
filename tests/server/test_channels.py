"""Channels are made, changed, tested and deleted in the console: with the right to, without ever showing a secret, and never
over what somebody else wrote meanwhile."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from moorage.monitoring.telling.channel import Kind
from tests.server.console import Browser
from tests.server.kubernetes import CONSOLE_NAMESPACE, Kubernetes
from tests.server.objects import seen
from tests.server.people import MakePerson
from tests.server.relay import CHANNELS, RelayProcess
from tests.unit.monitoring.notices import payload
from tests.unit.server.receivers import CHAT, SECRET, TOKEN, Receiver

pytestmark = pytest.mark.usefixtures("no_channels")


@pytest.fixture
def telegram() -> Iterator[Receiver]:
    made = Receiver(Kind.TELEGRAM)
    yield made
    made.stop()


def wish(receiver: Receiver, **more: Any) -> dict[str, Any]:
    """What a person types who does everything right."""
    one = receiver.channel()
    return {"kind": str(one.kind), "url": one.url, "secret": one.secret, "to": list(one.to), **more}


def listed(browser: Browser) -> dict[str, Any]:
    answer = browser.get("/channels")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def entries(kubernetes: Kubernetes) -> dict[str, Any]:
    """What is kept, by entry."""
    return {entry: yaml.safe_load(text) for entry, text in kubernetes.values(CHANNELS, CONSOLE_NAMESPACE).items()}


def test_a_channel_is_made_told_by_changed_and_deleted_and_its_secrets_are_never_shown(
    kubernetes: Kubernetes, relay: RelayProcess, dingtalk: Receiver, admin: Browser
) -> None:
    relay.start()
    assert listed(admin)["items"] == []
    made = admin.post("/channels", {"name": "dba", **wish(dingtalk, language="zh", to=["13800000000"])})
    assert made.status_code == 201, made.text
    shown = listed(admin)
    (one,) = shown["items"]
    assert (one["place"], one["url"], one["hasSecret"], one["language"]) == ("dingtalk at 127.0.0.1", "", True, "zh")
    assert (one["isInUse"], one["latest"], shown["version"]) == (False, None, made.json()["version"])
    relay.mount_channels()
    seen("use of it", lambda: listed(admin)["items"][0]["isInUse"])
    assert relay.post("/notices", payload()).json() == {"kept": 1}
    relay.until("message", lambda: len(dingtalk.taken) == 1)
    seen("delivery", lambda: (listed(admin)["items"][0]["latest"] or {}).get("state") == "delivered")
    changed = admin.put(
        "/channels/dba", {"kind": "dingtalk", "language": "en", "severities": ["critical"], "version": shown["version"]}
    )
    assert changed.status_code == 200, changed.text
    assert entries(kubernetes)["dba.yaml"] == {
        "kind": "dingtalk",
        "url": dingtalk.channel().url,
        "language": "en",
        "zone": "UTC",
        "secret": SECRET,
        "severities": ["critical"],
    }
    assert listed(admin)["items"][0]["isInUse"] is False
    told = "".join(str(answer.json()) for answer in (made, changed)) + str(listed(admin)) + admin.get("/audit").text
    assert TOKEN not in told
    assert SECRET not in told
    assert admin.delete("/channels/dba", version=changed.json()["version"]).status_code == 202
    assert listed(admin)["items"] == []
    entered = [e for e in admin.get("/audit").json()["items"] if "channel/dba" in (e["object"], e["made"])]
    assert {e["action"] for e in entered} >= {"createChannel", "changeChannel", "deleteChannel"}
    assert {"by": "dingtalk"} in [e["params"] for e in entered]
    assert {"changed": "language, to, severities"} in [e["params"] for e in entered]


def test_a_test_goes_by_what_is_kept_now_and_not_by_what_the_relay_was_mounted(
    relay: RelayProcess, dingtalk: Receiver, admin: Browser
) -> None:
    relay.start()
    wrong = {"name": "dba", **wish(dingtalk, secret="another")}
    assert admin.post("/channels", wrong).status_code == 201
    relay.mount_channels()
    assert admin.post("/channels/dba/test").json()["outcome"] == "refused"
    version = listed(admin)["version"]
    assert admin.put("/channels/dba", {**wish(dingtalk, url=""), "version": version}).status_code == 200
    answer = admin.post("/channels/dba/test").json()
    assert answer == {"outcome": "delivered", "answer": '200 {"errcode": 0, "errmsg": "ok"}'}
    assert "[测试]" not in str(dingtalk.taken)
    assert "[Test]" in str(dingtalk.taken)


def test_a_channel_is_tested_before_it_is_kept_and_with_the_secrets_that_are_kept(
    kubernetes: Kubernetes, relay: RelayProcess, dingtalk: Receiver, admin: Browser
) -> None:
    relay.start()
    tried = admin.post("/channels/test", {"name": "dba", **wish(dingtalk, language="zh")})
    assert tried.json()["outcome"] == "delivered", tried.text
    assert kubernetes.get("Secret", CHANNELS, CONSOLE_NAMESPACE) is None, "nothing is kept"
    assert admin.post("/channels", {"name": "dba", **wish(dingtalk)}).status_code == 201
    tried = admin.post("/channels/test", {"name": "dba", "kind": "dingtalk", "language": "zh"})
    assert tried.json()["outcome"] == "delivered", "by the URL and the key that are there"
    assert "测试" in str(dingtalk.taken[-1])
    assert entries(kubernetes)["dba.yaml"]["language"] == "en"
    tries = [e["made"] for e in admin.get("/audit").json()["items"] if e["action"] == "tryChannel"]
    assert tries.count("channel/dba") == 2  # other tests' tries are in the list, too


def test_nobody_has_a_kept_secret_sent_to_a_server_of_their_own(relay: RelayProcess, telegram: Receiver, admin: Browser) -> None:
    relay.start()
    assert admin.post("/channels", {"name": "bot", **wish(telegram)}).status_code == 201
    spy = Receiver(Kind.TELEGRAM)
    try:
        elsewhere = {"kind": "telegram", "url": spy.base, "to": [CHAT]}
        version = listed(admin)["version"]
        for refused in (
            admin.post("/channels/test", {"name": "bot", **elsewhere}),
            admin.put("/channels/bot", {**elsewhere, "version": version}),
        ):
            assert refused.status_code == 422, refused.text
            assert [(c["field"], c["wrong"]) for c in refused.json()["causes"]] == [("body.secret", "channel-secret-again")]
        assert spy.asked == 0
    finally:
        spy.stop()
    assert admin.post("/channels/bot/test").json()["outcome"] == "delivered"


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    kubernetes: Kubernetes, relay: RelayProcess, dingtalk: Receiver, admin: Browser
) -> None:
    relay.start()
    assert admin.post("/channels", {"name": "dba", **wish(dingtalk)}).status_code == 201
    old = listed(admin)["version"]
    kubernetes.merge("Secret", CHANNELS, CONSOLE_NAMESPACE, {"stringData": {"oncall.yaml": "kind: icq"}})
    for refused in (
        admin.put("/channels/dba", {"kind": "dingtalk", "muted": True, "version": old}),
        admin.delete("/channels/dba", version=old),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "changed-meanwhile")
    shown = listed(admin)
    assert "its kind is 'icq'" in shown["unusable"]["oncall.yaml"]
    assert shown["items"][0]["muted"] is False
    assert admin.delete("/channels/oncall.yaml", version=shown["version"]).status_code == 202, "one that is no use goes, too"
    assert listed(admin)["unusable"] == {}
    assert admin.put("/channels/dba", {"kind": "dingtalk", "muted": True, "version": listed(admin)["version"]}).status_code == 200
    assert listed(admin)["items"][0]["muted"] is True


def test_a_name_is_given_once_and_what_is_wrong_is_said_beside_its_field(
    relay: RelayProcess, dingtalk: Receiver, admin: Browser
) -> None:
    relay.start()
    assert admin.post("/channels", {"name": "dba", **wish(dingtalk)}).status_code == 201
    taken = admin.post("/channels", {"name": "dba", **wish(dingtalk)})
    assert (taken.status_code, taken.json()["causes"][0]["field"]) == (409, "body.name")
    refused = admin.post("/channels", {"name": "mail", "kind": "mail", "to": ["li"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert {c["field"]: c["wrong"] for c in refused.json()["causes"]} == {
        "body.url": "channel-url",
        "body.sender": "channel-sender",
        "body.to": "channel-nobody",
    }
    version = listed(admin)["version"]
    for missing in (
        admin.put("/channels/nobody", {**wish(dingtalk), "version": version}),
        admin.delete("/channels/nobody", version=version),
        admin.post("/channels/nobody/test"),
    ):
        assert (missing.status_code, missing.json()["code"]) == (404, "not-found")


def test_who_may_only_look_is_told_why_and_who_may_change_needs_no_right_on_secrets(
    kubernetes: Kubernetes, relay: RelayProcess, dingtalk: Receiver, admin: Browser, someone: MakePerson
) -> None:
    relay.start()
    assert admin.post("/channels", {"name": "dba", **wish(dingtalk)}).status_code == 201
    reader, keeper, stranger = someone(), someone(), someone().browser
    kubernetes.let_everywhere(reader.user, "channels", "list")
    kubernetes.let_everywhere(keeper.user, "channels", "list", "create", "update", "delete")
    shown = seen("right to look", lambda: found if (found := reader.browser.get("/channels")).status_code == 200 else None).json()
    assert shown["may"]["update"] == {
        "allowed": False,
        "whyNot": "you may not update channels.moorage.dev; an administrator can change that",
        "lacks": {"deed": "changeChannel", "right": "update channels.moorage.dev", "space": ""},
    }
    asked = {"name": "night", **wish(dingtalk)}
    change = {"kind": "dingtalk", "muted": True, "version": shown["version"]}
    for browser in (reader.browser, stranger):
        for refused in (
            browser.post("/channels", asked),
            browser.post("/channels/test", asked),
            browser.post("/channels/dba/test"),
            browser.put("/channels/dba", change),
            browser.delete("/channels/dba", version=shown["version"]),
        ):
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert dingtalk.asked == 0
    seen("right to change", lambda: keeper.browser.get("/channels").status_code == 200)
    changed = keeper.browser.put("/channels/dba", change)
    assert changed.status_code == 200, changed.text
    told = [e for e in admin.get("/audit").json()["items"] if e["who"] == reader.user and e["status"] == 403]
    assert {e["action"] for e in told} >= {"createChannel", "changeChannel", "deleteChannel", "testChannel", "tryChannel"}
