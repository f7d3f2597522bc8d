"""What people see and may do is what Kubernetes lets them, and its refusals reach them as sentences."""

import time
from typing import Any

import yaml

from moorage.api.schema import API_VERSION
from moorage.views.binding import MASK
from tests.server.console import Browser, Console, Events
from tests.server.kubernetes import CONSOLE_NAMESPACE, Kubernetes, path_of
from tests.server.objects import say, secret, seen, store
from tests.server.people import MakePerson, Someone

SERVICE = "/services/{}/orders"
S3 = {"endpoint": "https://s3.example.com", "bucket": "backups", "credentialsSecret": "s3-keys"}
COUNTED_SECONDS = 120.0
"""A quota of a space that was just made."""


def wish(space: str, name: str = "orders", **more: object) -> dict[str, object]:
    return {"engine": "mongodb", "name": name, "space": space, **more}


def deploy(browser: Browser, space: str, name: str = "orders", **more: object) -> dict[str, object]:
    made = browser.post("/services", wish(space, name, **more))
    assert made.status_code == 201, made.text
    found: dict[str, object] = made.json()
    return found


def test_who_has_no_rights_sees_nothing_and_is_told_so_in_a_sentence(editor: Someone, someone: MakePerson, space: str) -> None:
    deploy(editor.browser, space)
    stranger = someone().browser
    assert stranger.get("/services").json()["items"] == []
    assert stranger.get("/spaces").json()["items"] == []
    for path in (
        SERVICE.format(space),
        f"{SERVICE.format(space)}/connection",
        f"{SERVICE.format(space)}/manifest",
        f"/spaces/{space}",
    ):
        hidden = stranger.get(path)
        assert (hidden.status_code, hidden.json()["code"]) == (404, "not-found"), path
        assert "or you may not see it" in hidden.json()["detail"]
    refused = stranger.post("/services", wish(space, "mine"))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert refused.json()["detail"].startswith('dataservices.moorage.dev is forbidden: User "moorage:li')


def test_whether_a_service_is_there_is_nobody_elses_business(editor: Someone, someone: MakePerson, space: str) -> None:
    deploy(editor.browser, space)
    stranger = someone().browser
    moment = "2026-11-06T12:34:56+08:00"
    answers = [
        stranger.post(f"/spaces/{space}/restores", {"at": moment, "service": service, "to": to})
        for service, to in (("orders", "orders"), ("nothing", "nothing"))
    ]
    assert [a.status_code for a in answers] == [answers[1].status_code] * 2
    assert answers[0].json()["code"] == answers[1].json()["code"]


def test_a_person_sees_the_spaces_that_are_theirs_alone(
    kubernetes: Kubernetes, editor: Someone, admin: Browser, space: str
) -> None:
    kubernetes.space(f"{space}-other")
    deploy(admin, f"{space}-other", "hidden")
    deploy(editor.browser, space)
    assert [s["name"] for s in editor.browser.get("/services").json()["items"]] == ["orders"]
    assert [s["name"] for s in editor.browser.get("/spaces").json()["items"]] == [space]
    assert {"hidden", "orders"} <= {s["name"] for s in admin.get("/services").json()["items"]}


def test_what_was_deployed_is_in_the_next_list(editor: Someone, space: str) -> None:
    deploy(editor.browser, space, members=1)
    (row,) = editor.browser.get("/services", space=space).json()["items"]
    assert (row["name"], row["namespace"], row["engine"]) == ("orders", space, "mongodb")


