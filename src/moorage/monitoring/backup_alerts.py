"""Alerts about backups, the archived log and stores. Pure."""

from moorage.core.alerts import Alert, Scope, Severity, of_service

_UNHEALTHY = 'moorage_service_condition{condition="BackupHealthy", status="False", reason=~"REASONS"}'
_LOOK = "- `moorage backups NAME` shows every backup with its message; `moorage stores` whether the store answers."

BACKUPS = (
    Alert(
        "MoorageBackupMissed", Severity.CRITICAL, Scope.SERVICE,
        expr=of_service(_UNHEALTHY.replace("REASONS", "TooOld|ScheduleUnusable")),
        for_seconds=5 * 60,
        summary="$subject has had no good backup for two periods of its schedule",
        meaning="No backup was taken, each one failed, or the schedule cannot be used.",
        impact="After a loss of all members, or a mistake of a person, older data would come back, or none.",
        moorage="It takes a run that was missed later, and tries again at the next one. The newest good backup is never deleted.",
        you=_LOOK + "\n- When the cause is gone: `moorage backup NAME`.",
    ),
    Alert(
        "MoorageBackupFailed", Severity.WARNING, Scope.SERVICE,
        expr=of_service('moorage_service_backup_phase{phase="Failed"}'),
        summary="the last backup of $subject failed",
        meaning="The newest backup is no good one.",
        impact="None yet: the one before is kept.",
        moorage="It tries again at the next run of the schedule.",
        you=_LOOK,
    ),
    Alert(
        "MoorageBackupNotVerified", Severity.WARNING, Scope.SERVICE,
        expr=of_service(_UNHEALTHY.replace("REASONS", "NotVerified")),
        for_seconds=5 * 60,
        summary="the backups of $subject were not found good by a rehearsal",
        meaning="A rehearsal found something missing, or none has come to its end for two periods.",
        impact="Nobody knows that a restore would bring everything back.",
        moorage="It rehearses the next one. A backup that failed its rehearsal is not counted as good and nothing is "
        "deleted for it.",
        you="- `moorage backups NAME` says what the rehearsal found, or why there was none: most often no node has room for it.",
    ),
    Alert(
        "MoorageLogBehind", Severity.WARNING, Scope.SERVICE,
        expr=f"time() - {of_service('moorage_service_window_end_timestamp_seconds')} > 1800",
        for_seconds=5 * 60,
        summary="the log of $subject has not been archived for half an hour",
        meaning="The last moment that can be restored is more than 30 minutes ago; normal are 10 at most.",
        impact="What was written since then could not be brought back.",
        moorage="Its worker goes on where it stopped, for as long as the engine still has that part of its log.",
        you=_LOOK,
    ),
    Alert(
        "MoorageLogGap", Severity.WARNING, Scope.SERVICE,
        expr=f"time() - {of_service('moorage_service_window_gap_end_timestamp_seconds')} < 6 * 3600",
        summary="a part of the log of $subject was lost",
        meaning="A part of the engine's log was not archived before the engine let go of it.",
        impact="Moments within the gap cannot be restored; those before and after it can.",
        moorage="It archives from the end of the gap on; the next backup leads across it.",
        you="- `moorage backups NAME` shows the gap. A larger log of the engine bridges longer outages of the store.",
    ),
    Alert(
        "MoorageRestoreFailed", Severity.WARNING, Scope.SERVICE,
        expr=(
            f"(time() - {of_service('moorage_service_restore_end_timestamp_seconds')} < 3600) and on (namespace, service) "
            + of_service('moorage_service_restore_phase{phase="Failed"}')
        ),
        summary="a restore of $subject failed",
        meaning="It ended within the last hour.",
        impact="In place: the service goes on with the data that it had. Beside: there is no new service.",
        moorage="It left everything as it was before.",
        you="- `moorage restores NAME` says why.",
    ),
)  # fmt: skip

STORES = (
    Alert(
        "MoorageStoreNotReady", Severity.WARNING, Scope.STORE,
        expr='max by (namespace, store) (moorage_store_phase{phase="NotReady"})',
        for_seconds=10 * 60,
        summary="the backup store $subject cannot be used",
        meaning="The last check of the store failed, and has done so for ten minutes.",
        impact="No backup is taken, no log is archived, nothing can be restored from there.",
        moorage="It looks again and again; logs are archived from where they stopped, as long as the engines still have them.",
        you="- `moorage stores` says what the store answers: the route, the certificate, the keys or the bucket.",
    ),
)  # fmt: skip
