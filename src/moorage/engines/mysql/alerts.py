"""Alerts that only MySQL has. Pure."""

from moorage.core.alerts import Alert, Said, Scope, Severity, of_member, share

_OPEN = share('moorage_mysql_connections{state="open"}', 'moorage_mysql_connections{state="free"}')

ALERTS = (
    Alert(
        "MoorageMysqlLag", Severity.WARNING, Scope.MEMBER,
        expr=f"{of_member('moorage_mysql_replication_lag_seconds')} > 30",
        for_seconds=2 * 60,
        summary="$subject is more than 30 s behind its group",
        meaning="It applies the group's transactions more slowly than they come.",
        impact="Reads from this member are old. As a new primary it would first have to catch up.",
        moorage="The group slows its writers down when the queue grows; nobody hands over to a member that is behind.",
        you="- Look at its disk and its processors, and for tables without a primary key: they are applied row by row.",
        zh=Said(
            summary="$subject 落后其复制组超过 30 秒",
            meaning="它应用组内事务的速度跟不上事务到来的速度。",
            impact="从该成员读到的是旧数据；若成为新主节点，需要先追上。",
            moorage="队列增长时复制组会限制写入；不会移交给落后的成员。",
            you="- 检查其磁盘和 CPU，以及没有主键的表：它们按行应用。",
        ),
    ),
    Alert(
        "MoorageMysqlConnections", Severity.WARNING, Scope.MEMBER,
        expr=f"{_OPEN} > 0.85",
        for_seconds=5 * 60,
        summary="$subject has used more than 85 % of its connections",
        meaning="Most connections that there may be are open.",
        impact="New connections are refused once all are (`Too many connections`).",
        moorage="Its own connections are few and stand already.",
        you="- Look for an application that opens connections and keeps them.\n- Or raise the parameter `max_connections`.",
        zh=Said(
            summary="$subject 已使用超过 85 % 的连接",
            meaning="允许的连接大多已被占用。",
            impact="全部用完后新连接会被拒绝（`Too many connections`）。",
            moorage="它自身的连接很少，且已建立。",
            you="- 检查是否有应用只建立连接而不释放。\n- 或调大参数 `max_connections`。",
        ),
    ),
)  # fmt: skip