def test_what_somebody_else_made_appears_by_the_watch(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    position = editor.browser.get("/services").json()["position"]
    kubernetes.create(
        {
            "apiVersion": API_VERSION,
            "kind": "DataService",
            "metadata": {"name": "theirs", "namespace": space},
            "spec": {"engine": "mongodb"},
        }
    )
    with editor.browser.stream(after=position) as events:
        assert events.until("service", "theirs")
    assert editor.browser.get("/services/" + space + "/theirs").status_code == 200


def test_a_dry_run_is_judged_completed_and_not_kept(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    looked = editor.browser.post("/services", wish(space), dryRun="true")
    assert looked.status_code == 201, looked.text
    assert looked.json()["service"]["spec"]["onDelete"] == "Retain", "the API server's default"
    assert looked.json()["room"]["fits"] is False, "there is no host here"
    assert yaml.safe_load(looked.json()["sameAs"]["yaml"])["metadata"] == {"name": "orders", "namespace": space}
    assert looked.json()["sameAs"]["moorage"] == f"moorage deploy mongodb orders -n {space} --wait"
    assert kubernetes.get("DataService", "orders", space) is None


def test_a_dry_run_says_what_is_possible_and_yet_unwise(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    def warned(**more: Any) -> list[str]:
        looked = editor.browser.post("/services", wish(space, **more), dryRun="true")
        assert looked.status_code == 201, looked.text
        return [one["code"] for one in looked.json()["warnings"]]

    assert warned(members=1) == ["single-member", "no-store"]
    assert warned(backup={"enabled": False}) == ["no-backup"]
    store(kubernetes, space, "main", s3=S3, default=True)
    seen("store", lambda: warned() == [])
    say(kubernetes, "BackupStore", space, "main", phase="NotReady", message="the bucket is gone")
    seen("what the store says", lambda: warned() == ["store-not-ready"])


def test_the_api_servers_own_sentence_reaches_the_person(editor: Someone, space: str) -> None:
    refused = editor.browser.post("/services", wish(space, members=2), dryRun="true")
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "refused")
    assert any("members" in cause["message"] or "members" in cause["field"] for cause in problem["causes"])
    assert problem["detail"]


def test_each_refused_setting_of_an_engine_is_a_cause_of_its_own(editor: Someone, space: str) -> None:
    settings = {"net.maxIncomingConnections": "no", "replication.replSetName": "x", "storage.journal": "off"}
    refused = editor.browser.post("/services", wish(space, parameters=settings), dryRun="true")
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "refused")
    assert [cause["field"] for cause in problem["causes"]] == [f"spec.parameters.{name}" for name in sorted(settings)]
    assert "allowed: 10 to 999999" in problem["causes"][0]["message"]


def test_every_value_that_kubernetes_refuses_is_told_by_its_field(editor: Someone, space: str) -> None:
    for body, field in (
        ({"storage": "1Mi"}, "spec.storage.size"),
        ({"memory": "16Mi"}, "spec.resources.memory"),
        ({"version": "1.0"}, "spec.version"),
        ({"members": 2}, "spec.members"),
        ({"timeZone": "Moon/Sea"}, "spec.timeZone"),
        ({"backup": {"schedule": "99 2 * * *"}}, "spec.backup.schedule"),
        ({"name": "1st"}, "metadata.name"),
        ({"cpu": "many"}, "body.cpu"),
        ({"backup": {"keepDays": 0}}, "body.backup.keepDays"),
    ):
        refused = editor.browser.post("/services", {**wish(space), **body}, dryRun="true")
        assert refused.status_code == 422, body
        assert [cause["field"] for cause in refused.json()["causes"]] == [field], refused.text


def test_a_change_is_shown_first_and_then_made(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    deploy(editor.browser, space, parameters={})
    looked = editor.browser.patch(SERVICE.format(space), {"protected": True}, dryRun="true")
    assert looked.json()["service"]["spec"]["protected"] is True
    kept = kubernetes.get("DataService", "orders", space)
    assert kept is not None
    assert not kept["spec"].get("protected")
    assert editor.browser.patch(SERVICE.format(space), {"protected": True}).status_code == 200
    assert editor.browser.get(SERVICE.format(space)).json()["service"]["name"] == "orders"


def test_a_protected_service_is_not_deleted_and_a_name_must_be_typed(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    deploy(editor.browser, space, protected=True)
    mistyped = editor.browser.delete(SERVICE.format(space), confirm="order")
    assert (mistyped.status_code, mistyped.json()["code"]) == (422, "name-not-typed")
    protected = editor.browser.delete(SERVICE.format(space), confirm="orders")
    assert protected.json()["code"] == "protected", protected.text
    assert kubernetes.get("DataService", "orders", space) is not None
    assert editor.browser.put(f"{SERVICE.format(space)}/protection", {"protected": False}).status_code in (200, 202, 204)
    assert editor.browser.delete(SERVICE.format(space), confirm="orders").status_code == 202


def test_a_schedule_that_never_comes_is_refused_by_every_way(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    deploy(editor.browser, space)
    path = SERVICE.format(space)
    for schedule in ("0 0 31 2 *", "0 0 31 2/9 *"):
        backup = {"schedule": schedule}
        refused = (
            editor.browser.post("/services", wish(space, "others", backup=backup), dryRun="true"),
            editor.browser.patch(path, {"backup": backup}),
        )
        assert [(r.status_code, r.json()["causes"][0]["field"]) for r in refused] == [(422, "spec.backup.schedule")] * 2
        assert all("never comes" in r.json()["causes"][0]["message"] for r in refused)
        kept = editor.browser.get(f"{path}/manifest").json()
        text = yaml.safe_dump({**yaml.safe_load(kept["yaml"]), "spec": {"engine": "mongodb", "backup": backup}})
        by_yaml = editor.browser.put(f"{path}/manifest", {"yaml": text, "version": kept["version"]})
        assert (by_yaml.status_code, "never comes" in by_yaml.text) == (422, True)
    by_kubectl = kubernetes.admin.post(
        path_of("DataService", space),
        json={
            "apiVersion": API_VERSION,
            "kind": "DataService",
            "metadata": {"name": "k"},
            "spec": {"engine": "mongodb", "backup": {"schedule": "0 0 31 2 *"}},
        },
    )
    assert (by_kubectl.status_code, "never comes" in by_kubectl.text) == (422, True)


def test_yaml_is_changed_after_a_look_at_the_difference(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    deploy(editor.browser, space)
    path = f"{SERVICE.format(space)}/manifest"
    kept = editor.browser.get(path).json()
    new = {**kept, "yaml": kept["yaml"].replace("onDelete: Retain", "onDelete: Delete")}
    del new["status"]
    assert new["yaml"] != kept["yaml"]
    looked = editor.browser.put(path, new, dryRun="true")
    assert looked.status_code == 200, looked.text
    assert "-  onDelete: Retain\n+  onDelete: Delete" in looked.json()["diff"]
    seen_now = kubernetes.get("DataService", "orders", space)
    assert seen_now is not None
    assert seen_now["spec"]["onDelete"] == "Retain"
    assert editor.browser.put(path, new).status_code == 200
    for wrong in ("a: [", "just words", kept["yaml"].replace("name: orders", "name: others"), "x: !!python/object:os.system {}"):
        refused = editor.browser.put(path, {**new, "yaml": wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid"), wrong


def test_yaml_that_somebody_else_changed_meanwhile_is_not_overwritten_and_a_new_status_is_no_change(
    kubernetes: Kubernetes, editor: Someone, space: str
) -> None:
    deploy(editor.browser, space)
    path = f"{SERVICE.format(space)}/manifest"
    kept = editor.browser.get(path).json()
    wish = {"yaml": kept["yaml"].replace("onDelete: Retain", "onDelete: Delete"), "version": kept["version"]}
    say(kubernetes, "DataService", space, "orders", healthCluster="yellow", healthMsg="datanode2 starts")
    seen("the status", lambda: "datanode2 starts" in editor.browser.get(path).json()["status"])
    assert editor.browser.put(path, wish, dryRun="true").status_code == 200
    kubernetes.merge("DataService", "orders", space, {"spec": {"protected": True}})
    for dry in ("true", "false"):
        stale = editor.browser.put(path, wish, dryRun=dry)
        assert (stale.status_code, stale.json()["code"]) == (409, "changed-meanwhile")
    now = kubernetes.get("DataService", "orders", space)
    assert now is not None
    assert (now["spec"]["onDelete"], now["spec"]["protected"]) == ("Retain", True)


def test_yaml_shows_what_people_write_and_keeps_what_others_wrote(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    deploy(editor.browser, space)
    own = {"moorage.dev/schedule": "{}", "team": "shop"}
    kubernetes.merge("DataService", "orders", space, {"metadata": {"annotations": own, "finalizers": ["moorage.dev/orders"]}})
    path = f"{SERVICE.format(space)}/manifest"
    kept = seen("the annotation", lambda: m if "team" in (m := editor.browser.get(path).json())["yaml"] else None)
    shown = yaml.safe_load(kept["yaml"])
    assert shown["metadata"] == {"name": "orders", "namespace": space, "annotations": {"team": "shop"}}
    assert "status" not in shown
    shown["metadata"] |= {"annotations": {"team": "books"}, "uid": "made-up", "resourceVersion": "1"}
    wish = {"yaml": yaml.safe_dump(shown), "version": kept["version"]}
    assert "-    team: shop\n+    team: books" in editor.browser.put(path, wish, dryRun="true").json()["diff"]
    assert editor.browser.put(path, wish).status_code == 200
    after = kubernetes.get("DataService", "orders", space)
    assert after is not None
    assert after["metadata"]["annotations"] == {**own, "team": "books"}
    assert after["metadata"]["finalizers"] == ["moorage.dev/orders"]
    shown["metadata"]["annotations"] = {"moorage.dev/promote": "datanode1@now"}
    refused = editor.browser.put(path, {"yaml": yaml.safe_dump(shown), "version": editor.browser.get(path).json()["version"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert "moorage.dev/promote" in refused.json()["detail"]


def test_no_password_without_the_right_to_it(kubernetes: Kubernetes, editor: Someone, someone: MakePerson, space: str) -> None:
    deploy(editor.browser, space)
    kubernetes.create(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "orders-app", "namespace": space},
            "stringData": {"username": "app", "password": "s3cret-of-orders"},
        }
    )
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    detail = viewer.browser.get(SERVICE.format(space)).json()
    assert detail["may"]["readPassword"]["allowed"] is False
    assert "may not get secrets" in detail["may"]["readPassword"]["whyNot"]
    refused = viewer.browser.get(f"{SERVICE.format(space)}/connection")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "s3cret-of-orders" not in refused.text
    assert viewer.browser.post(f"{SERVICE.format(space)}/connection/password").json()["code"] == "forbidden"


def test_the_audit_list_names_what_was_made_and_holds_no_secret(
    kubernetes: Kubernetes, editor: Someone, admin: Browser, space: str
) -> None:
    keys = {"accessKeyId": "AKIAMOORAGE", "secretAccessKey": "only-the-store-knows"}
    where = {"kind": "S3", "endpoint": S3["endpoint"], "bucket": S3["bucket"], **keys}
    assert admin.post("/stores", {"space": space, "name": "main", "where": where}).status_code == 201
    deploy(editor.browser, space)
    taken = editor.browser.post(f"{SERVICE.format(space)}/backups", {}).json()["name"]
    restored = editor.browser.post(f"/spaces/{space}/restores", {"backup": taken, "to": "copy"}).json()["name"]
    member = {"kind": "User", "name": "moorage:li", "role": "view"}
    assert admin.post(f"/spaces/{space}/members", member).status_code == 201
    assert editor.browser.post("/services", wish(space, "no_name")).status_code == 422
    assert editor.browser.post("/services", wish(space)).status_code == 409
    found = [e for e in admin.get("/audit", atMost=1000).json()["items"] if e["space"] == space]
    assert [(e["action"], e["object"], e["made"], e["status"]) for e in reversed(found) if e["action"] != "createSpace"] == [
        ("addStore", "", "store/main", 201),
        ("deployService", "", "service/orders", 201),
        ("backUp", "service/orders", f"backup/{taken}", 202),
        ("startRestore", "", f"restore/{restored}", 202),
        ("addMember", "", "user/moorage:li", 201),
        ("deployService", "", "service/orders", 409),
    ]
    assert next(e["params"] for e in found if e["action"] == "addMember") == {"role": "view"}
    kept = str(kubernetes.list("ConfigMap", CONSOLE_NAMESPACE))
    assert "addStore" in kept
    assert [word for word in keys.values() if word in kept] == []


def test_a_password_comes_only_when_it_is_asked_for_and_the_audit_list_says_by_whom(
    kubernetes: Kubernetes, editor: Someone, someone: MakePerson, admin: Browser, space: str
) -> None:
    deploy(editor.browser, space)
    secret(kubernetes, space, "orders-app", username="app", password="s3cret/of", uri="mongodb://app:s3cret%2Fof@h/app")
    told = editor.browser.get(f"{SERVICE.format(space)}/connection")
    assert told.json()["entries"] == {"username": "app", "password": MASK, "uri": f"mongodb://app:{MASK}@h/app"}
    revealed = editor.browser.post(f"{SERVICE.format(space)}/connection/password")
    assert (revealed.status_code, revealed.headers["cache-control"]) == (200, "no-store")
    assert revealed.json()["entries"]["password"] == "s3cret/of"
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    assert viewer.browser.post(f"{SERVICE.format(space)}/connection/password").status_code == 403
    told_of = [e for e in admin.get("/audit").json()["items"] if e["space"] == space and e["action"] == "revealPassword"]
    assert {(e["who"], e["object"], e["address"], e["status"]) for e in told_of} == {
        (viewer.user, "service/orders", "127.0.0.1", 403),
        (editor.user, "service/orders", "127.0.0.1", 200),
    }
    assert {e["made"] for e in told_of} == {"user/app"}
    assert "s3cret" not in str(told_of)


def test_the_administrators_password_is_asked_for_by_name_and_the_audit_list_says_whose_it_was(
    kubernetes: Kubernetes, editor: Someone, admin: Browser, space: str
) -> None:
    deploy(editor.browser, space)
    path = f"{SERVICE.format(space)}/connection"
    missing = editor.browser.get(path, user="admin")
    assert (missing.status_code, missing.json()["code"]) == (404, "not-ready")
    secret(kubernetes, space, "orders-app", username="app", password="of-app")
    secret(kubernetes, space, "orders-admin", username="admin", password="of-admin")
    told = editor.browser.get(path, user="admin").json()
    assert (told["secret"], told["entries"]) == ("orders-admin", {"username": "admin", "password": MASK})
    assert editor.browser.post(f"{path}/password", user="admin").json()["entries"]["password"] == "of-admin"
    assert editor.browser.post(f"{path}/password").json()["entries"]["password"] == "of-app"
    assert editor.browser.get(path, user="internal").status_code == 422
    found = [e for e in admin.get("/audit").json()["items"] if e["space"] == space and e["action"] == "revealPassword"]
    assert sorted(e["made"] for e in found) == ["user/admin", "user/app"]


def test_who_may_only_look_changes_nothing(kubernetes: Kubernetes, editor: Someone, someone: MakePerson, space: str) -> None:
    deploy(editor.browser, space)
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    browser, path = viewer.browser, SERVICE.format(space)
    tries = {
        "patch": browser.patch(path, {"protected": True}),
        "delete": browser.delete(path, confirm="orders"),
        "back up": browser.post(f"{path}/backups", {}),
        "restart": browser.post(f"{path}/restart", {}),
        "protect": browser.put(f"{path}/protection", {"protected": True}),
        "add a member": browser.post(f"/spaces/{space}/members", {"name": viewer.user, "role": "admin"}),
        "limit": browser.put(f"/spaces/{space}/quota", {"services": 1}),
        "make a space": browser.post("/spaces", {"name": "mine"}),
        "make an account": browser.post("/accounts", {"name": "mine"}),
    }
    assert {deed: answer.status_code for deed, answer in tries.items()} == dict.fromkeys(tries, 403)


def test_a_right_that_is_given_in_the_console_holds_at_once_and_none_that_the_giver_lacks(
    kubernetes: Kubernetes, someone: MakePerson, admin: Browser, space: str
) -> None:
    li, owner = someone(), someone()
    kubernetes.let(owner.user, "admin", space)
    assert li.browser.get("/spaces").json()["items"] == []
    given = owner.browser.post(f"/spaces/{space}/members", {"name": li.user, "role": "view"})
    assert given.status_code == 201, given.text
    assert [s["name"] for s in li.browser.get("/spaces").json()["items"]] == [space]
    mightier = owner.browser.post("/accounts", {"name": "mine", "groups": ["admins"]})
    assert mightier.status_code == 403
    taken = owner.browser.delete(f"/spaces/{space}/members/{given.json()['binding']}")
    assert taken.status_code == 202
    assert li.browser.get("/spaces").json()["items"] == []
    assert admin.get(f"/spaces/{space}").json()["members"]


def test_a_group_that_the_console_may_not_name_shuts_nobody_out(admin: Browser, someone: MakePerson) -> None:
    refused = admin.post("/accounts", {"name": "shut-out", "groups": ["strangers"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert "chart's console.groups, and moorage:strangers counts" in refused.json()["detail"]
    assert someone("dba").browser.get("/services").status_code == 200


def test_a_stream_goes_on_where_it_broke_off_and_tells_nothing_of_other_spaces(
    kubernetes: Kubernetes, editor: Someone, admin: Browser, space: str
) -> None:
    position = editor.browser.get("/services").json()["position"]
    with editor.browser.stream(after=position) as events:
        deploy(editor.browser, space, "first")
        seen = events.until("service", "first")
    kubernetes.space(f"{space}-other")
    deploy(admin, f"{space}-other", "hidden")
    deploy(editor.browser, space, "second")
    with editor.browser.stream(last=seen["id"]) as events:
        heard = services_until(events, "second")
    assert '"name":"second"' in heard[-1].replace(" ", "")
    assert not any("hidden" in data for data in heard)


def test_a_stream_that_missed_too_much_says_so(editor: Someone) -> None:
    with editor.browser.stream(last="another-7") as events:
        assert events.next()["event"] == "reset"


def test_a_stream_ends_with_its_session(editor: Someone, console: Console) -> None:
    with editor.browser.stream() as events:
        assert editor.browser.delete("/session").status_code == 204
        assert events.until("end")


def test_a_space_has_limits_and_stays_while_it_holds_a_service(admin: Browser, space: str) -> None:
    new = f"{space}-new"
    made = admin.post("/spaces", {"name": new, "quota": {"services": 1}})
    assert made.status_code == 201, made.text
    first = admin.post("/services", wish(new))
    deadline = time.monotonic() + COUNTED_SECONDS
    while first.status_code == 503:  # Kubernetes has not counted yet what is in a space that is this young
        assert first.json()["code"] == "not-ready", first.text
        assert time.monotonic() < deadline, f"not counted within {COUNTED_SECONDS:.0f} s: {first.text}"
        first = admin.post("/services", wish(new))
    assert first.status_code == 201, first.text
    second = admin.post("/services", wish(new, "second"))
    assert (second.status_code, second.json()["code"]) == (403, "forbidden")
    assert "exceeded quota" in second.json()["detail"]
    full = admin.delete(f"/spaces/{new}", confirm=new)
    assert (full.status_code, full.json()["code"]) == (409, "space-not-empty")


def services_until(events: Events, words: str) -> list[str]:
    heard: list[str] = []
    while not heard or words not in heard[-1]:
        event = events.next()
        if event["event"] == "service":
            heard.append(event["data"])
    return heard
