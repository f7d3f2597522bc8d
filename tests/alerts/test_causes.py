"""The other alerts, each caused for real: it is told when it has held for as long as it says, and so is its end.

What only time itself brings about is not here but in `tests/monitoring`, by promtool: a log that is half an hour behind or has a
gap, a volume that fills within hours at the rate of the last one, an oplog that turns over, a rehearsal that is two periods old,
a query that fails for half an hour.
"""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from moorage.core.alerts import Alert, Severity
from moorage.monitoring.alerts import alerts
from moorage.monitoring.telling.channel import Kind
from tests.alerts import causes, figures
from tests.alerts.causes import (
    BRIM,
    CAUSED,
    CONNS,
    LATE,
    NARROW,
    OLD,
    SQUEEZED,
    START_WITHIN_MINUTES,
    STILL,
    STUCK,
    TURNS,
    UNSAVED,
    Standing,
)
from tests.alerts.figures import Figure
from tests.alerts.people import People, Told
from tests.e2e.cluster import fresh_namespace, scale_operator, until

ALERTS = {alert.name: alert for alert in alerts()}
ROOM_SECONDS = 60.0
"""For a machine that does much besides, and for what is seen by looking again and again: a store, a schedule."""
JOINS_SECONDS = 300
"""A warning that comes to a message that people have already is told with it, so long after the last one."""
OK_SECONDS_MAX = 480.0
"""A warning's end is told five minutes after the last message about its service, and some end only with a look that is rare."""


@dataclass(frozen=True)
class Cause:
    """`about`: whom the message names. `comes_seconds`: how long the cause takes to become what the alert is about."""

    alert: str
    about: str
    does: str
    """For people."""
    start: Callable[[Standing], None] = causes.began
    comes_seconds: float = 15.0
    joins: bool = False
    """People were told of another alert of the same service."""

    @property
    def of(self) -> Alert:
        return ALERTS[self.alert]

    @property
    def due_seconds(self) -> float:
        """Scraped within 10 s, judged and sent as its severity says, after it held."""
        judged, wait = (5, 5) if self.of.severity is Severity.CRITICAL else (30, 30)
        return self.comes_seconds + 10 + self.of.for_seconds + judged + (JOINS_SECONDS if self.joins else wait)

    @property
    def summary(self) -> str:
        return self.of.summary.replace("$subject", self.about)


UNSAVED_SECONDS = 60 * START_WITHIN_MINUTES
CAUSES = (
    Cause("MooragePrimaryChangesOften", f"caused/{TURNS}", "`kill -9` of four primaries, one after the other", causes.elect, 300),
    Cause("MoorageEngineNotMeasured", f"caused/{STILL} ({STILL}-g1-1)", "a secondary's engine stands still", causes.stand_still),
    Cause("MoorageServiceYellow", f"caused/{STILL}", "a secondary's engine stands still", joins=True),
    Cause("MoorageMongodbLag", f"caused/{LATE} ({LATE}-g1-1)", "a secondary may not write (`fsyncLock`)", causes.lag, 45),
    Cause("MoorageMysqlConnections", f"caused/{CONNS} ({CONNS}-g1-0)", "an application keeps all connections", causes.connect),
    Cause("MoorageRestoreFailed", f"caused/{OLD}", "a restore from a damaged archive", causes.restore),
    Cause("MoorageCertificateEnds", f"caused/{OLD}", "the authority is of no use, the certificate ends in 2 days", causes.age),
    Cause("MoorageServiceUnknown", f"caused/{OLD}", "the authority is of no use", joins=True),
    Cause("MoorageOutOfMemory", f"caused/{SQUEEZED} ({SQUEEZED}-g1-0)", "no memory is left", causes.run_out_of_memory),
    Cause("MoorageWritesStopped", f"caused/{BRIM}", "an application writes until its volume is full", causes.fill),
    Cause("MoorageNeedsSomebody", f"{NARROW}/{STUCK}", "a quota allows no Pod", comes_seconds=60),
    Cause("MoorageDeploymentSlow", f"{NARROW}/{STUCK}", "a quota allows no Pod", comes_seconds=900, joins=True),
    Cause("MoorageStoreNotReady", "caused/gone", "nobody answers at the store's address", comes_seconds=30),
    Cause("MoorageBackupFailed", f"caused/{UNSAVED}", "no store for a backup each minute", comes_seconds=75 + UNSAVED_SECONDS),
    Cause("MoorageBackupMissed", f"caused/{UNSAVED}", "no store for a backup each minute", comes_seconds=200 + UNSAVED_SECONDS),
)
"""In the order in which they are begun."""
BESIDES = {
    "MoorageNeedsSomebody": f"caused/{OLD}",  # the authority
}
"""What the same causes are told of besides, and rightly."""
MEMBERS = {LATE: 3, STILL: 3, TURNS: 3, BRIM: 1, UNSAVED: 1, OLD: 1, SQUEEZED: 1, CONNS: 1}
ENDS = (
    f"caused/{BRIM}",
    f"caused/{STILL}",
    f"caused/{LATE}",
    f"caused/{CONNS}",
    f"caused/{UNSAVED}",
    f"{NARROW}/{STUCK}",
    "caused/gone",
)


