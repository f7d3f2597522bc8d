"""The relay as the chart starts it: a process with rights on messages alone, whose Secrets are files."""

import httpx2
import pytest
import yaml
from lightkube import KubeConfig

from moorage.kube.client import KubeError
from moorage.kube.person import Persons
from moorage.monitoring.routes import config
from moorage.server.part_secrets import token_secret
from moorage.server.people.audit import LABEL, LABEL_VALUE
from moorage.server.telling.app import NOBODY
from tests.monitoring.alertmanager import running
from tests.monitoring.test_notices import red
from tests.server.console import Browser, Console
from tests.server.kubernetes import CONSOLE_NAMESPACE, RELAY_USER, Kubernetes
from tests.server.objects import seen
from tests.server.people import MakePerson
from tests.server.relay import CHANNELS, RelayProcess
from tests.unit.monitoring.notices import payload
from tests.unit.server.receivers import TOKEN, Receiver

pytestmark = pytest.mark.usefixtures("no_channels")


def test_what_a_real_alertmanager_sends_reaches_people(relay: RelayProcess, slack: Receiver) -> None:
    """Over TLS, whose authority is the relay's own, with the token that the console drew."""
    relay.say("dba", kind="slack", url=slack.channel().url)
    relay.start()
    made = config(f"https://127.0.0.1:{relay.port}/notices", "token", "ca.crt")
    for route in made["route"]["routes"]:
        route.update(group_wait="1s", group_interval="1s")
    token, authority = (relay.folder / "token/token").read_text(), (relay.folder / "tls/ca.crt").read_text()
    with running(made, token, authority) as alertmanager:
        alertmanager.ask("/alerts", [red()])
        relay.until("message", lambda: bool(slack.taken))
    assert "shop/orders cannot serve" in str(slack.taken[0])


def test_without_a_channel_alertmanager_is_told_so_and_keeps_the_notice(relay: RelayProcess) -> None:
    relay.start()
    answer = relay.post("/notices", payload())
    assert (answer.status_code, answer.text) == (503, NOBODY)


def test_who_does_not_know_the_token_tells_nobody_anything(relay: RelayProcess, slack: Receiver) -> None:
    relay.say("dba", kind="slack", url=slack.channel().url)
    relay.start()
    for token in ("", "another"):
        assert relay.post("/notices", payload(), token).status_code == 401
        assert relay.post("/channels/dba/test", None, token).status_code == 401
        assert relay.post("/tests", {"name": "dba", "given": {}}, token).status_code == 401
    assert slack.asked == 0
    assert relay.post("/channels/dba/test", None).json() == {"outcome": "delivered", "answer": "200 ok"}
    assert relay.post("/channels/nobody/test", None).status_code == 404


def test_a_channel_that_is_tested_without_being_one_of_its_own_must_be_one_that_could_be(
    relay: RelayProcess, slack: Receiver
) -> None:
    relay.start()
    given = {"kind": "slack", "url": slack.channel().url}
    assert relay.post("/tests", {"name": "night", "given": given}).json() == {"outcome": "delivered", "answer": "200 ok"}
    assert relay.post("/notices", payload()).status_code == 503, "it tells nobody by it"
    for body, status in (
        ({"name": "night"}, 400),
        ({"name": "night", "given": ""}, 400),
        ([], 400),
        ({"name": "night", "given": {"kind": "icq"}}, 422),
    ):
        assert relay.post("/tests", body).status_code == status
    assert slack.asked == 1


def test_what_is_no_notice_is_refused_with_what_is_wanted(relay: RelayProcess, slack: Receiver) -> None:
    relay.say("dba", kind="slack", url=slack.channel().url)
    relay.start()
    answer = relay.post("/notices", {"version": "3"})
    assert answer.status_code == 400
    assert "version is '4'" in answer.text


def test_a_channel_that_cannot_be_used_is_said_without_its_secrets_and_keeps_no_other_from_working(
    relay: RelayProcess, slack: Receiver
) -> None:
    relay.start()
    relay.say("broken", kind="slack", url="hooks.example/secret-of-a-hook")
    relay.say("dba", kind="slack", url=slack.channel().url)
    relay.until("word on both", lambda: "broken: its url is of no use" in relay.log() and "slack at 127.0.0.1" in relay.log())
    assert "secret-of-a-hook" not in relay.log()
    assert relay.post("/notices", payload()).json() == {"kept": 1}


