"""A console that has a Prometheus with a past."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moorage.monitoring.dashboards import dashboards
from tests.monitoring import filled
from tests.monitoring.filled import FilledPrometheus, Fleet
from tests.monitoring.series import Labels
from tests.server.console import Browser, Console
from tests.server.kubernetes import Kubernetes

SPACE, OTHER_SPACE = "charts", "charts-of-others"
PAST_SECONDS, FUTURE_SECONDS, EACH_SECONDS = 4_200, 1_800, 20
"""There are series for as long as the tests may run: what ends now has no gap at its end."""
GAP_SECONDS = (2_400, 1_800)
"""Between these times ago nothing was heard of a member."""
FAIL_OVER_SECONDS = 1_200
_ASKED = {"database": "app", "query": '{"aggregate": "orders", "pipeline": []}'}
OWN_METRICS = {
    "queries": [
        {"name": "open_orders", "help": "Orders that nobody sent yet.", "labels": ["state"], **_ASKED},
        {"name": "sent_total", "members": "Secondary", **_ASKED},
    ]
}
"""`spec.metrics` of a service that there are series of."""


class Charted:
    """The console, its Prometheus, and until when there are series."""

    def __init__(self, kubernetes: Kubernetes, folder: Path, pages: Path | None) -> None:
        self.now = time.time() // 60 * 60
        fleet = Fleet(((SPACE, "orders"), (OTHER_SPACE, "orders"), (OTHER_SPACE, "secret")))
        times = [self.now - PAST_SECONDS + n * EACH_SECONDS for n in range((PAST_SECONDS + FUTURE_SECONDS) // EACH_SECONDS + 1)]
        own = [*_of_queries(SPACE, "orders"), *_of_queries(OTHER_SPACE, "secret")]
        filled.fill(folder, [*filled.series(dashboards(), fleet), *own], times, self._value_of)
        self.prometheus = FilledPrometheus(folder)
        web = {"MOORAGE_WEB": str(pages)} if pages else {}
        self.console = Console(kubernetes, folder, {"MOORAGE_PROMETHEUS": self.prometheus.url, **web})

    def _value_of(self, name: str, labels: Labels, at: float) -> float | None:
        ago = self.now - at
        if labels.get("pod") == "orders-g1-2" and GAP_SECONDS[1] < ago < GAP_SECONDS[0]:
            return None
        if name == "moorage_member_term":
            return 7.0 if ago > FAIL_OVER_SECONDS else 8.0
        return filled.usual(name, labels, at)

    def browser_of(self, person: Browser) -> Browser:
        """The same session, at this console."""
        made = self.console.browser()
        made.client.cookies.update(person.client.cookies)
        made.csrf = person.csrf
        return made

    def span(self, seconds: float) -> dict[str, str]:
        """The query of the last so many seconds."""
        return {"from": _iso(self.now - seconds), "to": _iso(self.now)}


def _of_queries(namespace: str, service: str) -> Iterator[tuple[str, Labels]]:
    """As the members tell it: of the first one the primary's, of the other each secondary's."""
    whose = {"namespace": namespace, "service": service}
    for state in ("new", "paid"):
        yield "moorage_custom_open_orders", {**whose, "pod": f"{service}-g1-0", "state": state}
    for ordinal in (1, 2):
        yield "moorage_custom_sent_total", {**whose, "pod": f"{service}-g1-{ordinal}"}


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


@contextmanager
def charted(kubernetes: Kubernetes, folder: Path, pages: Path | None = None) -> Iterator[Charted]:
    made = Charted(kubernetes, folder, pages)
    try:
        made.prometheus.start()
        made.console.start(sys.executable)
        yield made
    finally:
        made.console.stop()
        made.prometheus.stop()
