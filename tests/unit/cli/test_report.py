"""The zip for whoever helps."""

import base64
import json
import stat
import zipfile
from pathlib import Path

import pytest

from moorage.cli.gather import is_about
from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import Object, backup, service, store
from tests.unit.cli.test_doctor import deployment

PASSWORD, ADMIN, S3_KEY = "p4ssw0rd-of-the-app", "p4ssw0rd-of-the-admin", "key-of-the-bucket"


def secret(name: str, **entries: str) -> Object:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in entries.items()}
    return {"kind": "Secret", "metadata": {"name": name, "namespace": "shop"}, "data": data}


def pod(name: str, namespace: str = "shop", restarts: int = 0) -> Object:
    spec = {"containers": [{"name": "member", "env": [{"name": "DB_PASSWORD", "value": "typed by hand"}]}]}
    status = {"containerStatuses": [{"name": "member", "restartCount": restarts}]}
    return {"kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec, "status": status}


HAVING = [
    service(),
    store(),
    backup(),
    backup("b2", of="ledger"),
    deployment(),
    pod("orders-g1-0", restarts=1),
    pod("moorage-0", "moorage-system"),
    secret("orders-app", username="app", password=PASSWORD),
    secret("orders-admin", username="admin", password=ADMIN),
    secret("s3-keys", accessKeyId="moorage1", secretAccessKey=S3_KEY),
]
LOGS = {
    ("shop", "orders-g1-0"): [f"hello {PASSWORD}!", f"put with {S3_KEY}", "of user app"],
    ("shop", "orders-g1-0 before"): [f"mongodb://admin:{ADMIN}@orders:27017/"],
    ("moorage-system", "moorage-0"): ["step_done service=shop/orders", "step_done service=shop/ledger", "leadership_gained"],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(file: Path) -> dict[str, str]:
    """Path within the zip's one folder → text."""
    with zipfile.ZipFile(file) as archive:
        return {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()}


def test_no_secret_is_in_it_wherever_it_slipped_into(moorage: Moorage, folder: Path) -> None:
    assert moorage("report", "orders", having=HAVING, logs=LOGS).code == 0
    found = contents(next(folder.glob("moorage-shop-orders-*.zip")))
    whole = "\n".join(found.values())
    for value in (PASSWORD, ADMIN, S3_KEY, "typed by hand"):
        assert value not in whole
        assert base64.b64encode(value.encode()).decode() not in whole
    assert found["logs/orders-g1-0.txt"] == "hello [redacted]!\nput with [redacted]\nof user app\n"
    assert found["logs/orders-g1-0-before.txt"] == "mongodb://admin:[redacted]@orders:27017/\n"


def test_it_holds_this_service_and_not_its_neighbours(moorage: Moorage, folder: Path) -> None:
    moorage("report", "orders", having=HAVING, logs=LOGS)
    found = contents(next(folder.glob("*.zip")))
    assert "ledger" not in "\n".join(found.values())
    assert "name: b1" in found["backups.yaml"]
    assert found["logs/operator/moorage-0.txt"] == "step_done service=shop/orders\nleadership_gained\n"
    assert {"README.txt", "status.yaml", "service.yaml", "events.txt", "nodes.yaml", "doctor.txt", "restores.yaml"} < found.keys()


def test_only_its_writer_may_read_it_and_nothing_is_overwritten(moorage: Moorage, folder: Path) -> None:
    ran = moorage("report", "orders", "r.zip", "-o", "json", having=HAVING, logs=LOGS)
    file = folder / "r.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = json.loads(ran.out)
    assert (told["file"], told["sizeBytes"]) == ("r.zip", file.stat().st_size)
    assert [f["path"] for f in told["files"]] == list(contents(file))
    before = file.read_bytes()
    again = moorage("report", "orders", "r.zip", having=HAVING)
    assert (again.code, file.read_bytes()) == (5, before)
    assert "is not overwritten" in again.err


def test_what_could_not_be_read_is_said_and_does_not_keep_the_rest(moorage: Moorage, folder: Path) -> None:
    ran = moorage("report", "orders", "r.zip", having=HAVING, logs=LOGS, forbidden=["Node", "Deployment"])
    assert ran.code == 0
    assert "not in it: Node: Node is forbidden" in ran.err
    assert "- Node: Node is forbidden" in contents(folder / "r.zip")["README.txt"]
    assert "name: orders" in contents(folder / "r.zip")["service.yaml"]


def test_without_logs_there_is_none(moorage: Moorage, folder: Path) -> None:
    moorage("report", "orders", "r.zip", "--no-logs", having=HAVING, logs=LOGS)
    assert not [path for path in contents(folder / "r.zip") if path.startswith("logs/")]


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("step_done service=shop/orders why=x", True),
        ("leadership_gained identity=moorage-0", True),
        ("worker_started pod=shop/moorage-backup-1", True),
        ("step_done service=shop/ledger", False),
        ("step_done service=bank/orders", False),
        ("worker_started pod=bank/moorage-backup-1", False),
    ],
)
def test_of_the_operators_log_only_what_concerns_the_service_is_kept(line: str, kept: bool) -> None:
    assert is_about(line, "shop", "orders") is kept
