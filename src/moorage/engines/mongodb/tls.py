"""TLS as mongod and the agent's clients want it: the mounted certificate and its key in one file that only its owner reads.

Turning TLS on follows MongoDB's own order, so that a replica set from before keeps its majority while its members are
replaced: a member first only accepts TLS, and speaks it when every other one accepts it. New members speak it at once.
"""

import asyncio
import os
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PEM = Path("/tmp/tls.pem")  # noqa: S108 - a private emptyDir
MARK = ".moorage-speaks-tls"
"""In the data folder of a member whose peers all accept TLS."""
HANDSHAKE_SECONDS_MAX = 0.5


class Tls:
    """One member's certificate."""

    def __init__(self, folder: Path, data_dir: Path, pem: Path = PEM) -> None:
        self._folder, self._mark, self._pem = folder, data_dir / MARK, pem
        self._authority = folder / "ca.crt"
        self.speaks = True
        """Whether mongod speaks TLS to its peers, and not only accepts it."""

    def prepare(self, *, has_data: bool) -> tuple[str, ...]:
        """mongod's arguments, for its next start."""
        self.write()
        if not has_data:
            self._mark.touch()
        self.speaks = self._mark.exists()
        return (
            "--tlsMode", "preferTLS" if self.speaks else "allowTLS",
            "--tlsCertificateKeyFile", str(self._pem),
            "--tlsCAFile", str(self._authority),
            "--tlsAllowConnectionsWithoutCertificates",
            "--tlsDisabledProtocols", "TLS1_0,TLS1_1",
            "--setParameter", "suppressNoTLSPeerCertificateWarning=true",
        )  # fmt: skip

    def write(self) -> None:
        """Certificate and key as mongod reads them. Swapped in one step: a crash in between leaves the old file."""
        fresh = self._pem.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(descriptor, "wb") as file:
            file.write((self._folder / "tls.crt").read_bytes() + (self._folder / "tls.key").read_bytes())
        fresh.replace(self._pem)

    def client_options(self) -> dict[str, Any]:
        """For the agent's own clients: the certificate is checked by the authority, and so is the name."""
        return {"tls": True, "tlsCAFile": str(self._authority)}

    async def is_accepted_by(self, hosts: Iterable[str]) -> bool:
        """Whether every one of these `host:port` answers a TLS handshake, which an engine from before TLS does not."""
        return all(await asyncio.gather(*map(self._accepts, hosts)))

    async def _accepts(self, host: str) -> bool:
        name, _, port = host.rpartition(":")
        context = ssl.create_default_context(cafile=str(self._authority))
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(name, int(port), ssl=context), HANDSHAKE_SECONDS_MAX)
        except (OSError, TimeoutError):  # a refused handshake is an OSError too
            return False
        writer.close()
        return True

    def all_accept(self) -> None:
        """Every peer accepts TLS: from now on this member speaks it, also after its next start."""
        self._mark.touch()
        self.speaks = True
