"""Two spaces in which there is something of everything that pages show."""

from datetime import UTC, datetime, timedelta
from typing import Any

from moorage.api.schema import API_VERSION
from tests.server.console import Browser
from tests.server.kubernetes import Kubernetes
from tests.server.objects import Object, backup, claim, say
from tests.web import operator

SPACE, OTHER_SPACE = "shop", "analytics"
SERVICE = "orders"
ALERT = "far-behind"
CHANNEL = "dba"
PEOPLE = ("zhang", "wang")
LONG_NAME = "customer-orders-and-invoices-archive-eu1"


def fill(kubernetes: Kubernetes, manager: Browser) -> None:
    for space in (SPACE, OTHER_SPACE):
        kubernetes.space(space)
        operator.ready_store(kubernetes, space)
    for name in (SERVICE, "sessions", "catalog"):
        operator.run(kubernetes, SPACE, name, backup={"store": "main"})
        operator.tell(kubernetes, SPACE, name, **operator.restorable(_window()))
        last = {"startTime": ago(hours=8), "endTime": ago(hours=7.9), "lastSuccess": ago(hours=7.9), "lastVerified": ago(days=1)}
        operator.tell(kubernetes, SPACE, name, backup={**last, "nextRun": ago(hours=-16)})
    operator.run(kubernetes, SPACE, "payments", version="7.0")
    operator.tell(kubernetes, SPACE, "payments", **operator.red())
    operator.run(kubernetes, OTHER_SPACE, LONG_NAME)
    operator.tell(kubernetes, OTHER_SPACE, LONG_NAME, **operator.yellow())
    operator.service(kubernetes, OTHER_SPACE, "events")
    operator.tell(kubernetes, SPACE, SERVICE, **operator.yellow(), repairs=_repairs())
    _backups(kubernetes)
    _happened(kubernetes)
    _alert_rules(kubernetes)
    _channels(manager)
    claim(kubernetes, SPACE, "old-orders", deleted=ago(hours=5))
    store = {
        "phase": "NotReady",
        "message": "the store answered 403 AccessDenied: the key may not write",
        "checked": ago(minutes=3),
    }
    say(kubernetes, "BackupStore", OTHER_SPACE, "main", **store)
    for name in PEOPLE:
        manager.post("/accounts", {"name": name, "displayName": name.title(), "groups": []}).raise_for_status()
    manager.put(f"/spaces/{SPACE}/quota", {"cpu": "64", "memory": "256Gi", "services": 20}).raise_for_status()
    manager.post(f"/spaces/{SPACE}/members", {"kind": "User", "name": "moorage:zhang", "role": "edit"}).raise_for_status()
    manager.post("/tokens", {"label": "night reports", "days": 90}).raise_for_status()


