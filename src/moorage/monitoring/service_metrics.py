"""Every field of a service's status as a metric, and what is known of its backups and restores. Pure.

The document (`monitoring/document.py`) is the DataService as the API server stores it; lists in it are mappings there. The series
have the labels `namespace` and `service`. Times are moments: `time() - …` is an age, so nothing changes while nothing happens.
"""

from moorage.api.conditions import ConditionType
from moorage.api.databackup import BackupPhase
from moorage.api.dataservice import Health
from moorage.core.metrics import As, Kind, Metric, Source
from moorage.core.volume import Level

HEALTH = tuple(str(health) for health in Health)
LEVELS = tuple(str(level) for level in Level)
PHASES = tuple(str(phase) for phase in BackupPhase)
OUTCOMES = ("Running", "Succeeded", "Failed", "GivenUp")
UNMEASURED = {
    "membersReady": "it is clusterNodes of expectedNodes",
    "settingsChanges": "what was set from what to what is text, and a mark in charts",
}
"""Fields of the status that are no metric of their own, and why."""


def _gauge(name: str, says: str, path: str, *labels: str, how: As = As.NUMBER, scale: float = 1.0, each: int = 0) -> Metric:
    return Metric(f"moorage_{name}", Kind.GAUGE, says, (Source(path, how=how, scale=scale, each=each),), labels)


def _moment(name: str, says: str, path: str, *labels: str, each: int = 0) -> Metric:
    return _gauge(f"{name}_timestamp_seconds", says, path, *labels, how=As.TIME, each=each)


def _states(name: str, says: str, path: str, states: tuple[str, ...], *labels: str) -> Metric:
    return Metric(f"moorage_{name}", Kind.GAUGE, says, (Source(path, how=As.EACH_STATE, states=states),), labels)


def _info(name: str, says: str, path: str, /, **texts: str) -> Metric:
    """`texts`: label → path below `path`."""
    source = Source(path, how=As.TEXTS, texts=tuple(texts.values()))
    return Metric(f"moorage_{name}_info", Kind.GAUGE, f"{says}; always 1.", (source,), tuple(texts))


SERVICE = (
    _info(
        "service", "What the service is", "service",
        engine="spec.engine", version="status.version", compatibility="status.compatibility", volume_type="status.volumeType",
    ),
    _info(
        "service_endpoint", "How the service is reached", "service.status",
        host="endpoints.host", port="endpoints.port", replicas="endpoints.replicas", credentials="endpoints.secretName",
        binding="binding.name", selector="selector",
    ),
    _states("service_health", "1 for the colour of the service.", "service.status.healthCluster", HEALTH, "health"),
    _info("service_health_message", "Why the service has its colour", "service.status", message="healthMsg"),
    Metric(
        "moorage_service_condition", Kind.GAUGE, "The conditions of the service, as they are; always 1.",
        (Source("service.status.conditions.*", how=As.TEXTS, texts=("status", "reason"), each=len(ConditionType)),),
        ("condition", "status", "reason"),
    ),
    _gauge("service_members_expected", "Members that there should be.", "service.status.expectedNodes"),
    _gauge("service_members_normal", "Members with which nothing is abnormal.", "service.status.clusterNodes"),
    _gauge("service_primary", "The primary; always 1.", "service.status.primary", "member", how=As.STATE),
    _gauge("service_generation", "Generation of the volumes and Pods; a restore in place makes a new one.",
        "service.status.generation"),
    _gauge("service_spec_generation", "Which change of the spec is the newest.", "service.metadata.generation"),
    _gauge("service_observed_generation", "Which change of the spec was looked at.", "service.status.observedGeneration"),
    _gauge("service_volume_size_bytes", "Size of the largest volume as it was asked for.", "service.status.volumeSize"),
    _gauge("service_writes_stopped", "1 while applications may read and not write.", "service.status.areWritesStopped"),
    _gauge("service_protected", "1 when the API server refuses to delete the service.", "service.spec.protected"),
    _moment("service_certificate_expiry", "When the members' certificate ends; it is renewed long before.", "certificate.ends"),
)  # fmt: skip

MEMBERS = (
    _states("service_member_health", "1 for the colour of the member.",
        "service.status.healthInstances.*", HEALTH, "member", "health"),
    _gauge("service_member_info", "The Pod of the member; always 1.", "pods.*", "member", "pod", how=As.STATE),
    _gauge("service_member_volume_size_bytes", "What may be used of the member's volume, rounded.",
        "service.status.volumes.*.sizeMib",
        "member", scale=2**20),
    _gauge("service_member_volume_used_ratio", "How much of the member's volume is used, rounded.",
        "service.status.volumes.*.usedPercent",
        "member", scale=0.01),
    _gauge("service_member_volume_full_in_seconds", "When it will be full at the present rate; not there when that is far ahead.",
        "service.status.volumes.*.fullInHours", "member", scale=3600),
    _states("service_member_volume_level", "1 for what the room that is left calls for.",
        "service.status.volumes.*.level", LEVELS,
        "member", "level"),
)  # fmt: skip

