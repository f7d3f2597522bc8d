"""All services at a glance, the worst first. Pure."""

from moorage.core.panels import BY_SERVICE, OF_FLEET, About, Dashboard, Draw, Panel, Row, Step, Unit, Words, gauge, line, rate
from moorage.monitoring.panels.service import FULL, HEALTH, IS_AMISS, colour, columns

_BY, _BY_MEMBER = "namespace, service", "namespace, service, pod"
_MEMBER = "{{namespace}}/{{service}} {{pod}}"


def _of(metric: str, matchers: str = "", by: str = _BY) -> str:
    return gauge(metric, matchers, by, OF_FLEET)


def _equal(label: str, value: str) -> str:
    return f'{label}="{value}"'


def _services(health: str) -> str:
    return f"sum({_of('moorage_service_health', _equal('health', health))}) or vector(0)"


def _how_many(title: Words, expr: str, *steps: Step) -> Panel:
    return Panel(title, (line(f"count({expr}) or vector(0)", title),), draw=Draw.NUMBER, steps=steps, width=3)


_USED = f"1 - {_of('moorage_volume_free_bytes', by=_BY_MEMBER)} / {_of('moorage_volume_size_bytes', by=_BY_MEMBER)}"
_MEMORY = f"{_of('moorage_container_memory_bytes', by=_BY_MEMBER)} / {_of('moorage_container_memory_limit_bytes', by=_BY_MEMBER)}"
_NO_GOOD_BACKUP = _of("moorage_service_condition", 'condition="BackupHealthy", status="False"')
_BACKUP_AGE = f"time() - {_of('moorage_service_backup_last_success_timestamp_seconds')}"
_NOTHING, _RED, _YELLOW = Step(0, "green"), Step(1, "red"), Step(1, "yellow")

_GLANCE = Row(
    Words("At a glance", "概览"),
    (
        Panel(Words("Red", "不可用"), (line(_services("red"), Words("red", "不可用")),),
            draw=Draw.NUMBER, steps=IS_AMISS, width=3),
        Panel(Words("Yellow", "亚健康"), (line(_services("yellow"), Words("yellow", "亚健康")),), draw=Draw.NUMBER,
            steps=(_NOTHING, _YELLOW), width=3),
        Panel(Words("Unknown", "未知"), (line(_services("unknown"), Words("unknown", "未知")),), draw=Draw.NUMBER,
            steps=(_NOTHING, _YELLOW), width=3),
        Panel(Words("Green", "健康"), (line(_services("green"), Words("green", "健康")),), draw=Draw.NUMBER, width=3),
        _how_many(Words("Without a good backup", "缺少可用备份"), _NO_GOOD_BACKUP, _NOTHING, _RED),
        _how_many(Words("Volumes full within a day", "一天内写满的卷"),
            f"{_of('moorage_volume_full_in_seconds', by=_BY_MEMBER)} < 86400", _NOTHING, _YELLOW),
        _how_many(Words("Repairing or changing", "修复或变更中"), _of("moorage_service_repairing", 'kind!="no-op"')),
        _how_many(Words("In maintenance", "维护中"), f"{_of('moorage_service_maintenance')} == 1"),
    ),
)  # fmt: skip

_LIST = Row(
    Words("Services", "服务"),
    (
        Panel(
            Words("Services, the worst first", "服务（最差在前）"),
            columns(
                (Words("health", "健康"), colour("moorage_service_health", _BY, OF_FLEET), Unit.NUMBER),
                (Words("normal members", "正常成员"), _of("moorage_service_members_normal"), Unit.NUMBER),
                (Words("members", "成员"), _of("moorage_service_members_expected"), Unit.NUMBER),
                (Words("fullest volume", "最满的卷"), f"max by ({_BY}) ({_USED})", Unit.SHARE),
                (Words("age of the backup", "距上次备份"), _BACKUP_AGE, Unit.SECONDS),
            ),
            draw=Draw.TABLE, names=HEALTH, rows=("namespace", "service"), width=24,
        ),
    ),
)  # fmt: skip

_TIME = Row(
    Words("Over time", "趋势"),
    (
        Panel(
            Words("Services that are not green", "非健康的服务"),
            (line(_services("red"), Words("red", "不可用")), line(_services("yellow"), Words("yellow", "亚健康")),
                line(_services("unknown"), Words("unknown", "未知"))),
            is_stacked=True, width=12,
        ),
        Panel(
            Words("Elections within the hour before", "此前一小时的选举"),
            (line(f"changes({_of('moorage_member_term')}[1h:30s]) > 0", BY_SERVICE),), width=12,
        ),
        Panel(Words("Fullest volumes", "最满的卷"), (line(f"topk(10, {_USED})", _MEMBER),), Unit.SHARE, steps=FULL),
        Panel(Words("Most memory", "内存使用最高"), (line(f"topk(10, {_MEMORY})", _MEMBER),), Unit.SHARE, steps=FULL),
        Panel(
            Words("Busiest processors", "CPU 最忙"),
            (line(f"topk(10, {rate('moorage_container_cpu_seconds_total', by=_BY_MEMBER, of=OF_FLEET)})", _MEMBER),),
            says=Words("Processors that are busy.", "占用的核数。"),
        ),
    ),
)  # fmt: skip

FLEET = Dashboard("moorage-fleet", Words("Fleet", "全部服务"), About.FLEET, (_GLANCE, _LIST, _TIME))
