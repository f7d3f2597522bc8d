"""Which password counts for a service that came back, and where the old ones can be had."""

import re

import pytest
from playwright.sync_api import expect

from tests.server.kubernetes import Kubernetes
from tests.server.objects import seen
from tests.server.people import MakePerson, Someone
from tests.server.sealed import NAME, VALUES, Kept, kept
from tests.web import operator
from tests.web.conftest import OpenTab
from tests.web.tab import Language, Size, Tab

__all__ = ["kept"]


def test_a_service_of_a_store_comes_back_with_its_old_passwords_unless_told_otherwise(kept: Kept, tab: Tab) -> None:
    tab.open("/settings")
    tab.button("1 service: main").click()
    tab.button("Bring back as a new service: bank/ledger").click()
    dialog = tab.dialog("Bring back as a new service: bank/ledger")
    expect(dialog.get_by_role("radio", name="As they were")).to_be_checked()
    expect(dialog).to_contain_text("All users have the passwords of the backup: applications change the address alone.")
    dialog.get_by_role("radio", name="New ones").check()
    expect(dialog).to_contain_text("Applications take them from the Secret ledger-app.")
    dialog.get_by_role("radio", name="As they were").check()
    with tab.refusals_allowed():  # no operator makes the service here
        tab.button("Start the restore", dialog).click()
        expect(tab.page).to_have_url(re.compile(rf"/services/{kept.space}/ledger/progress$"))
        tab.open("/settings")
    (made,) = kept.kubernetes.list("DataRestore", kept.space)
    assert made["spec"]["source"] == {"store": "main", "storedBackup": NAME}
    assert kept.passwords() == VALUES
    assert not [value for value in VALUES.values() if value in tab.page.content() + "".join(tab.log)]


def test_who_may_not_read_passwords_is_offered_new_ones_and_told_why(
    kubernetes: Kubernetes, open_tab: OpenTab, someone: MakePerson, kept: Kept
) -> None:
    rules = [{"apiGroups": ["moorage.dev"], "resources": ["datarestores"], "verbs": ["create"]}]
    kubernetes.create(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": {"name": f"restores-{kept.space}"},
            "rules": rules,
        }
    )
    operator_at_night = someone()
    kubernetes.let(operator_at_night.user, "view", kept.space)
    kubernetes.let(operator_at_night.user, f"restores-{kept.space}", kept.space)
    seen("the right", lambda: operator_at_night.browser.get("/stores", space=kept.space).json()["items"])
    tab = open_tab(operator_at_night)
    tab.open("/settings")
    tab.button("1 service: main").click()
    tab.button("Bring back as a new service: bank/ledger").click()
    dialog = tab.dialog("Bring back as a new service: bank/ledger")
    expect(dialog.get_by_role("radio", name="New ones")).to_be_checked()
    expect(dialog.get_by_role("radio", name="As they were")).to_be_disabled()
    expect(dialog).to_contain_text(f"You may not read passwords in {kept.space} (get secrets).")


@pytest.mark.parametrize(
    ("language", "size", "words"),
    [
        (
            "en",
            "wide",
            ("A new service", "Passwords of app and admin", "This service, in place", "keep the passwords that they have today"),
        ),
        ("zh", "narrow", ("新服务", "app 和 admin 的密码", "当前服务（原地恢复）", "保留当前密码")),
    ],
)
def test_a_restore_says_which_passwords_count_afterwards(
    kubernetes: Kubernetes,
    open_tab: OpenTab,
    editor: Someone,
    space: str,
    language: Language,
    size: Size,
    words: tuple[str, str, str, str],
) -> None:
    operator.ready_store(kubernetes, space)
    operator.run(kubernetes, space)
    operator.tell(kubernetes, space, **operator.restorable())
    operator.backed_up(kubernetes, space)
    tab = open_tab(editor, size, language)
    tab.open(f"/services/{space}/orders/backups")
    tab.page.get_by_role("button", name=re.compile("orders-1")).first.click()
    dialog = tab.page.get_by_role("dialog")
    to_new, passwords, in_place, stay = words
    expect(dialog.get_by_role("radio", name=to_new)).to_be_checked()
    expect(dialog).to_contain_text(passwords)
    expect(dialog).to_contain_text("orders-restored-app")
    tab.picture(f"restore-passwords-{language}")
    assert tab.barriers() == []
    dialog.get_by_role("radio", name=in_place).check()
    expect(dialog).to_contain_text(stay)
    expect(dialog).not_to_contain_text(passwords)


def test_the_page_says_that_its_password_is_the_one_that_counts(kubernetes: Kubernetes, tab: Tab, space: str) -> None:
    operator.run(kubernetes, space)
    tab.open(f"/services/{space}/orders")
    expect(tab.region("Connection")).to_contain_text("This one counts: if the database has another, also after a restore")


def test_who_may_only_look_at_the_recycle_bin_is_told_why(
    kubernetes: Kubernetes, open_tab: OpenTab, someone: MakePerson, space: str
) -> None:
    operator.left_behind(kubernetes, space, "old")
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    seen("what was kept", lambda: viewer.browser.get("/deleted-services").json()["items"])
    tab = open_tab(viewer)
    tab.open("/services")
    tab.button("Recycle bin").click()
    bin_ = tab.dialog("Recycle bin")
    expect(bin_).to_contain_text("with its data, users and passwords: applications sign in as before")
    for deed, why in (("Undelete", "deploy services"), ("Delete for good", "delete volumes")):
        expect(tab.button(f"{deed}: {space}/old", bin_)).to_be_disabled()
        expect(bin_.get_by_role("note", name=f"You may not {why} in {space}")).to_be_visible()
