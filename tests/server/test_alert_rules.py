"""Alerts of people's own, over the console's API: who may make them, what is refused, and what one would have done."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from moorage.monitoring.own.drawn import GATHERED
from moorage.monitoring.own.tried import STEP_SECONDS
from tests.monitoring.test_own_prometheus import LAG, Remembering
from tests.server.console import Browser, Console
from tests.server.kubernetes import Kubernetes
from tests.server.objects import seen
from tests.server.people import PASSWORD, MakePerson, Someone
from tests.web import operator

GOOD = {"metric": LAG, "comparison": ">", "threshold": 30, "forSeconds": 300}


def wish(space: str, **more: object) -> dict[str, object]:
    return {"name": "lag", "space": space, **GOOD, **more}


def test_an_editor_makes_changes_and_deletes_a_rule_of_their_space(editor: Someone, admin: Browser, space: str) -> None:
    made = editor.browser.post("/alert-rules", wish(space, severity="critical", channels=["dba"]))
    assert made.status_code == 201, made.text
    rule = made.json()["rule"]
    assert (rule["phase"], rule["condition"]) == ("Pending", f"{LAG} > 30")
    text = {"summary": "$subject lags"}
    changed = editor.browser.put(f"/alert-rules/{space}/lag", {**GOOD, "threshold": 60, "text": text, "version": rule["version"]})
    assert changed.status_code == 200, changed.text
    (found,) = editor.browser.get(f"/alert-rules?space={space}").json()["items"]
    assert (found["threshold"], found["text"]["summary"], found["severity"]) == (60, "$subject lags", "warning")
    assert editor.browser.delete(f"/alert-rules/{space}/lag").status_code == 202
    assert editor.browser.get("/alert-rules").json()["items"] == []
    told = [e for e in admin.get("/audit").json()["items"] if e["space"] == space and "rule/lag" in (e["object"], e["made"])]
    assert {e["who"] for e in told} == {editor.user}
    assert {e["action"] for e in told} == {"createAlertRule", "changeAlertRule", "deleteAlertRule"}


def test_a_rule_is_checked_without_being_kept_and_shown_for_other_tools(editor: Someone, space: str) -> None:
    checked = editor.browser.post("/alert-rules", wish(space, textZh={"summary": "$subject 落后"}), dryRun="true")
    assert checked.status_code == 201, checked.text
    found = checked.json()
    assert f'namespace="{space}"' in found["expr"]
    assert yaml.safe_load(found["sameAs"]["yaml"])["spec"]["threshold"] == 30
    assert found["sameAs"]["moorage"].startswith(f"moorage alerts rules create lag -n {space} --metric {LAG} --when '> 30'")
    assert editor.browser.get(f"/alert-rules?space={space}").json()["items"] == []
    version = editor.browser.post("/alert-rules", wish(space)).json()["rule"]["version"]
    changed = editor.browser.put(f"/alert-rules/{space}/lag", {**GOOD, "threshold": 9, "version": version}, dryRun="true")
    assert changed.status_code == 200, changed.text
    refused = editor.browser.put(f"/alert-rules/{space}/lag", {"promql": "up", "version": version}, dryRun="true")
    assert (refused.status_code, refused.json()["code"]) == (422, "refused")
    (kept,) = editor.browser.get(f"/alert-rules?space={space}").json()["items"]
    assert kept["threshold"] == 30


@pytest.mark.parametrize("dry_run", ["true", "false"])
def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    kubernetes: Kubernetes, editor: Someone, space: str, dry_run: str
) -> None:
    seen_by_both = editor.browser.post("/alert-rules", wish(space)).json()["rule"]["version"]
    kubernetes.merge("AlertRule", "lag", space, {"status": {"phase": "Accepted", "firing": 1}}, "/status")
    first = editor.browser.put(f"/alert-rules/{space}/lag", {**GOOD, "severity": "critical", "version": seen_by_both})
    assert first.status_code == 200, "what the operator writes of it is no change"
    second = {**GOOD, "threshold": 9, "version": seen_by_both}
    refused = editor.browser.put(f"/alert-rules/{space}/lag", second, dryRun=dry_run)
    assert (refused.status_code, refused.json()["code"]) == (409, "changed-meanwhile")
    assert f"{space}/lag was changed meanwhile by somebody else; look at it as it is now" in refused.json()["detail"]
    (kept,) = editor.browser.get("/alert-rules", space=space).json()["items"]
    assert (kept["severity"], kept["threshold"], kept["version"]) == ("critical", 30, first.json()["rule"]["version"])
    second |= {"severity": "critical", "version": kept["version"]}
    assert editor.browser.put(f"/alert-rules/{space}/lag", second).status_code == 200


def test_a_rule_that_was_made_anew_meanwhile_is_another(editor: Someone, space: str) -> None:
    version = editor.browser.post("/alert-rules", wish(space)).json()["rule"]["version"]
    assert editor.browser.delete(f"/alert-rules/{space}/lag").status_code == 202
    assert editor.browser.post("/alert-rules", wish(space, threshold=1)).status_code == 201
    assert editor.browser.put(f"/alert-rules/{space}/lag", {**GOOD, "version": version}).status_code == 409


def test_the_command_line_changes_a_rule_pauses_it_and_has_it_judged_again(
    kubernetes: Kubernetes, editor: Someone, space: str
) -> None:
    version = editor.browser.post("/alert-rules", wish(space, channels=["dba"])).json()["rule"]["version"]
    changed = {**GOOD, "threshold": 60, "version": version}
    said = editor.browser.put(f"/alert-rules/{space}/lag", changed, dryRun="true").json()["sameAs"]["moorage"]
    assert said == f"moorage alerts rules change lag -n {space} --when '> 60' --channel ''"

    def moorage(*words: str) -> str:
        program = [str(Path(sys.executable).with_name("moorage")), "--kubeconfig", str(kubernetes.kubeconfig("admin"))]
        done = subprocess.run([*program, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kept() -> dict[str, object]:
        found = kubernetes.get("AlertRule", "lag", space)
        assert found is not None
        return dict(found["spec"])

    assert moorage(*shlex.split(said)[1:]) == f"{space}/lag is changed: {LAG} > 60\n"
    assert (kept()["threshold"], kept()["channels"], kept()["forSeconds"]) == (60, [], 300)
    assert moorage("alerts", "rules", "pause", "lag", "-n", space) == f"{space}/lag rests\n"
    assert kept()["paused"] is True
    assert moorage("alerts", "rules", "resume", "lag", "-n", space).startswith(f"{space}/lag is judged again")
    assert kept()["paused"] is False


def test_a_list_says_in_which_spaces_rules_may_be_changed_and_why_not(
    kubernetes: Kubernetes, editor: Someone, someone: MakePerson, space: str
) -> None:
    assert editor.browser.post("/alert-rules", wish(space)).status_code == 201
    assert editor.browser.get("/alert-rules").json()["may"] == {space: {"allowed": True, "whyNot": "", "lacks": None}}
    reader = someone()
    kubernetes.let(reader.user, "view", space)
    may = seen("right to look", lambda: reader.browser.get("/alert-rules").json()["may"])
    assert may[space]["allowed"] is False
    assert f"you may not create alertrules.moorage.dev in {space}" in may[space]["whyNot"]


def test_who_has_no_rights_sees_no_rule_makes_none_and_tries_none(editor: Someone, someone: MakePerson, space: str) -> None:
    assert editor.browser.post("/alert-rules", wish(space)).status_code == 201
    stranger = someone().browser
    assert stranger.get("/alert-rules").json()["items"] == []
    assert stranger.get(f"/alert-rules?space={space}").json()["items"] == []
    for refused in (
        stranger.post("/alert-rules", wish(space)),
        stranger.put(f"/alert-rules/{space}/lag", {**GOOD, "version": "1"}),
        stranger.delete(f"/alert-rules/{space}/lag"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    tried = stranger.post("/alert-rules/try", {"space": space, **GOOD})
    assert (tried.status_code, tried.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({"promql": 'up{namespace="kube-system"} > 0'}, "it asks for namespace 'kube-system'"),
        ({"promql": "info(up) > 0"}, "the function info is not allowed"),
        ({"promql": "up"}, "the alert would always fire"),
        ({}, "exactly one of metric and promql must be given"),
        ({**GOOD, "promql": "up > 0"}, "exactly one of metric and promql must be given"),
        ({**GOOD, "metric": "moorage_nothing"}, "metric 'moorage_nothing' is none that a threshold can be set for"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_not_kept(
    kubernetes: Kubernetes, editor: Someone, space: str, condition: dict[str, object], sentence: str
) -> None:
    refused = editor.browser.post("/alert-rules", {"name": "spy", "space": space, **condition})
    assert refused.status_code == 422
    assert sentence in refused.json()["detail"]
    assert kubernetes.get("AlertRule", "spy", space) is None


def test_metrics_that_a_threshold_can_be_set_for_are_listed(editor: Someone) -> None:
    found = {metric["name"]: metric for metric in editor.browser.get("/alert-metrics").json()["items"]}
    assert (found[LAG]["unit"], found[LAG]["isCounter"], found[LAG]["labels"]) == ("seconds", False, ["service", "pod"])


QUERY = {"name": "open_orders", "database": "app", "query": '{"aggregate": "orders", "pipeline": []}', "labels": ["state"]}
OPEN = {"metric": "moorage_custom_open_orders", "comparison": ">", "threshold": 100}


def test_metrics_of_ones_own_are_listed_for_their_space_and_rules_about_them_are_kept(
    kubernetes: Kubernetes, editor: Someone, someone: MakePerson, space: str
) -> None:
    refused = editor.browser.post("/alert-rules", wish(space, **OPEN))
    assert (refused.status_code, refused.json()["code"]) == (422, "refused")
    assert f"no service of {space} has a query 'open_orders'" in refused.json()["detail"]
    operator.service(kubernetes, space, metrics={"queries": [QUERY]})

    def listed() -> dict[str, object] | None:
        items = editor.browser.get("/alert-metrics", space=space).json()["items"]
        return next((one for one in items if one["name"] == OPEN["metric"]), None)

    found = seen("own metric", listed)
    assert (found["services"], found["labels"]) == (["orders"], ["service", "pod", "state"])
    checked = editor.browser.post("/alert-rules", wish(space, **OPEN, labels={"colour": "red"}), dryRun="true")
    assert "moorage_custom_open_orders has no label colour" in checked.json()["detail"]
    made = editor.browser.post("/alert-rules", wish(space, **OPEN, labels={"state": "new"}))
    assert made.status_code == 201, made.text
    assert f'moorage_custom_open_orders{{namespace="{space}",state="new"}}' in made.json()["expr"]
    stranger = someone().browser.get("/alert-metrics", space=space).json()["items"]
    assert not [one for one in stranger if one["services"]], "whose space it is not is told nothing of it"


def test_a_rule_whose_query_is_gone_can_be_paused_and_not_resumed(kubernetes: Kubernetes, editor: Someone, space: str) -> None:
    made = editor.browser.post("/alert-rules", wish(space, **OPEN, paused=True))
    told = {**OPEN, "version": made.json()["rule"]["version"]}
    rested = editor.browser.put(f"/alert-rules/{space}/lag", {**told, "paused": True})
    assert rested.status_code == 200, rested.text
    told["version"] = rested.json()["rule"]["version"]
    refused = editor.browser.put(f"/alert-rules/{space}/lag", told)
    assert (refused.status_code, "add it to spec.metrics.queries" in refused.json()["detail"]) == (422, True)


def test_a_name_that_no_query_can_have_is_refused_by_the_api_server(editor: Someone, space: str) -> None:
    refused = editor.browser.post("/alert-rules", wish(space, **{**OPEN, "metric": "moorage_custom_Open"}))
    assert refused.status_code == 422
    assert "moorage_custom_NAME is what query NAME became" in refused.json()["detail"]


def test_a_console_that_knows_no_prometheus_says_who_can_change_that(
    kubernetes: Kubernetes, admin: Browser, space: str, tmp_path: Path
) -> None:
    console = Console(kubernetes, tmp_path, {"MOORAGE_PROMETHEUS": ""})
    try:
        console.start(sys.executable)
        browser = console.browser()
        browser.client.cookies.update(admin.client.cookies)
        browser.csrf = admin.csrf
        wish = {"space": space, **GOOD}
        tried = seen("session", lambda: r if (r := browser.post("/alert-rules/try", wish)).status_code != 401 else None)
        assert (tried.status_code, tried.json()["code"]) == (503, "no-monitoring")
        assert "console.monitoring.prometheus" in tried.json()["detail"]
    finally:
        console.stop()


@pytest.fixture
def told(kubernetes: Kubernetes, admin: Browser, tmp_path: Path) -> Iterator[Console]:
    """A second console, which was told of a Prometheus that remembers a day of the space `shop`."""
    prometheus = Remembering(tmp_path)
    console = Console(kubernetes, tmp_path, {"MOORAGE_PROMETHEUS": prometheus.asked._door.url})
    try:
        console.start(sys.executable)
        yield console
    finally:
        console.stop()
        prometheus.program.stop()


def test_a_rule_is_tried_before_it_is_saved(kubernetes: Kubernetes, told: Console, someone: MakePerson) -> None:
    kubernetes.space("shop")
    person = someone()
    kubernetes.let(person.user, "edit", "shop")
    browser = told.browser()
    assert browser.sign_in(person.name, PASSWORD).status_code == 201
    tried = browser.post("/alert-rules/try", {"space": "shop", **GOOD})
    assert tried.status_code == 200, tried.text
    found = tried.json()
    assert found["words"] == "it would have fired 3 times in the last 24 h, longest 5 min"
    assert (found["fired"], found["longestSeconds"], found["isFiring"]) == (3, 300, False)
    assert 'namespace="shop"' in found["expr"]
    began = [moment["began"] for moment in found["moments"]]
    assert began == sorted(began, reverse=True)
    assert [(moment["ended"] - moment["began"], moment["labels"]["service"]) for moment in found["moments"]] == [
        (300, "orders")
    ] * 3
    chart = found["chart"]
    assert (chart["threshold"], chart["comparison"], chart["step"], chart["count"]) == (30, ">", STEP_SECONDS * GATHERED, 240)
    (line,) = chart["lines"]
    assert (line["name"]["en"], set(line["values"]), chart["leftOff"]) == ("orders-g1-1 orders", {0, 60}, 0)
    behind = [chart["start"] + index * chart["step"] for index, value in enumerate(line["values"]) if value == 60]
    assert all(any(at - chart["step"] <= moment <= at + chart["step"] for at in behind) for moment in began), (
        "drawn where it fired"
    )
    unlike = browser.post("/alert-rules/try", {"space": "shop", "promql": f"absent({LAG})"}).json()
    assert (unlike["fired"], unlike["chart"]) == (0, None), "it is no comparison with a number"
    assert browser.get("/alert-rules").json()["items"] == [], "nothing is kept"
