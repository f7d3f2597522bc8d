"""A real S3 server on the loopback: versitygw on a folder."""

import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devcluster.binaries.build import VERSITYGW
from moorage.backup.s3 import QUICK, Patience, S3Store, Settings
from moorage.backup.s3_parts import PARTS, PartPlan
from tests.ports import free_port

PROGRAM = VERSITYGW.path
BUCKET = "backups"
KEY, SECRET = "moorage-tests", "moorage-tests-secret"
START_SECONDS = 20


@dataclass
class Gateway:
    """One server. It can be stopped and started again on the same port and folder."""

    folder: Path
    certificate: Path | None = None
    private_key: Path | None = None
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    @property
    def bucket_folder(self) -> Path:
        return self.folder / BUCKET

    def start(self) -> None:
        if not PROGRAM.exists():
            pytest.fail(f"there is no S3 server at {PROGRAM}; `make up` builds it", pytrace=False)
        self.bucket_folder.mkdir(exist_ok=True)
        tls = ("--cert", self.certificate, "--key", self.private_key) if self.certificate else ()
        where = ("--port", f"127.0.0.1:{self.port}", "--health", "/health", "--quiet", *tls, *self.options)
        env = {"ROOT_ACCESS_KEY_ID": KEY, "ROOT_SECRET_ACCESS_KEY": SECRET}
        self.process = subprocess.Popen(
            [PROGRAM, *map(str, where), "posix", str(self.folder)], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self.process is not None
            assert self.process.poll() is None, "versitygw ended at once"
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        pytest.fail("versitygw does not listen")

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def store(
        self,
        *,
        endpoint: str | None = None,
        bucket: str = BUCKET,
        key: str = KEY,
        secret: str = SECRET,
        prefix: str = "production",
        region: str = "us-east-1",
        ca_file: str | None = None,
        patience: Patience = QUICK,
        plan: PartPlan = PARTS,
    ) -> S3Store:
        settings = Settings(
            endpoint=endpoint or self.endpoint,
            bucket=bucket,
            access_key_id=key,
            secret_access_key=secret,
            prefix=prefix,
            region=region,
            ca_file=ca_file,
            patience=patience,
        )
        return S3Store(settings, plan)