WORK = (
    _gauge("service_repairing", "What is being repaired or changed; `no-op`: nothing. Always 1.", "service.status.isRepairing",
        "kind", how=As.STATE),
    _info("service_step", "What Moorage does or waits for", "service.status.repair", action="action", reason="reason"),
    _moment("service_step_start", "Since when it does or waits for that.", "service.status.repair.since"),
    _gauge("service_step_facts", "How many things are seen of abnormal members (`moorage why`).",
        "service.status.repair.facts", how=As.COUNT),
    _gauge("service_step_rejected", "How many other steps could be taken and are not (`moorage why`).",
        "service.status.repair.rejected",
        how=As.COUNT),
    _moment("service_repair_start", "When the newest repair with this outcome began.", "repairs.*.startTime", "outcome",
        each=len(OUTCOMES)),
    _moment("service_repair_end", "When the newest repair with this outcome ended.", "repairs.*.endTime", "outcome",
        each=len(OUTCOMES)),
    _gauge("service_repairs", "Of the last 50 repairs those with this outcome.",
        "repairs.*.count", "outcome", each=len(OUTCOMES)),
    _gauge("service_maintenance", "1 while nothing is repaired or rolled out because a person asked for it.", "maintenance"),
    _moment("service_maintenance_until", "When the maintenance ends.", "service.status.maintenance.until"),
    _info("service_maintenance", "Why there is maintenance", "service.status.maintenance", reason="reason"),
    _moment("service_drill_start", "When the last drill began.", "drill.startTime"),
    _info("service_drill", "The last drill", "drill", kind="kind", phase="phase", member="member"),
    _gauge("service_drill_green_seconds", "How long the last drill took until no member was abnormal.", "drill.secondsToGreen"),
    _gauge("service_drill_gap_seconds", "Longest time in the last drill in which no write was acknowledged.", "drill.gapSeconds"),
    _gauge("service_drill_lost_writes", "Acknowledged writes that the last drill lost.", "drill.lost"),
    _gauge("service_init_phase", "Where the first deployment stands; always 1.",
        "service.status.init.phase", "phase", how=As.STATE),
    _info("service_init_message", "What the first deployment says", "service.status.init", message="msg"),
    _moment("service_init_start", "When the first deployment began.", "service.status.init.startTime"),
    _moment("service_init_end", "When the service was green for the first time.", "service.status.init.endTime"),
)  # fmt: skip

BACKUP = (
    _gauge("service_backup_enabled", "1 when backups are taken by schedule.", "service.spec.backup.enabled"),
    _gauge("service_backup_phase", "Where the backup that runs or ran last stands; always 1.", "service.status.backup.phase",
        "phase", how=As.STATE),
    _info("service_backup", "The backup that runs or ran last", "service.status.backup",
        name="name", store="store", task="taskId", message="msg"),
    _moment("service_backup_start", "When the backup that runs or ran last began.", "service.status.backup.startTime"),
    _moment("service_backup_end", "When the backup that ran last ended.", "service.status.backup.endTime"),
    _gauge("service_backup_retention_seconds", "How long it is kept.", "service.status.backup.reservedDays", scale=86_400),
    _moment("service_backup_last_success", "When the newest good backup ended.", "service.status.backup.lastSuccess"),
    _moment("service_backup_last_verified", "When the newest good backup was verified by a rehearsal.",
        "service.status.backup.lastVerified"),
    _moment("service_backup_next_run", "When the next backup is due.", "service.status.backup.nextRun"),
    _gauge("service_backup_last_failed", "1 when the backup that ended last failed, also while another one runs.",
        "backups.lastFailed"),
    _gauge("service_backups", "Backups that there are, by where they stand.", "backups.phases.*", "phase", each=len(PHASES)),
    _gauge("service_backups_stored_bytes", "What all of its backups take in their stores.", "backups.storedBytes"),
    _gauge("service_backup_size_bytes", "What the newest good backup takes in its store.", "backups.newest.sizeBytes"),
    _gauge("service_backup_raw_bytes", "What the engine gave for the newest good backup.", "backups.newest.rawBytes"),
    _gauge("service_backup_duration_seconds", "How long the newest good backup took.", "backups.newest.seconds"),
    _gauge("service_backup_restore_seconds", "How long the newest rehearsal's restore took.", "backups.restoreSeconds"),
    _moment("service_window_start", "The first moment that can be restored.", "service.status.window.start"),
    _moment("service_window_end", "The last moment that can be restored.", "service.status.window.end"),
    _gauge("service_window_gaps", "Times within it that cannot be restored.", "service.status.window.gaps", how=As.COUNT),
    _moment("service_window_gap_end", "When the newest of them ended.", "gap.end"),
)  # fmt: skip

RESTORE = (
    _gauge("service_restore_phase", "Where the restore that runs or ran last stands; always 1.", "service.status.restore.phase",
        "phase", how=As.STATE),
    _info("service_restore", "The restore that runs or ran last", "service.status.restore", name="name", message="msg"),
    _moment("service_restore_start", "When it began.", "service.status.restore.startTime"),
    _moment("service_restore_end", "When it ended.", "service.status.restore.endTime"),
    _moment("service_restore_undo_until", "Until when the data of before can be had back.", "service.status.restore.undoUntil"),
    _gauge("service_restore_total_bytes", "What the newest restore has to bring back.", "restore.rawBytes"),
    _gauge("service_restore_done_bytes", "What of it is there already.", "restore.bytesDone"),
    _gauge("service_restore_serving_seconds", "How long the newest restore took until the data served.",
        "restore.restoreSeconds"),
)  # fmt: skip

METRICS: tuple[Metric, ...] = (*SERVICE, *MEMBERS, *WORK, *BACKUP, *RESTORE)

STORE: tuple[Metric, ...] = (
    _gauge("store_phase", "Whether the store can be used; always 1.", "status.phase", "phase", how=As.STATE),
    _moment("store_checked", "When the store was last found to be so.", "status.checked"),
    _gauge("store_services", "Services that the store holds backups of.", "status.services", how=As.COUNT),
    _info("store_message", "What the last check of the store says", "status", message="message"),
)
"""Of a BackupStore, with the labels `namespace` and `store`."""
