"""What whoever installs the relay decides; from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from moorage.monitoring.telling.message import Places


@dataclass(frozen=True)
class RelaySettings:
    """Names and files of one relay."""

    namespace: str = "moorage-system"
    """Where what waits is kept."""
    identity: str = "relay"
    """Name of this replica."""
    host: str = "0.0.0.0"  # noqa: S104 - a Pod's Service and probes come from other addresses
    port: int = 8443
    tls: Path = Path("/etc/moorage/tls")
    """Folder with tls.crt and tls.key."""
    token: Path = Path("/etc/moorage/token/token")
    """File with what Alertmanager proves itself by."""
    channels: Path = Path("/etc/moorage/channels")
    """Folder with one file a channel, NAME.yaml."""
    places: Places = field(default_factory=Places)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "RelaySettings":
        """Raises ValueError."""
        return cls(
            namespace=environment.get("POD_NAMESPACE", cls.namespace),
            identity=environment.get("POD_NAME", cls.identity),
            host=environment.get("MOORAGE_HOST", cls.host),
            port=int(environment.get("MOORAGE_PORT", cls.port)),
            tls=Path(environment.get("MOORAGE_RELAY_TLS", cls.tls)),
            token=Path(environment.get("MOORAGE_RELAY_TOKEN", cls.token)),
            channels=Path(environment.get("MOORAGE_RELAY_CHANNELS", cls.channels)),
            places=Places(
                console=_url(environment, "MOORAGE_LINK_CONSOLE"),
                grafana=_url(environment, "MOORAGE_LINK_GRAFANA"),
                runbooks=_url(environment, "MOORAGE_LINK_RUNBOOKS"),
                alertmanager=_url(environment, "MOORAGE_LINK_ALERTMANAGER"),
            ),
        )


def _url(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name, "").rstrip("/")
    if text and not text.startswith(("https://", "http://")):
        raise ValueError(f"{name} is '{text}'; allowed: a URL that begins with https:// or http://, or nothing")
    return text
