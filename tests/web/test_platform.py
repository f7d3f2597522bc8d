"""Platform settings: stores that are tested, the default zone, and what this is."""

from playwright.sync_api import expect

import moorage
from moorage.core import names
from tests.server.kubernetes import Kubernetes
from tests.server.objects import say
from tests.server.people import Someone
from tests.web import operator
from tests.web.conftest import OpenTab
from tests.web.tab import Tab


def test_a_store_is_added_with_its_keys_in_a_secret(
    kubernetes: Kubernetes, open_tab: OpenTab, manager: Someone, space: str
) -> None:
    tab = open_tab(manager)
    tab.open("/settings")
    tab.button("Add a store").click()
    dialog = tab.dialog("Add a store")
    dialog.get_by_label("Name", exact=True).fill("kodo")
    tab.choose(dialog.get_by_label("Space", exact=True), space)
    for label, text in (
        ("Endpoint", " https://s3.example.com "),
        ("Bucket", "backups"),
        ("Access key", "AK"),
        ("Secret key", "SK"),
    ):
        dialog.get_by_label(label, exact=True).fill(text)
    tab.button("Add a store", dialog).click()
    expect(dialog).to_be_hidden()
    made = kubernetes.get("BackupStore", "kodo", space)
    assert made is not None
    assert made["spec"]["s3"]["endpoint"] == "https://s3.example.com"
    assert kubernetes.values(made["spec"]["s3"]["credentialsSecret"], space) == {"accessKeyId": "AK", "secretAccessKey": "SK"}
    expect(tab.row("kodo")).to_contain_text("Being checked")


def test_a_test_of_a_store_ends_with_what_was_found(kubernetes: Kubernetes, tab: Tab, space: str) -> None:
    operator.ready_store(kubernetes, space)
    tab.open("/settings")
    expect(tab.row("main")).to_contain_text("Ready")
    tab.button("Test: main").click()
    store = tab.until("request", lambda: (kubernetes.get("BackupStore", "main", space) or {})["metadata"].get("annotations"))
    denied = "the store answered 403 AccessDenied: the key may not write"
    asked = store[names.ANNOTATION_CHECK]
    say(kubernetes, "BackupStore", space, "main", answered=asked, phase="NotReady", message=denied)
    expect(tab.row("main")).to_contain_text("Failed")
    expect(tab.row("main")).to_contain_text(denied)
    expect(tab.row("main")).not_to_contain_text("Being checked")


def test_what_this_is_and_in_which_zone(tab: Tab) -> None:
    tab.open("/settings")
    about = tab.region("About")
    expect(about).to_contain_text(f"Moorage {moorage.__version__}")
    expect(about).to_contain_text("Default time zone")
    expect(about).to_contain_text("UTC")
