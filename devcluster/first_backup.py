"""The first backup of the service demo: taken, restored into a throw-away member and compared before `make up` calls it a day."""

from collections.abc import Sequence
from datetime import datetime

from devcluster.demo import NAME, NAMESPACE
from devcluster.kube import Client, Json
from devcluster.shell import CommandError
from devcluster.wait import until

SECONDS = 300
BACKUPS = f"/apis/moorage.dev/v1/namespaces/{NAMESPACE}/databackups"
UNDER_WAY = ("Pending", "Running", "Verifying")


def ensure() -> bool:
    """Wait for a verified backup of demo, asking for one when none is there or under way; whether one was asked for."""
    client = Client()
    before = _backups(client)
    known = [backup["metadata"]["name"] for backup in before]
    asked = wanted(before)
    if asked:
        client.request("POST", BACKUPS, request())

    def is_there() -> bool:
        found = _backups(client)
        if verified(found):
            return True
        fresh = [backup for backup in found if backup["metadata"]["name"] not in known] if asked else found
        if failure := why_in_vain(fresh):
            raise SystemExit(f"the first backup of {NAME} cannot be had: {failure}")
        raise CommandError(what_is_done(found))

    until(f"the first backup of {NAME} to be verified", is_there, SECONDS)
    return asked


def request() -> Json:
    """A backup as a person asks for one by hand: such a one is always rehearsed."""
    return {
        "apiVersion": "moorage.dev/v1",
        "kind": "DataBackup",
        "metadata": {"generateName": f"{NAME}-first-", "namespace": NAMESPACE},
        "spec": {"service": NAME},
    }


def verified(backups: Sequence[Json]) -> Json | None:
    """The newest backup that a rehearsal restored and found whole."""
    good = [backup for backup in backups if _status(backup).get("verified") is True and _phase(backup) == "Succeeded"]
    return max(good, key=_time, default=None)


def wanted(backups: Sequence[Json]) -> bool:
    """Whether nothing will lead to a verified backup unless one is asked for."""
    return verified(backups) is None and not any(_will_be_verified(backup) for backup in backups)


def why_in_vain(backups: Sequence[Json]) -> str | None:
    """Moorage's own words for why no verified backup will come of these; None while one may, or none is to be seen yet."""
    if not backups or not wanted(backups):
        return None
    last = max(backups, key=_time)
    status = _status(last)
    said = status.get("message") or status.get("verifyMessage") or "Moorage does not say why"
    if status.get("verified") is False and status.get("verifyMessage"):
        said = status["verifyMessage"]
    return f"{last['metadata']['name']} is {_phase(last)}: {said}"


def what_is_done(backups: Sequence[Json]) -> str:
    """What is seen of the backup that is under way."""
    if not backups:
        return "it is not to be seen yet"
    last = max(backups, key=_time)
    return f"{last['metadata']['name']} is {_phase(last)}: {_status(last).get('message') or 'Moorage has not begun it yet'}"


def line(backup: Json) -> str:
    """How it went, for the summary: `first backup mongodb-default-demo-…: verified, 12 KiB, restored in 3.1 s`."""
    status = _status(backup)
    kib = -(-int(status.get("sizeBytes") or 0) // 1024)
    name = status.get("backupName") or backup["metadata"]["name"]
    seconds = status.get("restoreSeconds")
    restored = f", restored in {seconds:.1f} s" if seconds is not None else ""
    return f"{name}: verified, {kib:,} KiB{restored}"


def summary() -> str | None:
    """The line of the newest verified backup, or None."""
    found = verified(_backups(Client()))
    return line(found) if found else None


def _backups(client: Client) -> list[Json]:
    return [backup for backup in client.get(BACKUPS)["items"] if backup["spec"]["service"] == NAME]


def _will_be_verified(backup: Json) -> bool:
    """One by hand is rehearsed unless it says otherwise; of others it is not known before it is seen."""
    spec = backup["spec"]
    by_hand = spec.get("trigger", "Manual") == "Manual" and spec.get("rehearse") is not False
    return _phase(backup) == "Verifying" or (_phase(backup) in UNDER_WAY and (by_hand or spec.get("rehearse") is True))


def _phase(backup: Json) -> str:
    return str(_status(backup).get("phase", "Pending"))


def _status(backup: Json) -> Json:
    status: Json = backup.get("status") or {}
    return status


def _time(backup: Json) -> datetime:
    """When its data was as the backup holds it; before that is known, when it was asked for."""
    said = _status(backup).get("consistentTime") or backup["metadata"]["creationTimestamp"]
    return datetime.fromisoformat(said)
