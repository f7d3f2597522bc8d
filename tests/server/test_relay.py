"""The relay as the chart starts it: a process with rights on messages alone, whose Secrets are files."""

import httpx2
import pytest
from lightkube import KubeConfig

from moorage.kube.client import KubeError
from moorage.kube.person import Persons
from moorage.monitoring.routes import config
from moorage.server.people.audit import LABEL, LABEL_VALUE
from moorage.server.relay_secrets import token_secret
from moorage.server.telling.app import NOBODY
from tests.monitoring.alertmanager import running
from tests.monitoring.test_notices import red
from tests.server.console import Console
from tests.server.kubernetes import CONSOLE_NAMESPACE, RELAY_USER, Kubernetes
from tests.server.relay import RelayProcess
from tests.unit.monitoring.notices import payload
from tests.unit.server.receivers import Receiver


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
    assert slack.asked == 0
    assert relay.post("/channels/dba/test", None).json() == {"outcome": "delivered", "answer": "200 ok"}
    assert relay.post("/channels/nobody/test", None).status_code == 404


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


def test_nobody_is_answered_without_encryption(relay: RelayProcess) -> None:
    relay.start()
    with pytest.raises(httpx2.HTTPError):
        httpx2.get(f"http://127.0.0.1:{relay.port}/healthz")
