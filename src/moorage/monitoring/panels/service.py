"""What is looked at of a service, whatever its engine is. Pure."""

from moorage.core.panels import OF_SERVICE, Draw, Mark, Panel, Query, Row, Step, Unit, Words, gauge, line, rate

HEALTH = (
    (0, Words("green", "健康"), "green"),
    (1, Words("yellow", "亚健康"), "yellow"),
    (2, Words("unknown", "未知"), "text"),
    (3, Words("red", "不可用"), "red"),
)
"""A larger number is worse."""
FULL = (Step(0, "green"), Step(0.7, "yellow"), Step(0.9, "red"))
IS_AMISS = (Step(0, "green"), Step(1, "red"))


def colour(metric: str, by: str, of: str = OF_SERVICE) -> str:
    """0 to 3, as in HEALTH."""
    worth = {"green": 0, "yellow": 1, "unknown": 2, "red": 3}
    return " or ".join(f"(({gauge(metric, _health(name), by, of)} == 1) * {value})" for name, value in worth.items())


def _health(name: str) -> str:
    return f'health="{name}"'


def fail_over(within: str) -> str:
    """Has a value where there was another election since this time before."""
    return (
        f"({gauge('moorage_member_term', by='namespace, service')} > "
        f"(max by (namespace, service) (moorage_member_term{{{OF_SERVICE}}} offset {within}) > 0)) "
        f"and on (namespace, service) ({gauge('moorage_service_members_expected', by='namespace, service')} > 1)"
    )


MARKS = (
    Mark(Words("fail-over", "主节点切换"), fail_over("1m"), False, "orange"),
    Mark(Words("repair began", "开始修复"),
        f"{gauge('moorage_service_repair_start_timestamp_seconds', by='outcome')} * 1000", True, "purple"),
    Mark(Words("backup ended", "备份结束"),
        f"{gauge('moorage_service_backup_end_timestamp_seconds', by='service')} * 1000", True, "blue"),
    Mark(Words("restore ended", "恢复结束"),
        f"{gauge('moorage_service_restore_end_timestamp_seconds', by='service')} * 1000", True, "green"),
)  # fmt: skip

_PRIMARY = gauge("moorage_member_role", 'role="primary"')

STATE = Row(
    Words("State", "状态"),
    (
        Panel(
            Words("Health", "健康状态"),
            (line(colour("moorage_service_health", "service"), Words("service", "服务")),
                line(colour("moorage_service_member_health", "member"), "{{member}}")),
            draw=Draw.STATES, names=HEALTH, width=16,
        ),
        Panel(
            Words("Normal members", "正常成员"),
            (line(gauge("moorage_service_members_normal", by="service"), Words("normal", "正常")),
                line(gauge("moorage_service_members_expected", by="service"), Words("expected", "期望"))),
            draw=Draw.NUMBER, width=4,
        ),
        Panel(
            Words("Age of the last good backup", "距上次成功备份"),
            (line(f"time() - {gauge('moorage_service_backup_last_success_timestamp_seconds', by='service')}",
                Words("age", "时长")),),
            Unit.SECONDS, Draw.NUMBER, width=4,
        ),
        Panel(
            Words("Who is primary", "主节点"),
            (line(f"{_PRIMARY} == 1"),),
            draw=Draw.STATES, names=((1, Words("primary", "主节点"), "blue"),), width=12,
        ),
        Panel(
            Words("What Moorage does or waits for", "Moorage 正在做什么"),
            (line(gauge("moorage_service_step_info", by="action, reason"), "{{action}}: {{reason}}"),),
            draw=Draw.STATES, names=((1, Words("now", "进行中"), "blue"),), width=12,
        ),
    ),
)  # fmt: skip

_FREE, _SIZE = gauge("moorage_volume_free_bytes"), gauge("moorage_volume_size_bytes")
_MEMORY, _MEMORY_MAX = gauge("moorage_container_memory_bytes"), gauge("moorage_container_memory_limit_bytes")

RESOURCES = Row(
    Words("Resources", "资源"),
    (
        Panel(Words("Volume used", "数据卷使用率"), (line(f"1 - {_FREE} / {_SIZE}"),), Unit.SHARE, steps=FULL),
        Panel(Words("Volume free", "数据卷剩余空间"), (line(_FREE),), Unit.BYTES),
        Panel(
            Words("Full in", "预计写满时间"), (line(gauge("moorage_volume_full_in_seconds")),), Unit.SECONDS,
            says=Words("Not there when that is days ahead.", "还有多天时不显示。"),
        ),
        Panel(
            Words("Memory used", "内存使用率"), (line(f"{_MEMORY} / {_MEMORY_MAX}"),), Unit.SHARE, steps=FULL,
            says=Words("Without the cache of files that can be given up.", "不含可回收的文件缓存。"),
        ),
        Panel(
            Words("Processors used", "CPU 使用"), (line(rate("moorage_container_cpu_seconds_total")),
                line(gauge("moorage_container_cpu_limit_cores", by="service"), Words("limit", "上限"))),
            says=Words("Processors that are busy.", "占用的核数。"),
        ),
        Panel(
            Words("Held back for want of processors", "CPU 受限时间占比"),
            (line(rate("moorage_container_cpu_throttled_seconds_total")),), Unit.SHARE,
            says=Words("Share of the time. Above 0.1 statements are slower than they need be.", "超过 0.1 时语句会变慢。"),
        ),
        Panel(
            Words("Killed for want of memory", "内存不足被终止"),
            (line(f"sum by (pod) (increase(moorage_container_out_of_memory_kills_total{{{OF_SERVICE}}}[1h]))"),),
            says=Words("Within the hour before.", "此前一小时内。"), steps=IS_AMISS,
        ),
        Panel(
            Words("Engine starts", "引擎启动次数"),
            (line(f"sum by (pod) (increase(moorage_engine_starts_total{{{OF_SERVICE}}}[1h]))"),),
            says=Words("Within the hour before.", "此前一小时内。"),
        ),
        Panel(
            Words("Election term", "选举任期"), (line(gauge("moorage_member_term")),),
            says=Words("It rises with every primary.", "每次产生新主节点时增加。"),
        ),
    ),
)  # fmt: skip


def columns(*queries: tuple[Words, str, Unit]) -> tuple[Query, ...]:
    """Of a table."""
    return tuple(Query(expr, head, unit) for head, expr, unit in queries)
