"""Backups, archived logs, restores and stores. Pure."""

from moorage.core.panels import BY_SERVICE, OF_FLEET, About, Dashboard, Draw, Panel, Query, Row, Step, Unit, Words, gauge, line
from moorage.monitoring.panels.service import columns

_BY = "namespace, service"
_STATE = (Step(0, "green"), Step(1, "red"))


def _of(metric: str, matchers: str = "", by: str = _BY) -> str:
    return gauge(metric, matchers, by, OF_FLEET)


def _age(name: str) -> str:
    return f"time() - {_of(f'moorage_service_{name}_timestamp_seconds')}"


def _each(expr: str) -> tuple[Query, ...]:
    return (line(expr, BY_SERVICE),)


_UNHEALTHY = 'condition="BackupHealthy", status="False"'
_UNUSABLE = 'phase="NotReady"'
_DONE, _ALL = _of("moorage_service_restore_done_bytes"), _of("moorage_service_restore_total_bytes")

_GLANCE = Row(
    Words("At a glance", "概览"),
    (
        Panel(
            Words("Without a good backup", "缺少可用备份"),
            (line(f"sum({_of('moorage_service_condition', _UNHEALTHY)}) or vector(0)", Words("services", "服务数")),),
            draw=Draw.NUMBER, steps=_STATE, width=6,
        ),
        Panel(
            Words("Stores that cannot be used", "不可用的备份仓库"),
            (line(f"sum({_of('moorage_store_phase', _UNUSABLE, 'namespace, store')}) or vector(0)", Words("stores", "仓库数")),),
            draw=Draw.NUMBER, steps=_STATE, width=6,
        ),
        Panel(
            Words("Backups", "备份数"), (line(f"sum({_of('moorage_service_backups')})", Words("backups", "备份数")),),
            draw=Draw.NUMBER, width=6,
        ),
        Panel(
            Words("Stored", "已存储"), (line(f"sum({_of('moorage_service_backups_stored_bytes')})", Words("bytes", "字节")),),
            Unit.BYTES, Draw.NUMBER, width=6,
        ),
        Panel(
            Words("Services", "服务"),
            columns(
                (Words("age of the newest good backup", "距最近可用备份"), _age("backup_last_success"), Unit.SECONDS),
                (Words("age of the newest rehearsal", "距最近恢复验证"), _age("backup_last_verified"), Unit.SECONDS),
                (Words("log archived until, ago", "日志归档滞后"), _age("window_end"), Unit.SECONDS),
                (Words("gaps", "缺口"), _of("moorage_service_window_gaps"), Unit.NUMBER),
                (Words("size", "大小"), _of("moorage_service_backup_size_bytes"), Unit.BYTES),
                (Words("took", "耗时"), _of("moorage_service_backup_duration_seconds"), Unit.SECONDS),
                (Words("a restore took", "恢复耗时"), _of("moorage_service_backup_restore_seconds"), Unit.SECONDS),
            ),
            draw=Draw.TABLE, rows=("namespace", "service"), width=24,
        ),
    ),
)  # fmt: skip

_TIME = Row(
    Words("Over time", "趋势"),
    (
        Panel(Words("Age of the newest good backup", "距最近可用备份"), _each(_age("backup_last_success")), Unit.SECONDS),
        Panel(
            Words("Age of the archived log", "日志归档滞后"), _each(_age("window_end")), Unit.SECONDS,
            says=Words("What was written since then could not be brought back; normal are 10 minutes at most.",
                "此后写入的数据无法恢复；正常不超过 10 分钟。"),
        ),
        Panel(
            Words("Time that can be restored", "可恢复的时间范围"),
            _each(f"{_of('moorage_service_window_end_timestamp_seconds')} - "
                f"{_of('moorage_service_window_start_timestamp_seconds')}"),
            Unit.SECONDS,
        ),
        Panel(Words("Stored for a service", "各服务占用"), _each(_of("moorage_service_backups_stored_bytes")), Unit.BYTES),
        Panel(Words("Size of a backup", "备份大小"), _each(_of("moorage_service_backup_size_bytes")), Unit.BYTES),
        Panel(
            Words("Made smaller to", "压缩后占比"),
            _each(f"{_of('moorage_service_backup_size_bytes')} / ({_of('moorage_service_backup_raw_bytes')} > 0)"), Unit.SHARE,
        ),
        Panel(Words("Duration of a backup", "备份耗时"), _each(_of("moorage_service_backup_duration_seconds")), Unit.SECONDS),
        Panel(
            Words("Duration of a rehearsal's restore", "恢复验证耗时"), _each(_of("moorage_service_backup_restore_seconds")),
            Unit.SECONDS, says=Words("How long a real restore would take.", "真实恢复大约需要的时间。"),
        ),
        Panel(Words("Restores: what is there already", "恢复进度"), _each(f"{_DONE} / ({_ALL} > 0)"), Unit.SHARE),
        Panel(
            Words("Failed backups that are kept", "保留的失败备份"),
            _each(_of("moorage_service_backups", 'phase="Failed"')),
        ),
        Panel(
            Words("Stores", "备份仓库"),
            (line(_of("moorage_store_phase", by="namespace, store, phase"), "{{namespace}}/{{store}}: {{phase}}"),),
            draw=Draw.STATES, names=((1, Words("now", "当前"), "blue"),), width=16,
        ),
    ),
)  # fmt: skip

BACKUPS = Dashboard("moorage-backups", Words("Backups", "备份"), About.FLEET, (_GLANCE, _TIME))
