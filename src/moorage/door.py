"""Where another program of ours answers, and how it knows who asks: an address, and files as Kubernetes mounts them.

The files are read anew each time: a renewed certificate, and another token, count at once. Thin; who asks says what went wrong.
"""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Door:
    """Of Prometheus, Alertmanager or the relay."""

    url: str
    """Without a slash at its end; of Prometheus and Alertmanager with the path before /api."""
    files: Path | None = None
    """Folder with what it is asked with, each as needed: ca.crt, tls.crt and tls.key, token."""

    @classmethod
    def of(cls, environment: Mapping[str, str], name: str) -> "Door | None":
        """`MOORAGE_NAME`, and `MOORAGE_NAME_FILES`; None: nobody said where it is. Raises ValueError with what is allowed."""
        url, files = environment.get(f"MOORAGE_{name}", "").rstrip("/"), environment.get(f"MOORAGE_{name}_FILES")
        if not url:
            return None
        if not re.match(r"https?://[^/]", url):
            raise ValueError(
                f"MOORAGE_{name} is '{url}'; allowed: an address such as https://prometheus.monitoring:9090, or nothing"
            )
        return cls(url, Path(files) if files else None)

    def headers(self) -> dict[str, str]:
        """Raises OSError."""
        token = self._file("token").decode().strip()
        return {"Authorization": f"Bearer {token}"} if token else {}

    def certificates(self) -> tuple[bytes, ...]:
        """All that `trust` is made of, to see whether it is another one by now. Raises OSError."""
        return tuple(self._file(name) for name in ("ca.crt", "tls.crt", "tls.key"))

    def trust(self) -> ssl.SSLContext:
        """Without an authority of its own those that everybody trusts. Raises OSError, of which ssl.SSLError is one, and
        ValueError."""
        authority, certificate, key = self.certificates()
        trust = ssl.create_default_context(cadata=authority.decode() or None)
        if certificate and key and self.files is not None:
            trust.load_cert_chain(self.files / "tls.crt", self.files / "tls.key")
        return trust

    def _file(self, name: str) -> bytes:
        """Empty when there is none: Kubernetes brings some of them only when the console has drawn them."""
        try:
            return (self.files / name).read_bytes() if self.files is not None else b""
        except FileNotFoundError:
            return b""
