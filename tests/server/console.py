"""The console's server as a process, and a browser that speaks to it."""

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from moorage.core.names import certificate_secret
from moorage.server.part_secrets import token_secret
from tests.ports import free_ports
from tests.server.kubernetes import CONSOLE_NAMESPACE, CONSOLE_USER, MONITORING_USER, RELAY_USER, Kubernetes
from tests.server.processes import Program

API = "/api/v1"
CSRF = "X-Moorage-CSRF"
FIRST_SECRET = "moorage-first-password"


class Console:
    """`python -m moorage.server` on the loopback."""

    def __init__(self, kubernetes: Kubernetes, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.kubernetes = kubernetes
        port, self.relay_port, self.gate_port = free_ports(3)
        self.url = f"http://127.0.0.1:{port}"
        self.mounted = folder / f"mounted-{port}"
        """Folders `relay` and `monitoring`: files that Kubernetes would bring."""
        self.environment = {
            "KUBECONFIG": str(kubernetes.kubeconfig(CONSOLE_USER)),
            "MOORAGE_HOST": "127.0.0.1",
            "MOORAGE_PORT": str(port),
            "MOORAGE_INSECURE_COOKIES": "yes",
            "MOORAGE_DRAWS": f"{RELAY_USER},{MONITORING_USER}",
            "MOORAGE_RELAY": f"https://127.0.0.1:{self.relay_port}",
            "MOORAGE_RELAY_FILES": str(self.mounted / "relay"),
            "MOORAGE_PROMETHEUS": f"https://127.0.0.1:{self.gate_port}/prometheus",
            "MOORAGE_PROMETHEUS_FILES": str(self.mounted / "monitoring"),
            "MOORAGE_ALERTMANAGER": f"https://127.0.0.1:{self.gate_port}/alertmanager",
            "MOORAGE_ALERTMANAGER_FILES": str(self.mounted / "monitoring"),
            "POD_NAMESPACE": CONSOLE_NAMESPACE,
            **(environment or {}),
        }
        self._log = folder / f"console-{port}.log"
        self._program: Program | None = None

    def launch(self, python: str) -> Program:
        """The process; it is not waited for."""
        self._program = Program((python, "-m", "moorage.server"), self._log, self.environment)
        return self._program

    def start(self, python: str) -> None:
        program = self.launch(python)
        program.until("ready console", self.is_ready)
        program.until("first account", self._has_accounts)

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        assert self._program is not None
        self._program.until(what, holds)

    @property
    def pid(self) -> int:
        assert self._program is not None
        return self._program.pid

    def stop(self) -> None:
        if self._program is not None:
            self._program.stop()

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def mount(self, service: str, folder: str) -> dict[str, str]:
        """What Kubernetes does with `ca.crt` and `token` that the console drew for a part beside it. Gives all that was drawn."""
        secrets = (certificate_secret(service), token_secret(service))
        drawn: dict[str, str] = {}
        for name in secrets:
            self.until(f"Secret {name}", lambda name=name: self.kubernetes.get("Secret", name, CONSOLE_NAMESPACE) is not None)  # type: ignore[misc]
            drawn |= self.kubernetes.values(name, CONSOLE_NAMESPACE)
        (self.mounted / folder).mkdir(parents=True, exist_ok=True)
        for entry in ("ca.crt", "token"):
            (self.mounted / folder / entry).write_text(drawn[entry])
        return drawn

    def first_password(self) -> str:
        secret = self.kubernetes.get("Secret", FIRST_SECRET, CONSOLE_NAMESPACE)
        assert secret is not None, "there is no first password any more"
        return base64.b64decode(secret["data"]["password"]).decode()

    def browser(self) -> "Browser":
        return Browser(self.url)

    def _has_accounts(self) -> bool:
        return self.kubernetes.get("Secret", "moorage-account-admin", CONSOLE_NAMESPACE) is not None

    def is_ready(self) -> bool:
        """Whoever its certificate is by: this asks nothing that is secret."""
        try:
            return httpx2.get(f"{self.url}/readyz", timeout=2, verify=False).status_code == 200
        except httpx2.HTTPError:
            return False


class Browser:
    """Keeps the cookie, and sends the session's CSRF token with changes."""

    def __init__(self, url: str) -> None:
        self.client = httpx2.Client(base_url=url, timeout=30)
        self.csrf = ""

    def sign_in(self, name: str, password: str) -> httpx2.Response:
        answer = self.post("/session", {"name": name, "password": password})
        if answer.status_code == 201:
            self.csrf = answer.json()["csrf"]
        return answer

    def get(self, path: str, **query: str | int) -> httpx2.Response:
        return self.client.get(f"{API}{path}", params=query)

    def post(self, path: str, body: Any = None, **query: str) -> httpx2.Response:
        return self.request("POST", path, body, **query)

    def put(self, path: str, body: Any = None, **query: str) -> httpx2.Response:
        return self.request("PUT", path, body, **query)

    def patch(self, path: str, body: Any = None, **query: str) -> httpx2.Response:
        return self.request("PATCH", path, body, **query)

    def delete(self, path: str, **query: str) -> httpx2.Response:
        return self.request("DELETE", path, None, **query)

    def request(self, method: str, path: str, body: Any, **query: str) -> httpx2.Response:
        headers = {CSRF: self.csrf} if self.csrf else {}
        return self.client.request(method, f"{API}{path}", json=body, params=query, headers=headers)

    @contextmanager
    def stream(self, **query: str) -> Iterator["Events"]:
        headers = {"Last-Event-ID": query.pop("last")} if "last" in query else {}
        with self.client.stream("GET", f"{API}/stream", params=query, headers=headers) as answer:
            assert answer.status_code == 200, answer.read()
            yield Events(answer)


class Events:
    """Server-sent events, one by one."""

    def __init__(self, answer: httpx2.Response) -> None:
        self._lines = answer.iter_lines()

    def next(self) -> dict[str, str]:
        """Its `event`, `id` and `data`."""
        found: dict[str, str] = {}
        for line in self._lines:
            key, colon, value = line.partition(":")
            if not line and "event" in found:
                return found
            if colon and key:
                found[key] = value.removeprefix(" ")
        raise AssertionError("the stream ended")

    def until(self, event: str, holds: str = "") -> dict[str, str]:
        """The next of this name whose data holds these words."""
        while True:
            found = self.next()
            if found["event"] == event and holds in found.get("data", ""):
                return found
