"""Alerts that only MySQL has. Pure."""

from moorage.core.alerts import Alert, Scope, Severity, of_member, share

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
    ),
)  # fmt: skip
