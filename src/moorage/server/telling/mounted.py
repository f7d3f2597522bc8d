"""What the relay is given as files: its channels, its certificate, and what Alertmanager proves itself by.

Secrets are mounted and never asked of the API server, so the relay needs no right to read one.
"""

import ssl
from dataclasses import dataclass, field
from hmac import compare_digest
from pathlib import Path

import yaml

from moorage.monitoring.telling.channel import Channel
from moorage.monitoring.telling.given import UnusableChannelError, channel

ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True)
class Channels:
    """By name; `unusable` says of the others why."""

    usable: dict[str, Channel] = field(default_factory=dict)
    unusable: dict[str, str] = field(default_factory=dict)


def channels(folder: Path) -> Channels:
    """One that cannot be used does not keep the others from working."""
    found = Channels()
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.name.startswith(".") or not path.is_file():  # Kubernetes' own folders of what it mounts
            continue
        try:
            found.usable[path.stem] = _channel(path)
        except UnusableChannelError as error:
            found.unusable[path.name] = str(error)
    return found


def _channel(path: Path) -> Channel:
    if path.suffix not in ENDINGS:
        raise UnusableChannelError(f"{path.name}: a channel's file is named NAME.yaml")
    try:
        given = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError, OSError):
        given = None  # why not is not said: it would show a piece of the file, and that may be a secret
    if not isinstance(given, dict):
        raise UnusableChannelError(f"{path.name}: it is no YAML of names and values, such as kind: slack")
    return channel(path.stem, {str(name): value for name, value in given.items()})


def is_token(path: Path, given: str) -> bool:
    """Whether that is what the file holds now; an empty file lets nobody in."""
    try:
        wanted = path.read_text().strip()
    except OSError:
        return False
    return bool(wanted) and compare_digest(wanted.encode(), given.encode())


class MountedCertificate:
    """What every connection is encrypted with. A renewed one counts from the next connection on."""

    def __init__(self, folder: Path) -> None:
        self._certificate, self._key = folder / "tls.crt", folder / "tls.key"
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._loaded = b""

    def look(self) -> bool:
        """Takes the files as they are now; whether they were new. Raises OSError, of which ssl.SSLError is one."""
        now = self._certificate.read_bytes() + self._key.read_bytes()
        if now == self._loaded:
            return False
        self.context.load_cert_chain(self._certificate, self._key)
        self._loaded = now
        return True
