"""The ten faults of a game day, and of each what people must be told: data, with the reasons."""

import base64
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from devcluster import faults, members, nodes, s3
from devcluster.config import NODES, node
from moorage import certificates
from moorage.core.certificates import LIFE
from moorage.core.names import ANNOTATION_CHECK, authority_secret, certificate_secret
from moorage.monitoring.alerts import alerts
from moorage.monitoring.telling.message import SIGNS, WORDS, Colour, Language
from tests.alerts import centre
from tests.chaos import processes
from tests.e2e.cluster import engine_pid, get, kubectl, moorage, pod_of, until
from tests.e2e.small import Small

DAY, NAME = Small("gameday"), "orders"
SUBJECT = f"{DAY.namespace}/{NAME}"
MEMBERS = 3
SPEC: dict[str, Any] = {
    "members": MEMBERS,
    "storage": {"size": "1Gi", "className": "limited"},
    "resources": {"cpu": "200m", "memory": "512Mi"},
}
_ALERTS = {alert.name: alert for alert in alerts()}
_WORDS = WORDS[Language.EN]
_COLOURS = {"critical": Colour.RED, "warning": Colour.YELLOW}


def alerting(name: str, subject: str) -> str:
    """Title of the message that says so."""
    alert = _ALERTS[name]
    return f"{_WORDS.alerting} {SIGNS[_COLOURS[alert.severity]]} {alert.summary.replace('$subject', subject)}"


def recovered(subject: str) -> str:
    """Title of the message of its end; how long it took stands behind it."""
    return f"{_WORDS.ok} {SIGNS[Colour.GREEN]} {_WORDS.recovered.format(subject=subject, took='')}"


@dataclass
class Scene:
    """One fault as it happens. `notes`: what `start` leaves for `heal`; `told`: whether a title came since it began."""

    told: Callable[[str], bool]
    random: random.Random
    notes: dict[str, Any] = field(default_factory=dict)

    def primary(self) -> str:
        return pod_of(NAME, str(DAY.status(NAME)["primary"]))

    def secondary(self) -> str:
        """The Pod of one."""
        pods = [f"{NAME}-g1-{ordinal}" for ordinal in range(MEMBERS)]
        return self.random.choice([pod for pod in pods if pod != self.primary()])


def nothing(scene: Scene) -> None:
    """It heals by itself."""


@dataclass(frozen=True)
class Fault:
    """`expected`: the titles of all messages that it causes, in any order. `because`: why these, and no other."""

    name: str
    does: str
    start: Callable[[Scene], None]
    expected: tuple[str, ...]
    because: str
    lasts_seconds: float = 0.0
    heal: Callable[[Scene], None] = nothing


def _kill_primary(scene: Scene) -> None:
    processes.kill(engine_pid(scene.primary(), DAY.namespace))


def _kill_secondary(scene: Scene) -> None:
    processes.kill(engine_pid(scene.secondary(), DAY.namespace))


def _kill_agent(scene: Scene) -> None:
    processes.kill(processes.parent(engine_pid(scene.primary(), DAY.namespace)))


def _node_of(pod: str, namespace: str) -> str:
    return str(get("pod", pod, namespace)["spec"]["nodeName"])


def _cut_power(scene: Scene) -> None:
    """Of the node of a secondary; not of the one that Prometheus and Alertmanager are on."""
    spared = {_node_of("moorage-monitoring-0", centre.NAMESPACE), _node_of(scene.primary(), DAY.namespace)}
    scene.notes["node"] = scene.random.choice([each.name for each in NODES if each.name not in spared])
    faults.stop_node(scene.notes["node"])


def _give_power(scene: Scene) -> None:
    nodes.start([node(scene.notes["node"])])
    nodes.wait_ready([node(scene.notes["node"])])


def _freeze(scene: Scene) -> None:
    scene.notes["pids"] = [engine_pid(scene.primary(), DAY.namespace)]
    processes.freeze(scene.notes["pids"][0])


def _thaw(scene: Scene) -> None:
    for pid in scene.notes["pids"]:
        processes.thaw(pid)


FULL_POD = f"{NAME}-g1-2"


def _fill(scene: Scene) -> None:
    assert scene.primary() != FULL_POD, "the first member founds a service, and this is the first fault"
    members.fill(f"{DAY.namespace}/data-{FULL_POD}")


def _make_room(scene: Scene) -> None:
    """As the runbook says."""
    until("people are told of the volume", lambda: scene.told(_FULL), seconds=120)
    DAY.apply(NAME, **{**SPEC, "storage": {"size": "3Gi", "className": "limited"}})


_FULL = alerting("MoorageDiskFull", f"{SUBJECT} ({FULL_POD})")


STORES = (f"{DAY.namespace}/s3", "default/s3")
"""All that lead to the server: the cluster's own service `demo` has one, too."""


