"""A service of which everything is known, as the API server stores it."""

from typing import Any

Object = dict[str, Any]


def backup(name: str, made: str, phase: str, **status: Any) -> Object:
    return {
        "metadata": {"name": name, "namespace": "shop", "creationTimestamp": made},
        "spec": {"service": "orders"},
        "status": {"phase": phase, **status},
    }


BACKUPS = [
    backup("b2", "2026-11-27T02:30:00Z", "Succeeded", sizeBytes=300, rawBytes=1000, verified=True, restoreSeconds=41.5,
           startTime="2026-11-27T02:30:00Z", endTime="2026-11-27T02:31:30Z"),
    backup("b1", "2026-11-26T02:30:00Z", "Succeeded", sizeBytes=600, rawBytes=2000, startTime="2026-11-26T02:30:00Z",
           endTime="2026-11-26T02:30:30Z"),
    backup("b3", "2026-11-28T02:30:00Z", "Failed"),
]  # fmt: skip
RESTORES = [
    {
        "metadata": {"name": "r1", "namespace": "shop", "creationTimestamp": "2026-11-20T00:00:00Z"},
        "spec": {"inPlace": "orders"},
        "status": {"phase": "Succeeded", "rawBytes": 1000, "bytesDone": 1000, "restoreSeconds": 77.0},
    }
]


def service(members: int) -> tuple[Object, list[Object], list[Object]]:
    """The service, its backups and its restores."""
    names = [f"datanode{i}" for i in range(members)]
    moment, why_not = "2026-11-28T01:00:00Z", {"action": "x", "why": "y"}
    outcomes = ("Running", "Succeeded", "Failed", "GivenUp")
    status = {
        "observedGeneration": 3,
        "healthCluster": "yellow",
        "healthMsg": 'datanode0 is away: "no route"\nit is tried again',
        "healthInstances": {name: "green" if i else "red" for i, name in enumerate(names)},
        "expectedNodes": members,
        "clusterNodes": members - 1,
        "membersReady": f"{members - 1}/{members}",
        "primary": names[-1],
        "version": "6.0.5",
        "compatibility": "6.0",
        "generation": 2,
        "volumeType": "ceph",
        "volumeSize": "20Gi",
        "volumes": {name: {"sizeMib": 20_000, "usedPercent": 83, "level": "nearly-full", "fullInHours": 4} for name in names},
        "areWritesStopped": False,
        "isRepairing": "resync",
        "repair": {"action": "Wait", "reason": "waits", "since": moment, "facts": ["a"], "rejected": [why_not]},
        "repairs": [{"kind": "resync", "startTime": moment, "endTime": moment, "outcome": outcome} for outcome in outcomes],
        "maintenance": {"until": moment, "reason": "a move"},
        "drills": [
            {"kind": "primary-crash", "requested": moment, "phase": "Succeeded", "member": names[0], "startTime": moment,
             "secondsToGreen": 3.2, "gapSeconds": 1.1, "lost": 0},
        ],
        "init": {"phase": "Succeeded", "msg": "green", "startTime": moment, "endTime": moment},
        "backup": {"phase": "Failed", "msg": "the store", "name": "b3", "startTime": moment, "endTime": moment, "reservedDays": 7,
                   "taskId": "t", "store": "main", "lastSuccess": moment, "lastVerified": moment, "nextRun": moment},
        "restore": {"phase": "Succeeded", "msg": "m", "name": "r1", "startTime": moment, "endTime": moment, "undoUntil": moment},
        "window": {"start": moment, "end": moment, "gaps": [{"start": moment, "end": moment}]},
        "endpoints": {"host": "10.0.0.9", "port": 27017, "replicas": "orders-replicas.shop", "secretName": "orders-app"},
        "binding": {"name": "orders-app"},
        "selector": "a=b",
        "conditions": [
            {"type": kind, "status": "True", "reason": "Because"}
            for kind in ("Ready", "Healthy", "Reconciling", "Stalled", "BackupHealthy", "MetricsHealthy")
        ],
    }  # fmt: skip
    item = {
        "metadata": {"name": "orders", "namespace": "shop", "generation": 3, "uid": "u", "resourceVersion": "7"},
        "spec": {"engine": "mongodb", "members": members, "protected": True, "backup": {"enabled": True}},
        "status": status,
    }
    return item, BACKUPS, RESTORES
