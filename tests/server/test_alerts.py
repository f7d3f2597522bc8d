"""The alert centre with a real Alertmanager and a real Prometheus behind the gate: everybody sees what is theirs, and what is
silenced stands there with a name."""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from moorage.door import Door
from moorage.server.monitors import Acknowledgements, Alertmanager
from moorage.server.parts import Part
from tests.server.console import Browser, Console
from tests.server.kubernetes import Kubernetes
from tests.server.objects import seen
from tests.server.people import MakePerson, Someone
from tests.server.test_spaces_and_services import deploy
from tests.server.watched import Watched, series, watched
from tests.web import operator

FIRED_SECONDS = 8
PAST = {"severity": "critical", "scope": "service", "service": "orders"}
OWN_PAST = {"severity": "warning", "scope": "own", "service": "orders"}


@pytest.fixture(scope="module")
def began() -> float:
    return time.time()


@pytest.fixture(scope="module")
def watch(console: Console, began: float, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """Its Prometheus saw a service of the space `past` red for some seconds, and sees Moorage's watchdog."""
    rules = [
        {
            "alert": "MoorageServiceRed",
            "expr": f"vector(time()) < {began + 60 + FIRED_SECONDS} and vector(time()) > {began + 60}",
            "labels": {**PAST, "namespace": "past"},
        },
        {"alert": "MoorageWatchdog", "expr": "vector(1)", "labels": {"severity": "none", "scope": "platform"}},
        {"alert": "MoorageOperatorSilent", "expr": "vector(1)", "labels": {"severity": "critical", "scope": "platform"}},
    ]
    rules += [
        {**rules[0], "alert": name, "labels": {**OWN_PAST, "namespace": "past", "pod": "orders-g1-0"}}
        for name in ("queue-long", "deleted-since")
    ]
    with watched(console, tmp_path_factory.mktemp("watched"), rules) as made:
        yield made


def red(space: str, service: str = "orders") -> dict[str, str]:
    labels = {"alertname": "MoorageServiceRed", "severity": "critical", "scope": "service"}
    return {**labels, "namespace": space, "service": service}


def full(space: str, level: str = "warning") -> dict[str, str]:
    return {"alertname": "MoorageDiskFullIn24h", "severity": level, "scope": "member", "namespace": space, "service": "orders"}


def alerts(browser: Browser, count: int, **query: str) -> list[dict[str, Any]]:
    """What is shown, once it is so many."""
    found: list[dict[str, Any]] = []

    def is_there() -> bool:
        answer = browser.get("/alerts", **query)
        assert answer.status_code == 200, answer.text
        found[:] = answer.json()["items"]
        return len(found) == count

    seen(f"{count} alerts", is_there)
    return found


def test_the_worst_is_first_and_everybody_sees_their_own_spaces_alone(
    watch: Watched, editor: Someone, someone: MakePerson, admin: Browser, space: str
) -> None:
    labels = [full(space), red(space, "payments"), {**red(f"{space}-of-others")}, {"alertname": "MoorageOperatorBlind"}]
    watch.fire(*labels)
    theirs = alerts(editor.browser, 2)
    assert [one["name"] for one in theirs] == ["MoorageServiceRed", "MoorageDiskFullIn24h"]
    assert theirs[0]["texts"]["en"]["summary"] == f"{space}/payments cannot serve"
    assert f"{space}/payments" in theirs[0]["texts"]["zh"]["summary"]
    assert theirs[0]["maySilence"]["allowed"] is True
    assert alerts(someone().browser, 0) == []
    everything = {(one["name"], one["space"]) for one in admin.get("/alerts").json()["items"]}
    assert ("MoorageOperatorBlind", "") in everything
    assert ("MoorageServiceRed", f"{space}-of-others") in everything
    assert editor.browser.get("/overview").json()["openAlerts"] == 2
    watch.end(*labels)


def test_what_follows_from_another_one_says_so_and_is_not_open(watch: Watched, editor: Someone, space: str) -> None:
    labels = [red(space), {**full(space), "pod": "orders-g1-0"}]
    watch.fire(*labels)
    muted = seen("muted alert", lambda: next((a for a in alerts(editor.browser, 2) if a["mutedBy"]), None))
    assert (muted["name"], muted["mutedBy"]) == ("MoorageDiskFullIn24h", ["MoorageServiceRed"])
    assert editor.browser.get("/alerts").json()["openCount"] == 1
    watch.end(*labels)


def test_other_programs_alerts_are_shown_when_they_are_about_a_service(watch: Watched, editor: Someone, space: str) -> None:
    deploy(editor.browser, space)
    theirs = {"alertname": "QueueLong", "severity": "warning", "namespace": space, "service": "orders"}
    foreign = {"alertname": "KubePodCrashLooping", "severity": "warning", "namespace": space, "service": "kube-state-metrics"}
    watch.fire(theirs, foreign)
    (found,) = alerts(editor.browser, 1)
    assert found["name"] == "QueueLong"
    watch.end(theirs, foreign)


def test_a_silence_has_a_name_a_reason_and_an_end_and_stands_in_the_audit_list(
    watch: Watched, editor: Someone, admin: Browser, space: str
) -> None:
    watch.fire(red(space))
    (alert,) = alerts(editor.browser, 1)
    made = editor.browser.post("/silences", {"alert": alert["fingerprint"], "seconds": 3600, "reason": "moved to n2"})
    assert made.status_code == 201, made.text
    (silence,) = seen("silence", lambda: editor.browser.get("/silences").json()["items"])
    assert (silence["who"], silence["reason"]) == (editor.user, "moved to n2")
    assert silence["alert"] == "MoorageServiceRed"
    assert silence["isAcknowledgement"] is False
    assert seen("silenced alert", lambda: alerts(editor.browser, 1)[0]["silences"]) == [made.json()["id"]]
    assert editor.browser.get("/silences").json()["items"][0]["silenced"] == ["MoorageServiceRed"]
    assert editor.browser.get("/alerts").json()["openCount"] == 0
    entry = next(e for e in admin.get("/audit").json()["items"] if e["action"] == "silenceAlerts" and e["space"] == space)
    assert (entry["who"], entry["status"], entry["params"]["reason"]) == (editor.user, 201, "moved to n2")
    assert editor.browser.delete(f"/silences/{silence['id']}").status_code == 204
    assert seen("end of the silence", lambda: not editor.browser.get("/silences").json()["items"])
    assert not seen("alert that is told", lambda: [a for a in alerts(editor.browser, 1) if not a["silences"]])[0]["silences"]
    watch.end(red(space))


def test_a_whole_service_can_be_silenced_before_anything_fires(watch: Watched, editor: Someone, space: str) -> None:
    deploy(editor.browser, space)
    body = {"space": space, "service": "orders", "seconds": 60, "reason": "we test the alarms"}
    assert editor.browser.post("/silences", body).status_code == 201
    watch.fire(red(space))
    seen("silenced alert", lambda: [a for a in alerts(editor.browser, 1) if a["silences"]])
    watch.end(red(space))
    body["service"] = "no-such"
    assert editor.browser.post("/silences", body).status_code == 404
    assert editor.browser.post("/silences", {"seconds": 60, "reason": "x"}).json()["code"] == "invalid"


def test_who_may_only_look_silences_nothing_and_ends_nothing(
    watch: Watched, kubernetes: Kubernetes, editor: Someone, someone: MakePerson, space: str
) -> None:
    viewer = someone()
    kubernetes.let(viewer.user, "view", space)
    watch.fire(red(space))
    (alert,) = alerts(viewer.browser, 1)
    assert alert["maySilence"]["allowed"] is False
    assert "you may not patch" in alert["maySilence"]["whyNot"]
    wish = {"alert": alert["fingerprint"], "seconds": 3600, "reason": "too loud"}
    for answer in (
        viewer.browser.post("/silences", wish),
        viewer.browser.post(f"/alerts/{alert['fingerprint']}/acknowledgement", {}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    made = editor.browser.post("/silences", wish).json()["id"]
    assert viewer.browser.delete(f"/silences/{made}").status_code == 403
    assert someone().browser.delete(f"/silences/{made}").status_code == 404, "whether it is there is nobody else's business"
    assert editor.browser.delete(f"/silences/{made}").status_code == 204
    watch.end(red(space))


def test_who_sees_every_space_but_may_change_none_does_not_silence_moorage_itself(watch: Watched, editor: Someone) -> None:
    watch.fire({"alertname": "MoorageOperatorBlind", "severity": "critical", "scope": "platform"})
    assert [a for a in editor.browser.get("/alerts").json()["items"] if not a["space"]] == []
    watch.end({"alertname": "MoorageOperatorBlind", "severity": "critical", "scope": "platform"})


async def test_an_acknowledgement_lasts_as_long_as_what_it_is_about(
    watch: Watched, console: Console, editor: Someone, space: str
) -> None:
    watch.fire(red(space))
    (alert,) = alerts(editor.browser, 1)
    made = editor.browser.post(f"/alerts/{alert['fingerprint']}/acknowledgement", {"note": "I look at it"})
    assert made.status_code == 201, made.text
    (silence,) = seen("acknowledgement", lambda: editor.browser.get("/silences").json()["items"])
    assert (silence["isAcknowledgement"], silence["reason"], silence["who"]) == (True, "I look at it", editor.user)
    seen("quiet alert", lambda: alerts(editor.browser, 1)[0]["silences"])
    await keeper(console, minutes=45).look()
    (silence,) = editor.browser.get("/silences").json()["items"]
    assert datetime.fromisoformat(silence["until"]) > datetime.now(UTC) + timedelta(minutes=90), "it fires still"
    watch.end(red(space))
    alerts(editor.browser, 0)
    await keeper(console, minutes=0).look()
    assert editor.browser.get("/silences").json()["items"], "who was just told of it waits for what was just made"
    await keeper(console, minutes=3).look()
    seen("end of the acknowledgement", lambda: not editor.browser.get("/silences").json()["items"])


def keeper(console: Console, minutes: int) -> Acknowledgements:
    """What each replica of the console does now and then, so many minutes later."""
    door = Door(f"https://127.0.0.1:{console.gate_port}/alertmanager", console.mounted / "monitoring")
    ahead = timedelta(minutes=minutes)
    return Acknowledgements(Alertmanager(Part("Alertmanager", door)), lambda: datetime.now(UTC) + ahead)


def test_history_says_what_was_and_how_long_it_took(
    watch: Watched, kubernetes: Kubernetes, someone: MakePerson, admin: Browser, began: float
) -> None:
    kubernetes.space("past")
    told = {"text": {"summary": "the queue of $subject holds $value"}, "textZh": {"summary": "$subject 的队列过长"}}
    operator.alert_rule(kubernetes, "past", "queue-long", {"promql": "queue > 1", **told})
    reader = someone()
    kubernetes.let(reader.user, "view", "past")

    def over() -> list[dict[str, Any]] | None:
        answer = reader.browser.get("/alerts/history", days=1)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = [one for one in answer.json()["items"] if one["ended"]]
        return items if len(items) == 3 else None

    end = time.monotonic() + 240
    while (found := over()) is None:
        assert time.monotonic() < end, series(watch.prometheus, "ALERTS")
        time.sleep(1)
    by_name = {one["name"]: one for one in found}
    own = {"en": "the queue of past/orders (orders-g1-0) holds …", "zh": "past/orders (orders-g1-0) 的队列过长"}
    assert by_name["queue-long"]["summary"] == own
    assert by_name["deleted-since"]["summary"] == {"en": "deleted-since", "zh": "deleted-since"}
    one = by_name["MoorageServiceRed"]
    assert (one["space"], one["service"]) == ("past", "orders")
    assert one["summary"]["en"] == "past/orders cannot serve"
    step = reader.browser.get("/alerts/history", days=1).json()["resolutionSeconds"]
    assert FIRED_SECONDS - step <= one["tookSeconds"] <= FIRED_SECONDS + 2 * step
    everything = admin.get("/alerts/history").json()
    names = {(o["name"], o["space"], o["ended"]) for o in everything["items"]}
    assert ("MoorageOperatorSilent", "", None) in names, everything
    assert "MoorageWatchdog" not in {name for name, _, _ in names}
    assert admin.get("/alerts/history", space="elsewhere").json()["items"] == []


def test_the_gate_opens_for_the_console_alone_and_to_nothing_else(watch: Watched, console: Console) -> None:
    token = (console.mounted / "monitoring/token").read_text()
    assert watch.ask("/prometheus/api/v1/query?query=1", token).status_code == 200
    assert watch.ask("/prometheus/api/v1/query?query=1", "").status_code == 401
    assert watch.ask("/alertmanager/api/v2/alerts", "guessed").status_code == 401
    for path in ("/prometheus/api/v1/admin/tsdb/delete_series", "/prometheus/-/quit", "/alertmanager/api/v2/status", "/else/x"):
        assert watch.ask(path, token).status_code == 403, path
    assert watch.ask("/prometheus/api/v1/query/../admin", token).status_code in (403, 404)


def test_without_monitoring_it_is_said_in_a_sentence(
    kubernetes: Kubernetes, editor: Someone, tmp_path_factory: pytest.TempPathFactory
) -> None:
    none = {"MOORAGE_PROMETHEUS": "", "MOORAGE_ALERTMANAGER": "", "MOORAGE_RELAY": "", "MOORAGE_DRAWS": ""}
    bare = Console(kubernetes, tmp_path_factory.mktemp("bare"), none)
    bare.start(sys.executable)
    try:
        browser = bare.browser()
        browser.client.cookies.update(editor.browser.client.cookies)
        for path in ("/alerts", "/silences", "/alerts/history"):
            answer = browser.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "no-monitoring"), answer.text
            assert "monitoring.bring.enabled" in answer.json()["detail"]
        assert browser.get("/overview").json()["openAlerts"] is None
    finally:
        bare.stop()