def _stop_store(scene: Scene) -> None:
    """And has each store looked at, as a person does in the console: by itself that happens every ten minutes."""
    del scene
    faults.stop_process(s3.NAME)
    for store in STORES:
        namespace, _, name = store.partition("/")
        asked = f"{ANNOTATION_CHECK}={datetime.now(UTC).isoformat(timespec='seconds')}"
        kubectl("annotate", "backupstore", name, "-n", namespace, "--overwrite", asked)


def _start_store(scene: Scene) -> None:
    try:
        for title in _NO_STORE:
            until(f"people are told '{title}'", lambda title=title: scene.told(title), seconds=780)  # type: ignore[misc]
    finally:
        faults.start_process(s3.NAME)


_NO_STORE = tuple(alerting("MoorageStoreNotReady", store) for store in STORES)


def _kill_operators(scene: Scene) -> None:
    del scene
    for pid in processes.operators():
        processes.kill(pid)


DAYS_LEFT = 2


def _age_certificate(scene: Scene) -> None:
    """In its place one of the same authority, drawn so long ago that it ends in two days."""
    del scene
    authority, now = _texts(authority_secret(NAME)), _texts(certificate_secret(NAME))
    read = certificates.read(now, authority)
    assert read is not None
    drawn = datetime.now(UTC) - LIFE + timedelta(days=DAYS_LEFT)
    old = certificates.draw_certificate(authority, NAME, DAY.namespace, read.hosts, drawn)
    kubectl("patch", "secret", certificate_secret(NAME), "-n", DAY.namespace, "-p", json.dumps({"stringData": old}))


def _texts(secret: str) -> dict[str, str]:
    return {name: base64.b64decode(text).decode() for name, text in get("secret", secret, DAY.namespace)["data"].items()}


def _freeze_all_in_maintenance(scene: Scene) -> None:
    moorage("maintenance", "on", NAME, "-n", DAY.namespace, "--for", "10m", "--reason", "the game day")
    muting = ("MoorageMaintenance", SUBJECT)
    until("Prometheus knows of the maintenance", lambda: muting in centre.alerts('alertname="MoorageMaintenance"'), seconds=90)
    scene.notes["pids"] = [engine_pid(f"{NAME}-g1-{ordinal}", DAY.namespace) for ordinal in range(MEMBERS)]
    for pid in scene.notes["pids"]:
        processes.freeze(pid)


def _thaw_and_end_maintenance(scene: Scene) -> None:
    red = ("MoorageServiceRed", SUBJECT)
    until("it was red for long enough to be told", lambda: centre.alerts().get(red) == "firing", seconds=90)
    time.sleep(MUTED_SECONDS)  # in which somebody would be told
    _thaw(scene)
    DAY.green(NAME, MEMBERS)
    until("nothing fires any more", lambda: red not in centre.alerts(), seconds=90)
    moorage("maintenance", "off", NAME, "-n", DAY.namespace)


MUTED_SECONDS = 40.0
_SECOND = "fail-over takes about a second and is shown as an event: nobody has to act"

FAULTS = (
    Fault(
        "full volume", "no room is left in a secondary's volume, until people know", _fill,
        (_FULL, recovered(SUBJECT)),
        "a person must make room; that the member is away is not said besides", heal=_make_room,
    ),
    Fault("primary crash", "`kill -9` of the primary's engine", _kill_primary, (), _SECOND),
    Fault("secondary crash", "`kill -9` of a secondary's engine", _kill_secondary, (), "the service serves meanwhile"),
    Fault("agent crash", "`kill -9` of the primary's agent, with which its engine ends", _kill_agent, (), _SECOND),
    Fault(
        "node loss", "the node of a secondary loses its power for 40 s", _cut_power, (),
        "the others serve; a member that is away is told of after 15 minutes", 40.0, _give_power,
    ),
    Fault("freeze", "the primary's engine stands still for 20 s", _freeze, (), f"the others elect; {_SECOND}", 20.0, _thaw),
    Fault("operator killed", "`kill -9` of both operators", _kill_operators, (), "the next one leads within seconds"),
    Fault(
        "certificate near its end", f"the members have a certificate that ends in {DAYS_LEFT} days", _age_certificate,
        (), "Moorage draws another one in the same pass",
    ),
    Fault(
        "maintenance + crash", "maintenance is on, and all engines stand still: the service is red", _freeze_all_in_maintenance,
        (), "whoever asked for maintenance knows", heal=_thaw_and_end_maintenance,
    ),
    Fault(
        "store stopped", "the S3 server is stopped until people know", _stop_store,
        (*_NO_STORE, *map(recovered, STORES)),
        "after ten minutes, since logs wait in the engine meanwhile; one message for each store that leads to that server (the "
        "cluster's own service `demo` has one, too), none for the services that use them", heal=_start_store,
    ),
)  # fmt: skip
"""In this order: the first one needs to know the primary; the last one takes the longest, and meanwhile comes what is late."""
OF_THE_DAY = (alerting("MooragePrimaryChangesOften", SUBJECT),)
"""At most once, with whichever fault brings the fourth election of the hour: nobody was told of any of them, so that they repeat
is news. It lasts for an hour, so its end is not waited for."""
LASTING = "MooragePrimaryChangesOften"
