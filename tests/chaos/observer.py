"""What people could see of the service at each moment of a run, and what each member's engine let somebody write to it.

Everything is written down with the history's own clock; what it means is judged afterwards (`verdicts.py`).
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from devcluster.kube import Client, Json
from moorage.core import names
from tests.chaos import bench, kit
from tests.chaos.addresses import Addresses
from tests.chaos.checkers import Acknowledged
from tests.chaos.mysqlasker import MySqlAsker

LOOK_SECONDS, ASK_SECONDS = 0.4, 0.25
SOON_MS = 1_000
JOIN_SECONDS, UNSEEN_SECONDS_MAX = 20.0, 20.0
"""A look may take three times three seconds while the API server comes back."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that changed. `kind`: status, event, report and order (of a Pod's agent), or pod (its uid, and if it stays)."""

    time_ns: int
    kind: str
    about: str
    value: Any


@dataclass(frozen=True, slots=True)
class Said:
    """What a member's engine said that it is; empty when it did not answer."""

    time_ns: int
    member: str
    role: str


class Observer:
    """Looks from entering to leaving."""

    def __init__(self, addresses: Addresses, folder: Path) -> None:
        self._addresses, self._folder = addresses, folder
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.seen: list[Seen] = []
        self.taken: list[Acknowledged] = []
        """By a member's own engine, asked directly."""
        self.said: list[Said] = []
        self._last: dict[tuple[str, str], Any] = {}
        self._roles: dict[str, str] = {}
        self.blind: list[str] = []
        """Why a member was not seen: a judge must not take it for something that did not happen."""
        self.unseen: list[str] = []
        """The same of the service itself."""
        self._last_look_ns = time.monotonic_ns()
        self._why_not = ""
        asked = [self._watched(self.blind, f"who asks {pair[0]}", self._ask, *pair) for pair in addresses.admin_uris.items()]
        self._threads = [self._watched(self.unseen, "who looks at the service", self._look), *asked]

    def __enter__(self) -> "Observer":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self.write()

    def stop(self) -> None:
        """Looks, and writes, no more."""
        if self._stop.is_set():
            return
        self._stop.set()
        for thread in self._threads:
            thread.join(JOIN_SECONDS)
            if thread.is_alive():
                self.blind.append(f"{thread.name} hangs")
        self.blind += [
            f"{m} never answered" for m in self._addresses.admin_uris if not any(s.member == m and s.role for s in self.said)
        ]
        unseen_seconds = (time.monotonic_ns() - self._last_look_ns) / 1e9
        if unseen_seconds > UNSEEN_SECONDS_MAX:
            self.unseen.append(f"the service could not be looked at for the last {unseen_seconds:.0f} s: {self._why_not}")

    def _watched(self, broken: list[str], name: str, do: Callable[..., None], *arguments: str) -> threading.Thread:
        def run() -> None:
            try:
                do(*arguments)
            except Exception as error:
                broken.append(f"{name} saw no more: {type(error).__name__}: {error}")

        return threading.Thread(target=run, name=name, daemon=True)

    def write(self) -> None:
        found: list[Seen | Acknowledged | Said] = [*self.seen, *self.taken, *self.said]
        lines = sorted((asdict(one) for one in found), key=_when)
        (self._folder / "observed.jsonl").write_text("".join(json.dumps(line, default=str) + "\n" for line in lines))

    def role_of(self, member: str) -> str:
        """What its engine says now."""
        return self._roles.get(member, "")

    def is_whole(self) -> bool:
        """Every member's own engine says that it serves, and one of them is primary."""
        found = sorted(self._roles.get(m, "") for m in self._addresses.admin_uris)
        return found == ["primary", *["secondary"] * (len(found) - 1)]

    def _look(self) -> None:
        while not self._stop.is_set():
            try:
                self._look_at_service()
                self._last_look_ns = time.monotonic_ns()
            except (OSError, HTTPException, ValueError) as error:  # an API server that is away is part of some faults
                self._why_not = f"{type(error).__name__}: {error}"
            self._stop.wait(LOOK_SECONDS)

    def _look_at_service(self) -> None:
        api = Client(seconds=3.0)
        found = api.get(bench.SERVICE)
        self._note("status", bench.NAME, found.get("status") or {})
        uid = found["metadata"]["uid"]
        for event in api.get(f"{bench.CORE}/events?fieldSelector=involvedObject.uid%3D{uid}")["items"]:
            told = {"reason": event.get("reason", ""), "message": event.get("message", "")}
            self._note("event", event["metadata"]["name"], told)
        chosen = f"app.kubernetes.io%2Finstance%3D{bench.NAME},app.kubernetes.io%2Fcomponent%3Dmember"
        pods = api.get(f"{bench.CORE}/pods?labelSelector={chosen}")["items"]
        for pod in pods:
            self._look_at_pod(pod)
        for gone in {m.pod for m in bench.MEMBERS} - {p["metadata"]["name"] for p in pods}:
            self._note("pod", gone, None)

    def _look_at_pod(self, pod: Json) -> None:
        meta = pod["metadata"]
        marks = meta.get("annotations") or {}
        self._note("report", meta["name"], json.loads(marks.get(names.ANNOTATION_REPORT) or "{}"))
        self._note("order", meta["name"], marks.get(names.ANNOTATION_ORDER, ""))
        containers = (pod.get("status") or {}).get("containerStatuses") or []
        restarts = [c.get("restartCount") for c in containers]
        self._note("pod", meta["name"], [meta["uid"], meta.get("deletionTimestamp"), restarts])

    def _note(self, kind: str, about: str, value: Any) -> None:
        with self._lock:
            if self._last.get((kind, about), _NEVER) != value:
                self._last[kind, about] = value
                self.seen.append(Seen(time.monotonic_ns(), kind, about, value))

    def _ask(self, member: str, uri: str) -> None:
        """Tries to write to this very member, again and again: whoever acknowledges by majority is primary in that term."""
        if kit.chosen().engine == "mysql":
            self._ask_mysql(member, uri)
        else:
            self._ask_mongodb(member, uri)

    def _ask_mysql(self, member: str, uri: str) -> None:
        with contextlib.closing(MySqlAsker(uri, bench.name_of_host)) as asker:
            while not self._stop.is_set():
                role, taken = asker.ask(member)
                self.taken += [taken] if taken is not None else []
                self._set_role(member, role)
                self._stop.wait(ASK_SECONDS)

    def _ask_mongodb(self, member: str, uri: str) -> None:
        wait: dict[str, Any] = {"serverSelectionTimeoutMS": SOON_MS, "socketTimeoutMS": 2 * SOON_MS, "connectTimeoutMS": SOON_MS}
        client: MongoClient[dict[str, Any]] = MongoClient(uri, **wait, retryWrites=False, maxPoolSize=1)
        try:
            while not self._stop.is_set():
                self._set_role(member, self._ask_once(member, client))
                self._stop.wait(ASK_SECONDS)
        finally:
            client.close()

    def _ask_once(self, member: str, client: MongoClient[dict[str, Any]]) -> str:
        """What it says that it is; an acknowledged write is noted, as of the member that says it was there.

        While the API server is away an agent may pass clients on: then another member answers at this one's port. A connection
        is led to one member for as long as it stands, and there is only one.
        """
        try:
            hello = client.admin.command("hello")
            who = bench.name_of_host(str(hello.get("me", "")))  # as it calls itself
            if not hello.get("isWritablePrimary"):
                return "secondary" if hello.get("secondary") else "other"
            start_ns = time.monotonic_ns()
            body = {"insert": "observed", "documents": [{"by": member}], "writeConcern": {"w": "majority", "wtimeout": SOON_MS}}
            done = client["chaos"].command(body)
        except PyMongoError:
            return ""
        if not done.get("writeErrors") and not done.get("writeConcernError"):
            self.taken.append(Acknowledged(start_ns, time.monotonic_ns(), who, int(done["opTime"]["t"])))
        return "primary" if who == member else "other"

    def _set_role(self, member: str, role: str) -> None:
        if self._roles.get(member) != role:
            self._roles[member] = role
            self.said.append(Said(time.monotonic_ns(), member, role))


_NEVER = object()


def _when(line: dict[str, Any]) -> int:
    return int(line.get("time_ns") or line["start_ns"])
