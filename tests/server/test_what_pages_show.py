"""What pages show besides the lists: how far a task is, what happened, what would be lost, and whether a store can be used."""

from moorage.api.schema import API_VERSION
from moorage.core import names
from moorage.core.report import MemberReport, Role
from tests.server.console import Browser
from tests.server.kubernetes import Kubernetes
from tests.server.objects import backup, member_pod, say, seen, store
from tests.server.people import MakePerson, Someone

SERVICE = "/services/{}/orders"
LOST = {"healthCluster": "red", "healthInstances": {"datanode0": "unknown", "datanode1": "unknown", "datanode2": "yellow"}}
KEPT = MemberReport(Role.SECONDARY, term=7, configuration="7:3")


def deploy(kubernetes: Kubernetes, browser: Browser, space: str, **status: object) -> None:
    made = browser.post("/services", {"engine": "mongodb", "name": "orders", "space": space})
    assert made.status_code == 201, made.text
    if status:
        say(kubernetes, "DataService", space, "orders", **status)


def test_every_engine_says_what_kind_of_database_it_is(admin: Browser) -> None:
    cards = admin.get("/catalog").json()
    assert {card["name"]: card["categories"] for card in cards}["mongodb"] == ["document"]
    assert all(card["categories"] for card in cards)


def test_how_far_a_backup_is_is_estimated_by_the_last_good_one(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    def row(name: str) -> dict[str, object]:
        found: dict[str, object] = editor.browser.get(f"/backups/{space}/{name}").json()
        return found

    backup(kubernetes, space, "b1", {"phase": "Running", "rawBytes": 500})
    seen("b1", lambda: row("b1").get("rawBytes"))
    assert row("b1")["donePercent"] is None, "nobody knows how much there is"
    backup(kubernetes, space, "b0", {"phase": "Succeeded", "rawBytes": 1000, "endTime": "2026-11-06T18:01:00Z"})
    seen("b0", lambda: row("b0").get("isGood"))
    assert row("b1")["donePercent"] == 50
    say(kubernetes, "DataBackup", space, "b1", rawBytes=2000)
    seen("more of b1", lambda: row("b1")["rawBytes"] == 2000)
    assert row("b1")["donePercent"] == 99, "it is not over"
    assert row("b0")["donePercent"] is None


def test_how_far_a_restore_is(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    meta = {"name": "r1", "namespace": space}
    spec = {"source": {"backup": "b0"}, "toNew": "copy"}
    kubernetes.create({"apiVersion": API_VERSION, "kind": "DataRestore", "metadata": meta, "spec": spec})
    say(kubernetes, "DataRestore", space, "r1", phase="Seeding", rawBytes=1000, bytesDone=250)
    path = f"/restores/{space}/r1"
    row = seen("the restore", lambda: r if (r := editor.browser.get(path).json()).get("bytesDone") else None)
    assert (row["donePercent"], row["leftSeconds"]) == (25, None), "nobody knows at which pace it goes on"
    say(kubernetes, "DataRestore", space, "r1", bytesPerSecond=50)
    seen("the pace", lambda: editor.browser.get(path).json()["leftSeconds"] == 15.0)
    say(kubernetes, "DataRestore", space, "r1", phase="Starting")
    seen("the members' start", lambda: editor.browser.get(path).json()["leftSeconds"] is None)


def test_what_happened_is_told_longer_than_kubernetes_remembers(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    repairs = [
        {"kind": "resync", "member": f"datanode{n}", "startTime": f"2026-11-0{n + 1}T12:00:00Z", "outcome": "Succeeded"}
        for n in range(3)
    ]
    init = {"phase": "Succeeded", "startTime": "2026-10-31T12:00:00Z", "endTime": "2026-10-31T12:01:00Z"}
    deploy(kubernetes, editor.browser, space, repairs=repairs, init=init)
    backup(
        kubernetes, space, "b1", {"phase": "Succeeded", "startTime": "2026-11-02T18:00:00Z", "endTime": "2026-11-02T18:01:00Z"}
    )
    path = f"{SERVICE.format(space)}/events"
    whole = seen("everything", lambda: h if len((h := editor.browser.get(path).json())["past"]) == 5 else None)
    assert [(p["kind"], p["time"][:10]) for p in whole["past"]] == [
        ("repair", "2026-11-03"),
        ("backup", "2026-11-02"),
        ("repair", "2026-11-02"),
        ("repair", "2026-11-01"),
        ("deployment", "2026-10-31"),
    ]
    assert whole["next"] is None
    first = editor.browser.get(path, atMost=2).json()
    assert (len(first["past"]), first["next"]) == (2, "2026-11-02T18:00:00Z")
    rest = editor.browser.get(path, before=first["next"], atMost=10).json()
    assert (rest["past"], rest["next"]) == (whole["past"][2:], None)
    refused = editor.browser.get(path, before="2026-11-02T18:00:00")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")


def test_what_is_at_stake_is_told_before_one_member_is_kept_alone(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    deploy(kubernetes, editor.browser, space, **LOST)
    member_pod(kubernetes, space, "orders", 2, KEPT)
    path = SERVICE.format(space)
    seen("its members", lambda: editor.browser.get(path).json()["service"]["members"])
    told = editor.browser.get(f"{path}/recovery", member="datanode2")
    assert told.status_code == 200, told.text
    assert told.json()["configuration"] == "7:3"
    assert "datanode0 is given up; it has no Pod that said anything" in told.json()["sentences"]
    wish = {"member": "datanode2", "configuration": "7:3", "confirm": "orders"}
    for wrong, code in (({"confirm": "order"}, "name-not-typed"), ({"configuration": "7:2"}, "conflict")):
        assert editor.browser.post(f"{path}/recover", {**wish, **wrong}).json()["code"] == code
    assert editor.browser.post(f"{path}/recover", {**wish, "member": "datanode9"}).status_code == 404
    assert asked(kubernetes, space) is None
    done = editor.browser.post(f"{path}/recover", wish)
    assert done.status_code == 202, done.text
    assert str(asked(kubernetes, space)).startswith("datanode2@7:3@20")


def asked(kubernetes: Kubernetes, space: str) -> str | None:
    found = kubernetes.get("DataService", "orders", space)
    assert found is not None
    annotations: dict[str, str] = found["metadata"].get("annotations") or {}
    return annotations.get(names.ANNOTATION_RECOVER)


def test_beside_a_primary_nobody_is_kept_alone(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    deploy(kubernetes, editor.browser, space, **LOST, primary="datanode0")
    member_pod(kubernetes, space, "orders", 2, KEPT)
    path = SERVICE.format(space)
    seen("its primary", lambda: editor.browser.get(path).json()["service"]["primary"])
    refused = editor.browser.post(f"{path}/recover", {"member": "datanode2", "configuration": "7:3", "confirm": "orders"})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "datanode0 is the primary of orders, and nothing is lost" in refused.json()["detail"]


def test_a_service_that_is_gone_comes_back_from_what_a_store_holds_of_it(
    kubernetes: Kubernetes, editor: Someone, someone: MakePerson, space: str
) -> None:
    store(kubernetes, space, fileSystem={"claim": "shared"})
    wish = {"store": "main", "storedBackup": "mongodb-bank-ledger-20261106180000", "to": "ledger"}
    path = f"/spaces/{space}/restores"
    seen("the store", lambda: editor.browser.get("/stores", space=space).json()["items"])
    begun = editor.browser.post(path, wish)
    assert begun.status_code == 202, begun.text
    assert (begun.json()["service"], begun.json()["source"]) == ("ledger", "main/mongodb-bank-ledger-20261106180000")
    (made,) = kubernetes.list("DataRestore", space)
    assert made["spec"]["toNew"] == "ledger"
    assert made["spec"]["source"] == {"store": "main", "storedBackup": "mongodb-bank-ledger-20261106180000"}
    assert editor.browser.post(path, {**wish, "store": "other"}).status_code == 404
    for wrong in ({"store": None}, {"storedBackup": None}, {"backup": "b1"}, {"to": None, "inPlace": True}):
        refused = editor.browser.post(path, {**wish, **wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid"), wrong
    deploy(kubernetes, editor.browser, space)
    taken = editor.browser.post(path, {**wish, "to": "orders"})
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    assert viewer.browser.post(path, {**wish, "to": "mine"}).status_code == 403
    assert len(kubernetes.list("DataRestore", space)) == 1


def test_a_store_is_tested_when_a_person_asks_and_the_stream_tells_the_end(
    kubernetes: Kubernetes, editor: Someone, someone: MakePerson, space: str
) -> None:
    store(kubernetes, space, fileSystem={"claim": "shared"})
    say(kubernetes, "BackupStore", space, "main", phase="Ready", checked="2026-11-06T18:00:00Z", observedGeneration=1)
    seen("the store", lambda: [s["phase"] for s in editor.browser.get("/stores", space=space).json()["items"]] == ["Ready"])
    path = f"/stores/{space}/main/test"
    position = editor.browser.get("/stores").json()["position"]
    begun = editor.browser.post(path)
    assert (begun.status_code, begun.json()["isTesting"]) == (202, True), begun.text
    found = kubernetes.get("BackupStore", "main", space)
    assert found is not None
    request = found["metadata"]["annotations"][names.ANNOTATION_CHECK]
    with editor.browser.stream(after=position) as events:
        say(kubernetes, "BackupStore", space, "main", answered=request, phase="NotReady", message="access denied")
        assert events.until("store", "access denied")
    (row,) = editor.browser.get("/stores", space=space).json()["items"]
    assert (row["isTesting"], row["message"]) == (False, "access denied")
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    assert viewer.browser.post(path).status_code == 403
