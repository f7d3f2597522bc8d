"""What one replica of the relay counted, as a document that its metrics are read from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from moorage.core.exposition import block, page
from moorage.core.metrics import read
from moorage.monitoring.relay_metrics import METRICS
from moorage.monitoring.telling.channel import Channel, Kind
from moorage.server.telling.records import State

_COUNTED = {
    State.DELIVERED: "delivered",
    State.REFUSED: "refused",
    State.WAITING: "retried",
    State.GIVEN_UP: "given_up",
}


class Tally:
    """From 0 on for each kind, so that the first failure is an increase."""

    def __init__(self) -> None:
        self._counted: Counter[tuple[Kind, str]] = Counter()
        self._waiting: dict[Kind, list[datetime]] = {}

    def answered(self, kind: Kind, state: State) -> None:
        """What became of one message when it was sent."""
        self._counted[kind, _COUNTED[state]] += 1

    def waits(self, since: Mapping[str, Sequence[datetime]], kinds: Mapping[str, Kind]) -> None:
        """Channel → since when its messages wait. Those of a channel that is no more are nobody's."""
        self._waiting = {}
        for name, moments in since.items():
            if name in kinds:
                self._waiting.setdefault(kinds[name], []).extend(moments)

    def page(self, channels: Mapping[str, Channel], unusable: int) -> str:
        """As Prometheus reads it."""
        document = {"kinds": {str(kind): self._of(kind, channels) for kind in Kind}, "unusable": unusable}
        return page(METRICS, [block(read(METRICS, document), {})])

    def _of(self, kind: Kind, channels: Mapping[str, Channel]) -> dict[str, Any]:
        waiting = self._waiting.get(kind, [])
        return {
            **{name: self._counted[kind, name] for name in _COUNTED.values()},
            "channels": sum(channel.kind is kind for channel in channels.values()),
            "waiting": len(waiting),
            "waiting_since": min(waiting, default=None),
        }
