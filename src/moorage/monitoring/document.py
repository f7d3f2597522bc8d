"""What a service's metrics are read from: its object, with lists made into mappings, and what belongs to it. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from moorage.api.databackup import BackupPhase
from moorage.api.quantity import to_bytes
from moorage.core.metrics import seconds_since_1970
from moorage.monitoring.service_metrics import OUTCOMES

Object = Mapping[str, Any]
GOOD = (BackupPhase.SUCCEEDED, BackupPhase.VERIFYING)


def document(
    service: Object, pods: Mapping[str, str], backups: Sequence[Object] = (), restores: Sequence[Object] = (), expiry: str = ""
) -> dict[str, Any]:
    """`pods`: member → its Pod. `backups` and `restores`: those of the service. `expiry`: of the members' certificate."""
    status = service.get("status") or {}
    drills, gaps = status.get("drills") or [], (status.get("window") or {}).get("gaps") or []
    newest_restore = max(restores, key=_made, default={})
    size = status.get("volumeSize")
    return {
        "service": {
            **service,
            "status": {
                **status,
                "conditions": {c["type"]: c for c in status.get("conditions") or ()},
                "volumeSize": to_bytes(size) if size else None,
            },
        },
        "pods": pods,
        "repairs": _repairs(status.get("repairs") or ()),
        "maintenance": status.get("maintenance") is not None,
        "drill": drills[-1] if drills else {},
        "gap": gaps[-1] if gaps else {},
        "backups": _backups(backups),
        "restore": newest_restore.get("status") or {},
        "certificate": {"ends": expiry} if expiry else {},
    }


def _made(item: Object) -> str:
    return str(item["metadata"].get("creationTimestamp") or "")


def _repairs(repairs: Sequence[Object]) -> dict[str, Any]:
    """By outcome: the newest, which is the last, and how many there are."""
    of = {outcome: [r for r in repairs if r.get("outcome") == outcome] for outcome in OUTCOMES}
    return {outcome: {**(found[-1] if found else {}), "count": len(found)} for outcome, found in of.items()}


def _backups(backups: Sequence[Object]) -> dict[str, Any]:
    states = [b.get("status") or {} for b in sorted(backups, key=_made)]
    good = [s for s in states if s.get("phase") in GOOD and s.get("verified") is not False]
    newest = good[-1] if good else {}
    ended = [s for s in states if s.get("endTime") and s.get("phase") in (*GOOD, BackupPhase.FAILED)]
    last = max(ended, key=lambda s: str(s["endTime"]), default=None)
    counted = Counter(s.get("phase") for s in states)
    rehearsed = [s["restoreSeconds"] for s in good if s.get("restoreSeconds") is not None]
    return {
        "phases": {str(phase): counted[phase] for phase in BackupPhase},
        "storedBytes": sum(s.get("sizeBytes") or 0 for s in states),
        "newest": {**newest, "seconds": _seconds(newest)},
        "restoreSeconds": rehearsed[-1] if rehearsed else None,
        "lastFailed": last["phase"] == BackupPhase.FAILED if last is not None else None,
    }


def _seconds(backup: Object) -> float | None:
    start, end = backup.get("startTime"), backup.get("endTime")
    return seconds_since_1970(end) - seconds_since_1970(start) if start and end else None
