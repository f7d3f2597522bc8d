"""What people see and may do is what Kubernetes lets them, and its refusals reach them as sentences."""

import time

import yaml

from moorage.api.schema import API_VERSION
from tests.server.console import Browser, Console, Events
from tests.server.kubernetes import Kubernetes
from tests.server.people import MakePerson, Someone

SERVICE = "/services/{}/orders"
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


def test_the_api_servers_own_sentence_reaches_the_person(editor: Someone, space: str) -> None:
    refused = editor.browser.post("/services", wish(space, members=2), dryRun="true")
    assert refused.headers["content-type"] == "application/problem+json"
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "refused")
    assert any("members" in cause["message"] or "members" in cause["field"] for cause in problem["causes"])
    assert problem["detail"]


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


def test_yaml_is_changed_after_a_look_at_the_difference(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    deploy(editor.browser, space)
    path = f"{SERVICE.format(space)}/manifest"
    text = editor.browser.get(path).json()["yaml"]
    new = text.replace("onDelete: Retain", "onDelete: Delete")
    assert new != text, text
    looked = editor.browser.put(path, {"yaml": new}, dryRun="true")
    assert looked.status_code == 200, looked.text
    assert "-  onDelete: Retain\n+  onDelete: Delete" in looked.json()["diff"]
    kept = kubernetes.get("DataService", "orders", space)
    assert kept is not None
    assert kept["spec"]["onDelete"] == "Retain"
    assert editor.browser.put(path, {"yaml": new}).status_code == 200
    stale = editor.browser.put(path, {"yaml": new})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    for wrong in ("a: [", "just words", text.replace("name: orders", "name: others"), "x: !!python/object:os.system {}"):
        refused = editor.browser.put(path, {"yaml": wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid"), wrong


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
    told = editor.browser.get(f"{SERVICE.format(space)}/connection")
    assert told.json()["entries"]["password"] == "s3cret-of-orders"
    assert told.headers["cache-control"] == "no-store"


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
