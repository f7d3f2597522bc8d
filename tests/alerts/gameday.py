"""`python -m tests.alerts.gameday`: ten faults, one after the other, and every message that people got of them.

It is red when a fault caused another message than those that a tired person wants, one too many or one too few
(`faults.py` says which, and why). With `--write` the table goes into docs/gameday.md.
"""

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from moorage.monitoring.telling.channel import Kind
from tests.alerts import centre
from tests.alerts.faults import DAY, FAULTS, LASTING, MEMBERS, NAME, OF_THE_DAY, SPEC, STORES, Fault, Scene
from tests.alerts.people import People, Told, listening
from tests.e2e.backups import Backed
from tests.e2e.cluster import kubectl, moorage, until

DOCUMENT = Path("docs/gameday.md")
CALM_SECONDS_MAX, APART_SECONDS = 420.0, 30.0
LATE_SECONDS = 330.0
"""What comes later to a message of a warning is told five minutes after it; then nothing is on its way any more."""
_SINCE = re.compile(r"Since: (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d)")
_TOOK = re.compile(r"after [\ddhms]+$")


@dataclass
class Ran:
    """One fault, and what came of it. `began`: wall clock; `moment`: the same, monotonic."""

    fault: Fault
    began: datetime
    moment: float
    told: list[Told] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        """Without how long it took."""
        return [_TOOK.sub("after ", told.title) for told in self.told]

    @property
    def surplus(self) -> list[str]:
        return sorted((Counter(self.titles) - Counter(self.fault.expected)).elements())

    @property
    def missing(self) -> list[str]:
        return sorted((Counter(self.fault.expected) - Counter(self.titles)).elements())

    @property
    def is_as_wanted(self) -> bool:
        return not self.surplus and not self.missing


def since(told: Told) -> datetime:
    """When the first of what a message is about began; without such words, when it came."""
    found = [datetime.fromisoformat(text) for text in _SINCE.findall(told.text)]
    return min(found, default=datetime.now(UTC))


def shared(ran: Sequence[Ran], told: Sequence[Told]) -> list[Told]:
    """Gives each message to the fault during which that began; returns those from before the first."""
    early = list[Told]()
    for one in told:
        owner = next((each for each in reversed(ran) if each.began <= since(one)), None)
        (owner.told if owner is not None else early).append(one)
    return early


def of_the_day(told: Sequence[Told], began: datetime) -> list[Told]:
    """Without what began before: Alertmanager tells of the end of a warning up to five minutes later."""
    return [one for one in told if since(one) >= began]


def strangers() -> list[str]:
    """What the faults would hit besides, so that people would rightly be told of it: other stores, and services of one member."""
    items = json.loads(kubectl("get", "mds,backupstores", "-A", "-o", "json"))["items"]
    named = {f"{item['metadata']['namespace']}/{item['metadata']['name']}": item for item in items}
    hit = (name for name, item in named.items() if item["kind"] == "BackupStore" or item["spec"].get("members") == 1)
    return sorted(name for name in hit if name not in STORES)


def calm() -> bool:
    """Prometheus has nothing pending, either, but for what lasts."""
    return not [alert for alert, _ in centre.alerts() if alert != LASTING] and DAY.status(NAME).get("healthCluster") == "green"


def run(people: People, faults: Sequence[Fault], seed: int, late_seconds: float = LATE_SECONDS) -> list[Ran]:
    dice, ran = random.Random(seed), list[Ran]()  # noqa: S311 - which member is hit is drawn, and can be drawn again
    for fault in faults:
        until("nothing fires and the service is well", calm, seconds=CALM_SECONDS_MAX, every_seconds=1.0)
        each = Ran(fault, datetime.now(UTC).replace(microsecond=0), time.monotonic())
        ran.append(each)
        scene = Scene(lambda title, each=each: any(  # type: ignore[misc] # the default binds it
            told.title == title and told.moment >= each.moment for told in people.told(Kind.WEBHOOK)), dice)  # fmt: skip
        print(f"{datetime.now(UTC):%H:%M:%S} {fault.name}: {fault.does}", flush=True)
        fault.start(scene)
        try:
            time.sleep(fault.lasts_seconds)  # how long it stands is a part of the fault
        finally:
            fault.heal(scene)
        DAY.green(NAME, MEMBERS)
        time.sleep(APART_SECONDS)  # as far apart as elections are counted
    until("nothing fires any more", calm, seconds=CALM_SECONDS_MAX, every_seconds=1.0)
    time.sleep(late_seconds)  # in which what is on its way would come: the length of the observation
    return ran


def judged(ran: Sequence[Ran], early: Sequence[Told]) -> list[str]:
    """What is wrong; empty when people got what they want."""
    wrong = [f"before the first fault: {told.title}" for told in early]
    once = list(OF_THE_DAY)
    for each in ran:
        surplus = each.surplus
        for title in [title for title in once if title in surplus]:
            surplus.remove(title)
            once.remove(title)
        wrong += [f"{each.fault.name}: nobody wants '{title}'" for title in surplus]
        wrong += [f"{each.fault.name}: nobody was told '{title}'" for title in each.missing]
    return wrong


def table(ran: Sequence[Ran]) -> str:
    rows = ["| fault | what is done | what people are told | why that, and nothing else |", "|---|---|---|---|"]
    for each in ran:
        told = "<br>".join(f"`{told.title}`, {told.moment - each.moment:.0f} s after the fault" for told in each.told)
        rows.append(f"| {each.fault.name} | {each.fault.does} | {told or '–'} | {each.fault.because} |")
    return "\n".join(rows)


def document(ran: Sequence[Ran], seed: int) -> str:
    return f"""# A game day

Written by `make gameday`; do not edit. Ten faults, one after the other, on a three-member service of the development cluster with
the alerts out of the box, and every message that a channel without any filter got: on {datetime.now(UTC):%Y-%m-%d}, seed {seed}.
The run is red when a fault causes one message more or less than `tests/alerts/faults.py` wants.

{table(ran)}

Between two faults it was waited until nothing fired and the service was green, and after the last one {LATE_SECONDS:.0f} s more.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], help="names of faults")
    parser.add_argument("--late", type=float, default=LATE_SECONDS, help="seconds to wait for what comes late")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT}")
    given = parser.parse_args()
    faults = [fault for fault in FAULTS if not given.only or fault.name in given.only]
    if others := strangers():
        sys.exit(f"the faults would hit {', '.join(others)}, too, and people be told of it: delete them first")
    began = datetime.now(UTC)
    with (
        listening(Kind.WEBHOOK) as people,
        centre.telling(people.secret()),
        Backed(DAY.namespace).made(),
        DAY.deployed(NAME, **SPEC),
    ):
        DAY.green(NAME, MEMBERS)
        moorage("backup", NAME, "--wait", "-n", DAY.namespace, seconds=300)
        ran = run(people, faults, given.seed, given.late)
        early = shared(ran, of_the_day(people.told(Kind.WEBHOOK), began))
    print(table(ran))
    wrong = judged(ran, early)
    if given.write and not given.only and given.late >= LATE_SECONDS:
        DOCUMENT.write_text(document(ran, given.seed))
    sys.exit("\n".join(wrong) if wrong else None)


if __name__ == "__main__":
    main()
