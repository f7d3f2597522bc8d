"""The cluster's S3 service: versitygw on the machine itself, as real as a store elsewhere, on a file system with an end.

Its data outlives `down`; `clean` removes it. Pods reach it as https://10.89.0.1:9443.
"""

import http.client
import json
import os
import secrets
import signal
import ssl
from pathlib import Path

from devcluster import pki, process
from devcluster.binaries.build import VERSITYGW
from devcluster.config import HOST_ADDRESS, PKI, S3_PORT, STATE
from devcluster.full import empty_folder, fill_folder
from devcluster.process import Service
from devcluster.shell import CommandError, run
from devcluster.sweep import mounts_below
from devcluster.wait import until

NAME = "s3"
BUCKET = "moorage"
ENDPOINT = f"https://{HOST_ADDRESS}:{S3_PORT}"
DATA = STATE / "s3"
DISK = STATE / "s3.ext4"
DISK_BYTES = 8 * 2**30  # sparse: takes the room of what is in it
KEYS = STATE / "s3-keys.json"
HEALTH = "/healthz"


def start() -> None:
    """Start it, or thaw it, with room on its disk: whatever a test did to it is undone."""
    _mount()
    empty_folder(DATA)
    (DATA / BUCKET).mkdir(exist_ok=True)  # versitygw: each folder is a bucket
    certificate, key = pki.ensure_server(NAME, f"IP:{HOST_ADDRESS},IP:127.0.0.1,DNS:localhost")
    where = ("--port", f"{HOST_ADDRESS}:{S3_PORT}", "--cert", certificate, "--key", key, "--health", HEALTH)
    access, secret = keys()
    env = {"ROOT_ACCESS_KEY": access, "ROOT_SECRET_KEY": secret}
    process.ensure(Service(NAME, (VERSITYGW.path, *where, "posix", DATA), reads=(certificate, KEYS), env=env))
    until("the S3 service to answer", _answers, 30)


def freeze() -> None:
    """It takes connections and answers nobody: what a client must not wait for without end."""
    record = process.record_of(NAME)
    if record is None:
        raise CommandError("the S3 service does not run, so it cannot be frozen: `python3 -m devcluster s3 start`")
    os.kill(record.pid, signal.SIGSTOP)


def fill() -> int:
    """Take all the room on its disk; how many bytes that was."""
    if str(DATA) not in _mounted():
        raise CommandError("the disk of the S3 service is not mounted: `python3 -m devcluster s3 start`")
    return fill_folder(DATA)


def keys() -> tuple[str, str]:
    """The access key and the secret key: drawn once, for this machine alone."""
    if not KEYS.exists():
        half_done = KEYS.with_suffix(".new")
        half_done.unlink(missing_ok=True)
        drawn = {"accessKeyId": f"MO{secrets.token_hex(9).upper()}", "secretAccessKey": secrets.token_urlsafe(30)}
        with os.fdopen(os.open(half_done, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(drawn, file)
        half_done.rename(KEYS)
    kept = json.loads(KEYS.read_text())
    return kept["accessKeyId"], kept["secretAccessKey"]


def _mount() -> None:
    """A file system of its own, so that it can be full without the machine being full."""
    DATA.mkdir(parents=True, exist_ok=True)
    if str(DATA) in _mounted():
        return
    if not DISK.exists():
        half_done = DISK.with_suffix(".new")
        with half_done.open("wb") as file:
            file.truncate(DISK_BYTES)
        run("mkfs.ext4", "-q", "-F", "-m", "0", half_done)
        half_done.rename(DISK)
    run("mount", "-o", "loop", DISK, DATA)
    DATA.chmod(0o700)
    lost = DATA / "lost+found"  # would be a bucket
    if lost.exists():
        lost.rmdir()


def _mounted() -> list[str]:
    return mounts_below(Path("/proc/self/mountinfo").read_text(), STATE)


def _answers() -> bool:
    process.require(NAME)
    trust = ssl.create_default_context(cafile=str(PKI / "ca.crt"))
    connection = http.client.HTTPSConnection(HOST_ADDRESS, S3_PORT, timeout=2, context=trust)
    try:
        connection.request("GET", HEALTH)
        return connection.getresponse().status == 200
    finally:
        connection.close()
