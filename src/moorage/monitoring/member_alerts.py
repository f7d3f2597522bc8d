"""Alerts about one member, of any engine. They are muted while the whole service is red. Pure."""

from moorage.core.alerts import Alert, Said, Scope, Severity, of_member, of_service

_BY, _BY_MEMBER = "on (namespace, service)", "on (namespace, service, pod)"
_FULL_IN = of_member("moorage_volume_full_in_seconds")
_USED_MUCH = (
    f"({of_member('moorage_volume_size_bytes')} - {of_member('moorage_volume_free_bytes')})"
    f" / {of_member('moorage_volume_size_bytes')} >= 0.7"
)
"""A volume that was empty an hour ago fills fast, and alarms nobody."""
_EXPECTED = of_service("moorage_service_members_expected")
_MEASURED = f"count by (namespace, service) ({of_member('moorage_agent_start_timestamp_seconds')})"
_ABNORMAL = of_service('moorage_service_health{health=~"red|yellow"}') + " == 1"

_MAKE_ROOM = (
    "- Raise `spec.storage.size`, or allow `spec.storage.autoGrow`: volumes grow while they are in use.\n"
    "- Or delete data; whole databases and collections give room back at once."
)
_MAKE_ROOM_ZH = (
    "- 调大 `spec.storage.size`，或允许 `spec.storage.autoGrow`：卷可以在使用中扩容。\n- 或删除数据；整库、整集合删除会立"
    "即释放空间。"
)

MEMBERS = (
    Alert(
        "MoorageDiskFull", Severity.CRITICAL, Scope.MEMBER,
        expr=of_member('moorage_volume_level{level="full"}') + " == 1",
        for_seconds=30,  # the agent tells it before the operator tells that writes are stopped, which says more
        summary="the volume of $subject is full",
        meaning="What is left of the volume is kept for what the engine must still write.",
        impact="When too few members have room, the service takes no more writes.",
        moorage="It keeps room aside for repair, moves the primary to a member with room, and stops an engine before it "
        "dies of it.",
        you=_MAKE_ROOM,
        zh=Said(
            summary="$subject 的数据卷已满",
            meaning="剩余空间已预留给引擎必须写入的内容。",
            impact="当有空间的成员太少时，服务将停止写入。",
            moorage="它为修复预留空间，把主节点移到有空间的成员上，并在引擎因写满而崩溃之前停止它。",
            you=_MAKE_ROOM_ZH,
        ),
    ),
    Alert(
        "MoorageDiskFullIn4h", Severity.CRITICAL, Scope.MEMBER,
        expr=f"({_FULL_IN} <= 4 * 3600) and {_BY_MEMBER} ({_USED_MUCH})",
        for_seconds=5 * 60,
        summary="the volume of $subject will be full within 4 hours",
        meaning="At the rate of the last hour or the last six, whichever is lower.",
        impact="None yet.",
        moorage="It lets the volume grow where `storage.autoGrow` allows it.",
        you=_MAKE_ROOM,
        zh=Said(
            summary="$subject 的数据卷将在 4 小时内写满",
            meaning="按最近一小时与六小时中较低的速率估算。",
            impact="目前没有影响。",
            moorage="在 `storage.autoGrow` 允许时自动扩容。",
            you=_MAKE_ROOM_ZH,
        ),
    ),
    Alert(
        "MoorageDiskFullIn24h", Severity.WARNING, Scope.MEMBER,
        expr=f"({_FULL_IN} <= 24 * 3600) and {_BY_MEMBER} ({_USED_MUCH})",
        for_seconds=15 * 60,
        summary="the volume of $subject will be full within a day",
        meaning="At the rate of the last hour or the last six, whichever is lower.",
        impact="None yet.",
        moorage="It lets the volume grow where `storage.autoGrow` allows it.",
        you=_MAKE_ROOM,
        zh=Said(
            summary="$subject 的数据卷将在一天内写满",
            meaning="按最近一小时与六小时中较低的速率估算。",
            impact="目前没有影响。",
            moorage="在 `storage.autoGrow` 允许时自动扩容。",
            you=_MAKE_ROOM_ZH,
        ),
    ),
    Alert(
        "MoorageOutOfMemory", Severity.WARNING, Scope.MEMBER,
        expr=of_member("increase(moorage_container_out_of_memory_kills_total[15m])") + " > 0",
        summary="the engine of $subject ran out of memory and was killed",
        meaning="The kernel ended it within the last 15 minutes.",
        impact="A primary that is killed costs a fail-over; a member that is killed again and again never catches up.",
        moorage="It hands over at once and starts the engine again, more slowly each time.",
        you="- Raise `spec.resources.memory`: the members are replaced one by one.\n"
        "- Look for statements that sort or join without an index.",
        zh=Said(
            summary="$subject 的引擎因内存不足被终止",
            meaning="最近 15 分钟内被内核终止。",
            impact="若是主节点，会发生一次切换；若成员反复被终止，将始终无法追上。",
            moorage="立即移交主节点，并重新启动引擎，间隔逐次加长。",
            you="- 调大 `spec.resources.memory`，成员会逐个替换。\n- 检查没有索引的排序或关联语句。",
        ),
    ),
    Alert(
        "MoorageEngineNotMeasured", Severity.WARNING, Scope.MEMBER,
        expr=f"({of_member('moorage_engine_running')} == 1) and {_BY_MEMBER} ({of_member('moorage_engine_measured')} == 0)",
        for_seconds=10 * 60,
        summary="the engine of $subject does not say its metrics",
        meaning="It runs, and has not answered its agent's questions in time for ten minutes.",
        impact="It may be overloaded: alerts that need its metrics are silent.",
        moorage="It watches; a member that serves nobody is not healthy and is repaired as such.",
        you="- The agent's log says why (`engine_not_measured`): `moorage logs NAME MEMBER`.",
        zh=Said(
            summary="$subject 的引擎没有返回指标",
            meaning="引擎在运行，但已十分钟没有及时回答 Agent 的询问。",
            impact="可能已过载：依赖其指标的告警不会触发。",
            moorage="它持续观察；不能提供服务的成员会被判为异常并修复。",
            you="- Agent 的日志会说明原因（`engine_not_measured`）：`moorage logs NAME MEMBER`。",
        ),
    ),
    Alert(
        "MoorageMembersNotMeasured", Severity.WARNING, Scope.SERVICE,
        expr=f"(({_EXPECTED} > {_BY} {_MEASURED}) or ({_EXPECTED} > 0 unless {_BY} {_MEASURED})) unless {_BY} ({_ABNORMAL})",
        for_seconds=10 * 60,
        summary="not all members of $subject are scraped",
        meaning="The service is well, and Prometheus has no metrics of some member's agent.",
        impact="Alerts about disks, lag and connections are silent for that member.",
        moorage="Nothing: it does not depend on Prometheus.",
        you="- Look at Prometheus's targets: port `agent` of Pods with `app.kubernetes.io/part-of: moorage`.\n"
        "- A NetworkPolicy may keep Prometheus out.",
        zh=Said(
            summary="$subject 有成员未被采集",
            meaning="服务正常，但 Prometheus 没有某个成员 Agent 的指标。",
            impact="该成员的磁盘、延迟和连接告警不会触发。",
            moorage="不做处理：它不依赖 Prometheus。",
            you="- 检查 Prometheus 的采集目标：带有 `app.kubernetes.io/part-of: moorage` 的 Pod 的端口 `agent`。\n- 可能是"
            " NetworkPolicy 挡住了 Prometheus。",
        ),
    ),
)  # fmt: skip
