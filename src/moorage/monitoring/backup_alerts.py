"""Alerts about backups, the archived log and stores. Pure."""

from moorage.core.alerts import Alert, Said, Scope, Severity, of_service

_UNHEALTHY = 'moorage_service_condition{condition="BackupHealthy", status="False", reason=~"REASONS"}'
_LOOK = "- `moorage backups NAME` shows every backup with its message; `moorage stores` whether the store answers."
_LOOK_ZH = "- `moorage backups NAME` 会列出每个备份及其信息；`moorage stores` 会说明仓库是否应答。"

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
        zh=Said(
            summary="$subject 已有两个备份周期没有可用备份",
            meaning="没有执行备份、每次都失败，或备份计划无法使用。",
            impact="若所有成员丢失或有人误操作，只能恢复到更旧的数据，甚至无法恢复。",
            moorage="错过的备份会补做，并在下一次继续尝试。最新的可用备份绝不会被删除。",
            you=_LOOK_ZH + "\n- 原因消除后执行：`moorage backup NAME`。",
        ),
    ),
    Alert(
        "MoorageBackupFailed", Severity.WARNING, Scope.SERVICE,
        expr=of_service("moorage_service_backup_last_failed") + " == 1",
        summary="the last backup of $subject failed",
        meaning="The backup that ended last is no good one.",
        impact="None yet: the one before is kept.",
        moorage="It tries again at the next run of the schedule.",
        you=_LOOK,
        zh=Said(
            summary="$subject 的最近一次备份失败",
            meaning="最近结束的备份不可用。",
            impact="目前没有影响：上一个备份仍保留。",
            moorage="下一次计划时间会重试。",
            you=_LOOK_ZH,
        ),
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
        zh=Said(
            summary="$subject 的备份未通过恢复验证",
            meaning="恢复验证发现缺失，或已有两个周期没有完成验证。",
            impact="无法确定恢复能带回全部数据。",
            moorage="它会验证下一个备份。未通过验证的备份不算可用，也不会因它而删除任何备份。",
            you="- `moorage backups NAME` 会说明验证发现了什么，或为何没有验证：多半是没有节点有足够空间。",
        ),
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
        zh=Said(
            summary="$subject 的日志已半小时没有归档",
            meaning="最近可恢复的时刻在 30 分钟以前；正常不超过 10 分钟。",
            impact="此后写入的数据无法恢复。",
            moorage="只要引擎仍保留那部分日志，归档就会从停下的地方继续。",
            you=_LOOK_ZH,
        ),
    ),
    Alert(
        "MoorageLogGap", Severity.WARNING, Scope.SERVICE,
        expr=f"time() - {of_service('moorage_service_window_gap_end_timestamp_seconds')} < 6 * 3600",
        summary="a part of the log of $subject was lost",
        meaning="A part of the engine's log was not archived before the engine let go of it.",
        impact="Moments within the gap cannot be restored; those before and after it can.",
        moorage="It archives from the end of the gap on; the next backup leads across it.",
        you="- `moorage backups NAME` shows the gap. A larger log of the engine bridges longer outages of the store.",
        zh=Said(
            summary="$subject 丢失了一段日志",
            meaning="引擎的一段日志在归档之前已被引擎清除。",
            impact="缺口内的时刻无法恢复；缺口前后仍可恢复。",
            moorage="它从缺口之后继续归档；下一个备份会跨过缺口。",
            you="- `moorage backups NAME` 会显示缺口。调大引擎日志可以承受备份仓库更久的中断。",
        ),
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
        zh=Said(
            summary="$subject 的一次恢复失败",
            meaning="最近一小时内失败。",
            impact="原地恢复：服务继续使用原有数据。恢复到新服务：没有产生新服务。",
            moorage="一切保持恢复之前的样子。",
            you="- `moorage restores NAME` 会说明原因。",
        ),
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
        zh=Said(
            summary="备份仓库 $subject 不可用",
            meaning="最近一次检查失败，且已持续十分钟。",
            impact="无法备份、无法归档日志，也无法从中恢复。",
            moorage="它会反复检查；只要引擎仍保留日志，归档就会从停下的地方继续。",
            you="- `moorage stores` 会显示仓库的回答：路由、证书、密钥或存储桶。",
        ),
    ),
)  # fmt: skip
