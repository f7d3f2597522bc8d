"""What whoever installs the console decides; from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from moorage.core.names import certificate_secret
from moorage.door import Door

_PREFIX = re.compile(r"(/[A-Za-z0-9._~-]+)*")


@dataclass(frozen=True)
class Oidc:
    """A provider of identities (OpenID Connect)."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_url: str
    """Where the provider sends people back to: the console's own address + /api/v1/oidc/callback."""
    title: str = "OpenID Connect"
    user_claim: str = "email"
    groups_claim: str = "groups"
    groups: frozenset[str] = frozenset()
    """Of the provider's groups those that count here; the console must be allowed to impersonate each, as `oidc:GROUP`."""
    ca_file: str | None = None


@dataclass(frozen=True)
class Encryption:
    """Where the console's certificate is."""

    secret: str
    """Holds tls.crt and tls.key; in the console's namespace."""
    service: str = ""
    """The console's own Service, when the console draws the certificate itself; empty: somebody else makes the Secret."""
    names: frozenset[str] = frozenset()
    """Further names and addresses that a certificate of its own is for."""


@dataclass(frozen=True)
class Settings:
    """Names and limits of one console."""

    namespace: str = "moorage-system"
    """Where accounts, sessions and the audit list are kept."""
    prefix: str = ""
    """Path under which a proxy serves the console, such as /moorage; empty for the root."""
    host: str = "0.0.0.0"  # noqa: S104 - a Pod's Service and probes come from other addresses
    """Address that it listens on."""
    port: int = 8080
    is_secure: bool = True
    """Cookies are sent over https alone. False only where nobody else can listen, such as on the machine itself."""
    proxies: str = "127.0.0.1"
    """Addresses whose X-Forwarded-For is believed, comma separated."""
    web: Path | None = None
    """The built pages; None: the API alone."""
    identity: str = "console"
    """Name of this replica."""
    time_zone: str = "UTC"
    oidc: Oidc | None = None
    encryption: Encryption | None = None
    """None: a proxy in front ends the encryption."""
    draws: frozenset[str] = frozenset()
    """Services beside it whose certificate and token the console draws."""
    relay: Door | None = None
    """The relay that tells people; None: there is none."""
    channels: str = "moorage-channels"
    """Secret of the console's namespace with the relay's channels."""
    prometheus: Door | None = None
    alertmanager: Door | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Settings":
        """Raises ValueError with what is allowed."""
        prefix = environment.get("MOORAGE_PREFIX", "").rstrip("/")
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(f"MOORAGE_PREFIX is '{prefix}'; allowed: a path such as /moorage, or nothing")
        web = environment.get("MOORAGE_WEB")
        return cls(
            namespace=environment.get("POD_NAMESPACE", cls.namespace),
            prefix=prefix,
            host=environment.get("MOORAGE_HOST", cls.host),
            port=int(environment.get("MOORAGE_PORT", cls.port)),
            is_secure=environment.get("MOORAGE_INSECURE_COOKIES") != "yes",
            proxies=environment.get("MOORAGE_PROXIES", cls.proxies),
            web=Path(web) if web else None,
            identity=environment.get("POD_NAME", cls.identity),
            time_zone=environment.get("MOORAGE_TIME_ZONE", cls.time_zone),
            oidc=_oidc(environment),
            encryption=_encryption(environment),
            draws=_words(environment.get("MOORAGE_DRAWS", "")),
            relay=Door.of(environment, "RELAY"),
            channels=environment.get("MOORAGE_CHANNELS", cls.channels),
            prometheus=Door.of(environment, "PROMETHEUS"),
            alertmanager=Door.of(environment, "ALERTMANAGER"),
        )


def _encryption(environment: Mapping[str, str]) -> Encryption | None:
    secret, service = environment.get("MOORAGE_TLS_SECRET", ""), environment.get("MOORAGE_TLS_OWN", "")
    if secret and service:
        raise ValueError(
            "MOORAGE_TLS_SECRET (somebody's certificate) and MOORAGE_TLS_OWN (the console's own) are set; set one of them"
        )
    if service:
        return Encryption(certificate_secret(service), service, _words(environment.get("MOORAGE_TLS_NAMES", "")))
    return Encryption(secret) if secret else None


def _words(text: str) -> frozenset[str]:
    """Comma separated."""
    return frozenset(filter(None, (word.strip() for word in text.split(","))))


def _oidc(environment: Mapping[str, str]) -> Oidc | None:
    issuer = environment.get("MOORAGE_OIDC_ISSUER")
    if not issuer:
        return None
    wanted = ("MOORAGE_OIDC_CLIENT_ID", "MOORAGE_OIDC_REDIRECT_URL")
    missing = [name for name in wanted if not environment.get(name)]
    if missing:
        raise ValueError(f"MOORAGE_OIDC_ISSUER is set, and {', '.join(missing)} is not; all of them, or none")
    return Oidc(
        issuer=issuer.rstrip("/"),
        client_id=environment["MOORAGE_OIDC_CLIENT_ID"],
        client_secret=environment.get("MOORAGE_OIDC_CLIENT_SECRET", ""),
        redirect_url=environment["MOORAGE_OIDC_REDIRECT_URL"],
        title=environment.get("MOORAGE_OIDC_TITLE", Oidc.title),
        user_claim=environment.get("MOORAGE_OIDC_USER_CLAIM", Oidc.user_claim),
        groups_claim=environment.get("MOORAGE_OIDC_GROUPS_CLAIM", Oidc.groups_claim),
        groups=_words(environment.get("MOORAGE_OIDC_GROUPS", "")),
        ca_file=environment.get("MOORAGE_OIDC_CA_FILE") or None,
    )


def from_environment() -> Settings:
    return Settings.of(os.environ)
