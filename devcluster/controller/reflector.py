"""What the API server holds of one kind, kept up to date by list and watch in a thread of its own.

It lists anew after each watch, and watches are short: what one never told, for whatever reason, is known half a minute later."""

import sys
import threading
from collections.abc import Callable

from devcluster.kube import Client, Json

RETRY_SECONDS = 0.5


class Reflector:
    """A copy of all objects at a path; `changed` is called after each change."""

    def __init__(self, path: str, changed: Callable[[], None]) -> None:
        self._path = path
        self._changed = changed
        self._lock = threading.Lock()
        self._objects: dict[str, Json] = {}
        self.synced = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name=self._path, daemon=True).start()

    def objects(self) -> list[Json]:
        with self._lock:
            return list(self._objects.values())

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self._follow(Client(), self._list(Client()))
            except (OSError, ValueError) as error:  # after any error: list again, which also tells what vanished meanwhile
                print(f"{self._path}: {error}", file=sys.stderr, flush=True)
                pause.wait(RETRY_SECONDS)

    def _list(self, client: Client) -> str:
        answer = client.get(self._path)
        with self._lock:
            self._objects = {item["metadata"]["uid"]: item for item in answer.get("items", [])}
        self.synced.set()
        self._changed()
        return str(answer["metadata"]["resourceVersion"])

    def _follow(self, client: Client, version: str) -> None:
        """Watch until the server ends it."""
        for event in client.watch(self._path, version):
            if event["type"] == "ERROR":
                raise OSError(str(event["object"].get("message")))
            self._take(event["type"], event["object"])

    def _take(self, kind: str, item: Json) -> None:
        if kind == "BOOKMARK":
            return
        with self._lock:
            if kind == "DELETED":
                self._objects.pop(item["metadata"]["uid"], None)
            else:
                self._objects[item["metadata"]["uid"]] = item
        self._changed()
