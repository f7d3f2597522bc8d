"""By what people are told: a channel is added, tested before it is kept, changed and deleted, and no page shows its secrets."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from playwright.sync_api import expect

from moorage.monitoring.telling.channel import Kind
from tests.server.console import Browser
from tests.server.kubernetes import CONSOLE_NAMESPACE, Kubernetes
from tests.server.people import MakePerson, Someone
from tests.server.relay import CHANNELS, RelayProcess
from tests.unit.server.receivers import SECRET, TOKEN, Receiver
from tests.web.conftest import OpenTab
from tests.web.tab import Tab

LIST, NEW = "/alerts/channels", "/alerts/channels/new"


@pytest.fixture
def robot() -> Iterator[Receiver]:
    made = Receiver(Kind.DINGTALK)
    yield made
    made.stop()


@pytest.fixture
def at_work(open_tab: OpenTab, manager: Someone, relay: RelayProcess) -> Tab:
    """Of an administrator, while the relay runs."""
    relay.start()
    return open_tab(manager)


def keep(browser: Browser, name: str, receiver: Receiver, **more: Any) -> None:
    wish = {"name": name, "kind": "dingtalk", "url": receiver.channel().url, "secret": SECRET, **more}
    assert browser.post("/channels", wish).status_code == 201


def kept(kubernetes: Kubernetes, name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(kubernetes.values(CHANNELS, CONSOLE_NAMESPACE)[f"{name}.yaml"])
    return found


def test_a_channel_is_tested_before_it_is_kept_and_is_in_use_a_minute_later(
    kubernetes: Kubernetes, at_work: Tab, relay: RelayProcess, robot: Receiver
) -> None:
    tab = at_work
    tab.open(LIST)
    tab.button("Add a channel").click()
    expect(tab.page).to_have_url(re.compile(f"{NEW}$"))
    tab.page.get_by_label("Name", exact=True).fill("night")
    tab.choose(tab.page.get_by_label("Kind", exact=True), "DingTalk")
    tab.page.get_by_label("Webhook URL").fill(robot.channel().url)
    key = tab.page.get_by_label("Signing key (optional)")
    key.fill("another")
    tab.button("Send test").click()
    tab.says("night did not take the test message")
    tab.says(re.compile("sign not match"))
    key.fill(SECRET)
    tab.button("Send test").click()
    tab.says("night took the test message")
    assert len(robot.taken) == 1
    assert tab.barriers() == []
    tab.picture("channel-new")
    tab.button("Save").click()
    expect(tab.page).to_have_url(re.compile(f"{LIST}$"))
    row = tab.row("night")
    expect(row).to_contain_text("In use within two minutes")
    assert kept(kubernetes, "night")["secret"] == SECRET
    relay.mount_channels()
    expect(row).to_contain_text(re.compile(r"In use(?! within)"))
    tab.button("Send test: night").click()
    tab.says("night took the test message")
    assert tab.barriers() == []
    tab.picture("channels")
    tab.link("night").click()
    expect(tab.page.get_by_label("Webhook URL")).to_have_attribute("placeholder", "set, at 127.0.0.1 – empty keeps it")
    assert TOKEN not in tab.page.content()
    assert SECRET not in tab.page.content()


def test_a_change_keeps_the_secrets_and_is_never_written_over_somebody_elses(
    kubernetes: Kubernetes, at_work: Tab, robot: Receiver, manager: Someone
) -> None:
    tab = at_work
    keep(manager.browser, "team", robot)
    tab.open(f"{LIST}/team/edit")
    other = {"other.yaml": "kind: icq"}
    kubernetes.merge("Secret", CHANNELS, CONSOLE_NAMESPACE, {"stringData": other})
    muted = tab.page.get_by_label("Muted: nobody is told by it; it stays, and can be tested")
    muted.check()
    with tab.refusals_allowed():
        tab.button("Save").click()
        tab.says("Somebody else changed this meanwhile. Start over with what is there now.")
    assert "muted" not in kept(kubernetes, "team")
    tab.button("Start over").click()
    expect(muted).not_to_be_checked()
    muted.check()
    tab.button("Save").click()
    expect(tab.page).to_have_url(re.compile(f"{LIST}$"))
    now = kept(kubernetes, "team")
    assert (now["muted"], now["secret"], now["url"]) == (True, SECRET, robot.channel().url)
    tab.says("other.yaml cannot be used")
    tab.button("Delete: other.yaml").click()
    tab.button("Delete", tab.dialog("Delete the channel other.yaml")).click()
    expect(tab.page.get_by_text("other.yaml cannot be used")).to_have_count(0)
    assert "other.yaml" not in kubernetes.values(CHANNELS, CONSOLE_NAMESPACE)


def test_what_is_wrong_is_said_beside_its_field_in_the_persons_language(
    open_tab: OpenTab, manager: Someone, relay: RelayProcess
) -> None:
    relay.start()
    tab = open_tab(manager, "narrow", "zh")
    tab.open(NEW)
    tab.page.get_by_label("名称", exact=True).fill("mail")
    tab.choose(tab.page.get_by_label("类型", exact=True), "电子邮件")
    tab.page.get_by_label("邮件服务器").fill("mail.example.com")
    tab.page.get_by_label("密码").fill("secret-of-nobody")
    with tab.refusals_allowed():
        tab.button("发送测试").click()
        for said in ("地址无法使用。", "请填写邮件地址", "至少填写一个收件人", "请填写密码对应的用户名。"):
            tab.says(re.compile(said))
    assert "allowed" not in tab.all_words()
    assert tab.wider_than_the_screen() <= 0
    assert tab.barriers() == []


def test_a_kept_secret_is_not_sent_to_another_server(at_work: Tab, manager: Someone) -> None:
    tab = at_work
    bot = Receiver(Kind.TELEGRAM)
    try:
        one = bot.channel()
        wish = {"name": "bot", "kind": "telegram", "url": one.url, "secret": one.secret, "to": list(one.to)}
        assert manager.browser.post("/channels", wish).status_code == 201
        tab.open(f"{LIST}/bot/edit")
        tab.page.get_by_label("Address of the interface (optional)").fill("http://localhost:1/")
        with tab.refusals_allowed():
            tab.button("Send test").click()
            tab.says(re.compile("The one that is set was given for another server"))
        assert bot.asked == 0
        tab.page.get_by_label("Address of the interface (optional)").fill(one.url)
        tab.button("Send test").click()
        tab.says("bot took the test message")
    finally:
        bot.stop()


def test_a_channel_is_deleted_by_keyboard_alone_and_the_audit_list_knows(
    kubernetes: Kubernetes, at_work: Tab, robot: Receiver, manager: Someone
) -> None:
    tab = at_work
    keep(manager.browser, "gone-soon", robot)
    tab.open(LIST)
    tab.button("Delete: gone-soon").press("Enter")
    tab.button("Delete", tab.dialog("Delete the channel gone-soon")).press("Enter")
    expect(tab.page.get_by_role("link", name="gone-soon")).to_have_count(0)
    assert "gone-soon.yaml" not in kubernetes.values(CHANNELS, CONSOLE_NAMESPACE)
    tab.open("/accounts/audit")
    for deed in ("Added a channel", "Deleted a channel"):
        expect(tab.page.get_by_role("row").filter(has_text="channel/gone-soon").filter(has_text=deed)).to_have_count(1)


def test_who_may_only_look_sees_all_and_is_told_why_nothing_can_be_changed(
    kubernetes: Kubernetes, open_tab: OpenTab, relay: RelayProcess, robot: Receiver, manager: Someone, someone: MakePerson
) -> None:
    relay.start()
    keep(manager.browser, "looked-at", robot)
    reader = someone()
    kubernetes.let_everywhere(reader.user, "channels", "list")
    tab = open_tab(reader)
    tab.until("right to look", lambda: reader.browser.get("/channels").status_code == 200)
    tab.open(LIST)
    for deed in ("Send test", "Edit", "Delete"):
        expect(tab.button(f"{deed}: looked-at")).to_be_disabled()
    expect(tab.button("Add a channel")).to_be_disabled()
    why = re.compile(r"^You may not change channels \(update channels.moorage.dev\). An administrator can change that")
    expect(tab.row("looked-at").get_by_role("note", name=why).first).to_be_visible()
    tab.link("looked-at").click()
    for deed in ("Save", "Send test"):
        expect(tab.button(deed)).to_be_disabled()
    assert tab.barriers() == []
    chinese = open_tab(reader, language="zh")
    chinese.open(LIST)
    expect(chinese.page.get_by_role("note", name=re.compile("^您没有新建通知渠道的权限")).first).to_be_visible()
    assert robot.asked == 0
