"""Small services in a namespace of a test's own: deployed, looked at, and what they say about themselves."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.e2e.cluster import fresh_namespace, get, kubectl, until

SAID_WITHIN_SECONDS = 30.0
GREEN_WITHIN_SECONDS = 300.0
"""A claim waited minutes, twice, after the cluster had been stopped; how fast Moorage is, is measured elsewhere."""
LOOK_SECONDS = 1.0
"""Looking more often takes from the two cores what the members need."""


@dataclass(frozen=True)
class Small:
    """The services of one namespace."""

    namespace: str

    @contextmanager
    def made(self) -> Iterator[None]:
        with fresh_namespace(self.namespace):
            yield

    def apply(self, name: str, **spec: Any) -> None:
        """With everything that is not said taken back to its default."""
        small = {"engine": "mongodb", "members": 1, "onDelete": "Delete", "resources": {"cpu": "250m", "memory": "512Mi"}}
        whole = {**small, "storage": {"size": "1Gi"}, **spec}
        meta = {"name": name, "namespace": self.namespace}
        manifest = {"apiVersion": "moorage.dev/v1", "kind": "DataService", "metadata": meta, "spec": whole}
        kubectl("apply", "-f", "-", stdin=json.dumps(manifest))

    @contextmanager
    def deployed(self, name: str, **spec: Any) -> Iterator[str]:
        self.apply(name, **spec)
        try:
            yield name
        finally:
            kubectl("delete", "mds", name, "-n", self.namespace, "--timeout=120s")

    def status(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = get("mds", name, self.namespace).get("status") or {}
        return found

    def condition(self, name: str, kind: str) -> dict[str, Any]:
        return next((c for c in self.status(name).get("conditions") or [] if c["type"] == kind), {})

    def uid(self, name: str, ordinal: int = 0) -> str:
        """Of a member's Pod: another one when it was replaced."""
        return str(get("pod", f"{name}-g1-{ordinal}", self.namespace)["metadata"]["uid"])

    def said(self, name: str, words: str, seconds: float = SAID_WITHIN_SECONDS) -> str:
        """The service's sentence, once it holds these words; how long that took is part of the promise."""

        def sentence() -> str | None:
            message = str(self.status(name).get("healthMsg") or "")
            return message if words in message else None

        started = time.monotonic()
        try:
            message = until(f"{name} says '{words}'", sentence, seconds=seconds, every_seconds=LOOK_SECONDS)
        except AssertionError as error:
            raise AssertionError(f"{error}; it says: {self.status(name).get('healthMsg')}") from None
        print(f"said after {time.monotonic() - started:.1f} s: {message}")
        assert "{" not in message, "people read this"
        return message

    def green(self, name: str, members: int = 1) -> None:
        def is_green() -> bool:
            item = get("mds", name, self.namespace)
            now = item.get("status") or {}
            current = now.get("observedGeneration") == item["metadata"]["generation"]
            return bool(current and now.get("healthCluster") == "green" and now.get("membersReady") == f"{members}/{members}")

        try:
            until(f"{name} is green", is_green, seconds=GREEN_WITHIN_SECONDS, every_seconds=LOOK_SECONDS)
        except AssertionError as error:
            raise AssertionError(f"{error}; it says: {self.status(name).get('healthMsg')}") from None
        self.clear(name)

    def clear(self, name: str) -> None:
        """Nothing is in the way."""
        until(
            f"nothing is in the way of {name}",
            lambda: self.condition(name, "Stalled").get("status") == "False",
            seconds=SAID_WITHIN_SECONDS,
            every_seconds=LOOK_SECONDS,
        )
        assert "does not allow it" not in self.status(name)["healthMsg"]

    def events(self, name: str, reason: str) -> list[str]:
        """Of this service, not of an earlier one of the same name."""
        uid = get("mds", name, self.namespace)["metadata"]["uid"]
        where = f"involvedObject.kind=DataService,involvedObject.uid={uid},reason={reason}"
        found = json.loads(kubectl("get", "events", "-n", self.namespace, f"--field-selector={where}", "-o", "json"))
        return [event["message"] for event in found["items"]]
