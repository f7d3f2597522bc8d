"""What happened, in order: what a failure prints."""

from collections import deque
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog

LAST = 120


class Trace:
    """The last events. It stands still once a promise was broken, so that its end is the cause."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._lines: deque[tuple[float, str, str]] = deque(maxlen=LAST)
        self.broken: list[str] = []

    def add(self, who: str, what: str) -> None:
        if not self.broken:
            self._lines.append((self._seconds(), who, what))

    def breaks(self, promise: str) -> None:
        """A promise does not hold."""
        self.add("PROMISE BROKEN", promise)
        self.broken.append(promise)

    def __str__(self) -> str:
        return "\n".join(f"{at:8.3f}  {who:<16} {what}" for at, who, what in self._lines)

    def log(self, _logger: object, _method: str, event: MutableMapping[str, Any]) -> Any:
        """The log lines, as a structlog processor. A pass that fails by anything but the API is a broken promise."""
        words = ", ".join(f"{k}={v}" for k, v in event.items() if k not in ("event", "exc_info"))
        self.add("log", f"{event['event']} {words}")
        if event["event"] in ("pass_failed", "loop_ended"):
            self.breaks(f"{event['event']}: {event.get('exc_info')!r}")
        raise structlog.DropEvent