async def test_the_relay_changes_no_audit_list_and_reads_no_secret(kubernetes: Kubernetes, console: Console) -> None:
    """So whoever takes it over can neither sign in nor wipe out traces."""
    kube = Persons(KubeConfig.from_file(kubernetes.kubeconfig(RELAY_USER)).get()).own
    labels = {LABEL: LABEL_VALUE}
    audit = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "moorage-audit-test", "namespace": CONSOLE_NAMESPACE, "labels": labels},
    }
    kubernetes.create(audit)
    with pytest.raises(KubeError, match="no ConfigMap but messages"):
        await kube.merge("ConfigMap", "moorage-audit-test", CONSOLE_NAMESPACE, {"data": {"a": "b"}})
    with pytest.raises(KubeError, match="no ConfigMap but messages"):
        await kube.merge("ConfigMap", "moorage-audit-test", CONSOLE_NAMESPACE, {"metadata": {"labels": {LABEL: "message"}}})
    with pytest.raises(KubeError, match="no ConfigMap but messages"):
        await kube.delete("ConfigMap", "moorage-audit-test", CONSOLE_NAMESPACE)
    with pytest.raises(KubeError, match="no ConfigMap but messages"):
        await kube.create(
            {**audit, "metadata": {"name": "moorage-audit-other", "namespace": CONSOLE_NAMESPACE, "labels": labels}}
        )
    with pytest.raises(KubeError, match="forbidden"):
        await kube.get("Secret", token_secret(RELAY_USER), CONSOLE_NAMESPACE)


def test_its_page_of_numbers_says_what_became_of_messages(relay: RelayProcess, slack: Receiver) -> None:
    relay.say("dba", kind="slack", url=slack.channel().url)
    relay.say("gone", kind="slack", url=f"{slack.base}/services/wrong/robot/of-nobody")
    relay.start()
    numbers = relay.metrics()
    assert numbers['moorage_relay_refused_total{kind="slack"}'] == numbers['moorage_relay_delivered_total{kind="slack"}'] == 0
    assert numbers['moorage_relay_channels{kind="slack"}'] == 2
    relay.post("/notices", payload())
    relay.until("delivery", lambda: relay.metrics()['moorage_relay_delivered_total{kind="slack"}'] == 1)
    relay.until("refusal", lambda: relay.metrics()['moorage_relay_refused_total{kind="slack"}'] == 1)
    assert relay.metrics()['moorage_relay_refused_total{kind="dingtalk"}'] == 0


def test_the_console_shows_channels_tests_them_and_shows_what_receivers_answered(
    kubernetes: Kubernetes, relay: RelayProcess, slack: Receiver, admin: Browser, someone: MakePerson
) -> None:
    """Those that somebody wrote down by kubectl."""
    given = {"kind": "slack", "url": slack.channel().url, "language": "zh", "spaces": "shop", "severities": "critical"}
    written = {"dba.yaml": yaml.safe_dump(given), "broken.yaml": "kind: icq"}
    meta = {"name": CHANNELS, "namespace": CONSOLE_NAMESPACE}
    kubernetes.create({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": written})
    relay.mount_channels()
    relay.start()
    shown = admin.get("/channels").json()
    (one,) = shown["items"]
    assert (one["name"], one["place"], one["language"]) == ("dba", "slack at 127.0.0.1", "zh")
    assert (one["spaces"], one["severities"], one["isInUse"]) == (["shop"], ["critical"], True)
    assert "its kind is 'icq'" in shown["unusable"]["broken.yaml"]
    assert TOKEN not in str(shown)
    assert admin.post("/channels/dba/test").json() == {"outcome": "delivered", "answer": "200 ok"}
    assert admin.post("/channels/nobody/test").status_code == 404
    relay.post("/notices", payload())
    relay.until("message", lambda: len(slack.taken) == 2)
    told = seen("delivery", lambda: [d for d in admin.get("/deliveries", channel="dba").json()["items"] if d["attempts"]])[0]
    assert (told["state"], told["tries"], told["attempts"][0]["answer"]) == ("delivered", 1, "200 ok")
    assert "shop/orders" in told["title"]
    tests = [e for e in admin.get("/audit").json()["items"] if e["action"] == "testChannel"]
    assert {e["object"] for e in tests} >= {"channel/nobody", "channel/dba"}
    stranger = someone().browser
    for answer in (stranger.get("/channels"), stranger.get("/deliveries"), stranger.post("/channels/dba/test")):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_what_no_channel_wants_is_taken_and_told_to_nobody(relay: RelayProcess, slack: Receiver) -> None:
    relay.say("dba", kind="slack", url=slack.channel().url, spaces="bank")
    relay.start()
    answer = relay.post("/notices", payload())
    assert (answer.status_code, answer.json()) == (200, {"kept": 0})
    assert slack.asked == 0


def test_while_the_relay_is_away_channels_can_be_changed_and_it_is_said_that_none_can_be_tested(
    relay: RelayProcess, slack: Receiver, admin: Browser
) -> None:
    assert admin.post("/channels", {"name": "dba", "kind": "slack", "url": slack.channel().url}).status_code == 201
    shown = admin.get("/channels").json()
    assert [(one["name"], one["isInUse"]) for one in shown["items"]] == [("dba", None)]
    assert "the relay does not answer" in shown["away"]
    answer = admin.post("/channels/dba/test")
    assert (answer.status_code, answer.json()["code"]) == (503, "monitoring-away"), answer.text
    assert "the relay does not answer" in answer.json()["detail"]


def test_nobody_is_answered_without_encryption(relay: RelayProcess) -> None:
    relay.start()
    with pytest.raises(httpx2.HTTPError):
        httpx2.get(f"http://127.0.0.1:{relay.port}/healthz")
