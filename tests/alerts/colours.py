"""When a service turned red and when it was well again, to a quarter of a second: what "within 30 s of red" is counted from."""

import threading
import time
from types import TracebackType

from devcluster.kube import Client
from tests.e2e.cluster import until

LOOK_SECONDS = 0.25


class Colours:
    """Looks at one service in the background until the block ends. Moments are monotonic seconds."""

    def __init__(self, namespace: str, service: str) -> None:
        self.turned: list[tuple[float, str]] = []
        """Each colour that was seen, and since when."""
        self._path = f"/apis/moorage.dev/v1/namespaces/{namespace}/dataservices/{service}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Colours":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join(30)

    def until(self, colour: str, since: float, seconds: float = 60.0) -> float:
        """Since when it has this colour, if it turned after that moment."""

        def moment() -> float | None:
            return next((at for at, seen in self.turned if seen == colour and at >= since), None)

        return until(f"{self._path} is {colour}", moment, seconds=seconds)

    def _look(self) -> None:
        client = Client()
        while not self._stop.wait(LOOK_SECONDS):
            try:
                seen = str((client.get(self._path).get("status") or {}).get("healthCluster"))
            except OSError:
                continue  # the API server may be what is away
            if not self.turned or self.turned[-1][1] != seen:
                self.turned.append((time.monotonic(), seen))
