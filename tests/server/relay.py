"""The relay as a process, with the rights that the chart gives it, and Alertmanager's part."""

import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import yaml

from tests.server.kubernetes import CONSOLE_NAMESPACE, RELAY_USER, Kubernetes
from tests.server.processes import Program

CHANNELS = "moorage-channels"


class RelayProcess:
    """`python -m moorage.server.telling` on the loopback; its Secrets are files, as Kubernetes mounts them."""

    def __init__(self, kubernetes: Kubernetes, folder: Path, port: int) -> None:
        self.kubernetes, self.folder, self.port = kubernetes, folder, port
        self._program: Program | None = None

    def mount(self, secret: str, folder: str) -> None:
        """What Kubernetes does."""
        (self.folder / folder).mkdir(exist_ok=True)
        for name, text in self.kubernetes.values(secret, CONSOLE_NAMESPACE).items():
            (self.folder / folder / name).write_text(text)

    def mount_channels(self) -> None:
        """What the kubelet does within a minute: the files are those that the Secret holds now."""
        (self.folder / "channels").mkdir(exist_ok=True)
        now = self.kubernetes.values(CHANNELS, CONSOLE_NAMESPACE)
        for path in (self.folder / "channels").iterdir():
            if path.name not in now:
                path.unlink()
        self.mount(CHANNELS, "channels")

    def say(self, channel: str, **given: Any) -> None:
        (self.folder / "channels").mkdir(exist_ok=True)
        (self.folder / "channels" / f"{channel}.yaml").write_text(yaml.safe_dump(given))

    def start(self) -> None:
        environment = {
            "KUBECONFIG": str(self.kubernetes.kubeconfig(RELAY_USER)),
            "MOORAGE_HOST": "127.0.0.1",
            "MOORAGE_PORT": str(self.port),
            "MOORAGE_RELAY_TLS": str(self.folder / "tls"),
            "MOORAGE_RELAY_TOKEN": str(self.folder / "token/token"),
            "MOORAGE_RELAY_CHANNELS": str(self.folder / "channels"),
            "POD_NAMESPACE": CONSOLE_NAMESPACE,
        }
        self._program = Program((sys.executable, "-m", "moorage.server.telling"), self.folder / "relay.log", environment)
        self._program.until("relay that answers", self._answers)

    def stop(self) -> None:
        if self._program is not None:
            self._program.stop()

    def until(self, what: str, holds: Callable[[], bool]) -> None:
        assert self._program is not None
        self._program.until(what, holds)

    def log(self) -> str:
        return (self.folder / "relay.log").read_text(errors="replace")

    def post(self, path: str, body: Any, token: str | None = None) -> httpx2.Response:
        """As Alertmanager does: it trusts nobody but the relay's own authority."""
        sent = (self.folder / "token/token").read_text() if token is None else token
        with self._client() as client:
            return client.post(path, json=body, headers={"Authorization": f"Bearer {sent}"} if sent else {})

    def metrics(self) -> dict[str, float]:
        """Series → value; Prometheus has no token."""
        with self._client() as client:
            lines = client.get("/metrics").raise_for_status().text.splitlines()
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if not line.startswith("#"))}

    def _answers(self) -> bool:
        try:
            with self._client() as client:
                return client.get("/healthz").status_code == 200
        except httpx2.ConnectError:
            return False

    def _client(self) -> httpx2.Client:
        trust = ssl.create_default_context(cafile=str(self.folder / "tls/ca.crt"))
        return httpx2.Client(base_url=f"https://127.0.0.1:{self.port}", verify=trust, timeout=30)