@dataclass
class Begun:
    """`moments`: monotonic seconds at which each cause stood; `failed`: why it could not be caused."""

    standing: Standing
    moments: dict[str, float] = field(default_factory=dict)
    failed: dict[str, Exception] = field(default_factory=dict)

    def begin(self, cause: Cause) -> None:
        try:
            cause.start(self.standing)
        except Exception as error:
            self.failed[cause.alert] = error
        self.moments[cause.alert] = time.monotonic()


@pytest.fixture(scope="module")
def begun(people: People) -> Iterator[Begun]:
    """Everything at once: services first, then what breaks them."""
    del people
    found = Begun(Standing())
    with CAUSED.made(), fresh_namespace(NARROW):
        try:
            causes.no_store()
            causes.deploy()
            found.moments |= {cause.alert: time.monotonic() for cause in CAUSES if cause.start is causes.began}
            for name, members in MEMBERS.items():
                CAUSED.green(name, members)
            found.moments |= dict.fromkeys(("MoorageBackupFailed", "MoorageBackupMissed"), time.monotonic())
            for cause in CAUSES:
                if cause.start is not causes.began:
                    found.begin(cause)
            found.moments["MoorageServiceYellow"] = found.moments["MoorageEngineNotMeasured"]
            found.moments["MoorageServiceUnknown"] = found.moments["MoorageCertificateEnds"]
            yield found
        finally:
            found.standing.end()
            for name in MEMBERS:
                causes.remove(name, CAUSED.namespace)
            causes.remove(STUCK, NARROW)


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.alert)
def test_it_is_told_once_it_has_held_for_as_long_as_it_says(
    cause: Cause, begun: Begun, people: People, measured: list[Figure]
) -> None:
    if cause.alert in begun.failed:
        raise begun.failed[cause.alert]
    began = begun.moments[cause.alert]

    def there() -> float | None:
        return next((told.moment for told in people.told(Kind.WEBHOOK) if cause.summary in told.text), None)

    left = began + cause.due_seconds + ROOM_SECONDS - time.monotonic()
    told = until(f"people are told '{cause.summary}'", there, seconds=max(left, 5.0), every_seconds=0.5) - began
    print(f"{cause.alert}: told after {told:.0f} s, due after {cause.due_seconds:.0f} s")
    assert told <= cause.due_seconds + ROOM_SECONDS
    day, held = f"{datetime.now(UTC):%Y-%m-%d}", cause.of.for_seconds
    measured.append(Figure(cause.alert, cause.about, cause.does, held, round(told), day, joined=cause.joins))


def test_nobody_is_told_of_anything_else(begun: Begun, people: People) -> None:
    del begun
    wanted = {cause.summary for cause in CAUSES}
    wanted |= {ALERTS[name].summary.replace("$subject", about) for name, about in BESIDES.items()}
    said = {summary for told in people.told(Kind.WEBHOOK) for summary in said_in(told)}
    assert {summary for summary in said if re.search(rf"\b(caused|{NARROW})/", summary)} - wanted == set()


def said_in(told: Told) -> Iterator[str]:
    """The summaries of a message of alerts that fire: its title and, when it is about several, a line for each."""
    if told.title.startswith("[Alerting]"):
        yield told.title.split(" ", 2)[2]
        yield from re.findall(r"^: (.*)$", told.text, re.MULTILINE)


def test_that_nobody_acts_is_told_and_meanwhile_of_nothing_that_it_is_over(
    begun: Begun, people: People, measured: list[Figure]
) -> None:
    del begun
    scale_operator(0)
    began = time.monotonic()
    try:
        silent = ALERTS["MoorageOperatorSilent"]
        told = first(people, f"[Alerting] 🔴 {silent.summary}", began, 10 + silent.for_seconds + 5 + 5 + ROOM_SECONDS) - began
    finally:
        scale_operator(2)
    back = time.monotonic()
    over = first(people, "[OK] 🟢 Moorage itself recovered", back, 120) - back
    print(f"MoorageOperatorSilent: told after {told:.0f} s; [OK] after {over:.0f} s")
    wrong = [m.title for m in people.told(Kind.WEBHOOK) if m.moment > began and any(f"[OK] 🟢 {who} " in m.title for who in ENDS)]
    assert wrong == []
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    measured.append(
        Figure(silent.name, "Moorage", "no operator runs", silent.for_seconds, round(told), day, over_seconds=round(over))
    )


def test_what_is_put_right_is_told_of_as_over(begun: Begun, people: People, measured: list[Figure]) -> None:
    healed = time.monotonic()
    begun.standing.end()
    causes.put_right()
    for about in ENDS:
        left = healed + OK_SECONDS_MAX + ROOM_SECONDS - time.monotonic()
        over = first(people, f"[OK] 🟢 {about} recovered", healed, max(left, 5.0)) - healed
        print(f"{about}: [OK] {over:.0f} s after it was put right")
        measured[:] = figures.ended(measured, about, round(over))


def first(people: People, words: str, since: float, seconds: float) -> float:
    """When the first message came whose title begins so, after that moment."""

    def there() -> float | None:
        return next((m.moment for m in people.told(Kind.WEBHOOK) if m.title.startswith(words) and m.moment > since), None)

    return until(f"people are told '{words}'", there, seconds=seconds, every_seconds=0.5)