def ago(**span: float) -> str:
    """A moment before now, as Kubernetes writes it."""
    return (datetime.now(UTC) - timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _window() -> Object:
    return {"start": ago(days=6), "end": ago(minutes=1), "gaps": [{"start": ago(days=3.2), "end": ago(days=3)}]}


def _repairs() -> list[Object]:
    late = {"kind": "resync", "member": "datanode2", "why": "its volume was lost; datanode0 and datanode1 hold everything"}
    past = {"kind": "recover", "member": "datanode0", "why": "datanode1's engine ended by signal 9"}
    return [
        {**past, "startTime": ago(days=2), "endTime": ago(days=1.99), "outcome": "Succeeded"},
        {**late, "startTime": ago(minutes=2), "outcome": "Running"},
    ]


def _backups(kubernetes: Kubernetes) -> None:
    for days in (1, 2, 3):
        untried: dict[str, Any] = {} if days == 1 else {"verified": None, "verifyMessage": "", "verifiedTime": None}
        times = {"startTime": ago(days=days), "consistentTime": ago(days=days), "endTime": ago(days=days, minutes=-1)}
        operator.backed_up(kubernetes, SPACE, f"orders-night-{days}", **times, **untried)
    denied = "the store answered 403 AccessDenied: the key may not write"
    backup(
        kubernetes,
        SPACE,
        "orders-night-4",
        {"phase": "Failed", "startTime": ago(days=4), "endTime": ago(days=4), "message": denied},
    )
    running = {"phase": "Running", "startTime": ago(seconds=45), "rawBytes": 9_100_000_000, "bytesPerSecond": 205_000_000}
    backup(kubernetes, SPACE, "orders-by-hand", running)
    good = {**operator.GOOD_BACKUP, "startTime": ago(days=2.01), "endTime": ago(days=2), "sizeBytes": 2_010_000_000}
    backup(kubernetes, SPACE, "restore-orders-1-safety", good, trigger="Safety")
    meta = {"name": "restore-orders-1", "namespace": SPACE}
    spec = {"source": {"backup": "orders-night-3"}, "inPlace": SERVICE}
    kubernetes.create({"apiVersion": API_VERSION, "kind": "DataRestore", "metadata": meta, "spec": spec})
    over = {"phase": "Succeeded", "startTime": ago(days=2), "endTime": ago(days=1.99), "undoUntil": ago(days=-1)}
    say(kubernetes, "DataRestore", SPACE, "restore-orders-1", **over, message="the address leads to the restored data")


def _happened(kubernetes: Kubernetes) -> None:
    for number, (kind, reason, message) in enumerate(
        (
            ("Normal", "RebuildProgress", "datanode2 has copied 61 % of 14.2 GiB"),
            ("Warning", "RebuildStarted", "datanode2's volume was lost; it copies everything from datanode1"),
        )
    ):
        at = ago(minutes=1 + number)
        operator.happened(kubernetes, SPACE, f"orders.{number}", SERVICE, at, type=kind, reason=reason, message=message)


def _channels(manager: Browser) -> None:
    robot = {"url": "https://oapi.dingtalk.com/robot/send?access_token=0123456789", "secret": "SEC-0123456789"}
    chat = {"url": "https://hooks.slack.com/services/T000/B000/0123456789", "language": "en", "severities": ["critical"]}
    post = {"url": "smtps://mail.example.com", "sender": "moorage@example.com", "to": ["li@example.com", "wang@example.com"]}
    for name, wish in (
        (CHANNEL, {"kind": "dingtalk", **robot, "language": "zh", "zone": "Asia/Shanghai", "to": ["13800000000"]}),
        ("on-call", {"kind": "slack", **chat, "spaces": [SPACE], "services": [f"{OTHER_SPACE}/{LONG_NAME}"]}),
        ("office", {"kind": "mail", **post, "user": "moorage", "secret": "0123456789", "muted": True}),
    ):
        manager.post("/channels", {"name": name, **wish}).raise_for_status()


def _alert_rules(kubernetes: Kubernetes) -> None:
    """One of each state."""
    lag: Object = {"metric": "moorage_mongodb_replication_lag_seconds", "comparison": ">", "threshold": 30, "forSeconds": 300}
    told = {"text": {"summary": "$subject is $value s behind"}, "textZh": {"summary": "$subject 落后 $value 秒"}}
    operator.alert_rule(kubernetes, SPACE, ALERT, {**lag, **told, "service": SERVICE, "severity": "critical"}, 2, ago(minutes=7))
    operator.alert_rule(kubernetes, SPACE, "busy", {"promql": "sum(rate(moorage_mongodb_operations_total[5m])) > 5000"}, 0)
    operator.alert_rule(kubernetes, SPACE, "unheard", {**lag, "severity": "info"}, None)
    spy, why = (
        {"promql": 'up{namespace="bank"} == 0'},
        "it asks for namespace 'bank', and is given 'shop' alone; leave namespace out",
    )
    operator.alert_rule(kubernetes, SPACE, "others", spy, phase="Refused", message=why)
    operator.alert_rule(kubernetes, SPACE, "nightly", {**lag, "paused": True}, phase="Paused")
    operator.alert_rule(
        kubernetes, OTHER_SPACE, LONG_NAME, {**lag, "channels": ["dba", "on-call"]}, phase="Pending", is_current=False
    )
