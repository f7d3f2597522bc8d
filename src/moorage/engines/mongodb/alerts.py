"""Alerts that only MongoDB has. Pure."""

from moorage.core.alerts import Alert, Scope, Severity, of_member, share

_LAG = of_member("moorage_mongodb_replication_lag_seconds")
_WINDOW = of_member("moorage_mongodb_oplog_window_seconds")
_OPLOG_IS_FULL = f"{of_member('moorage_mongodb_oplog_used_bytes')} >= 0.9 * {of_member('moorage_mongodb_oplog_size_bytes')}"
_OPEN = share('moorage_mongodb_connections{state="open"}', 'moorage_mongodb_connections{state="free"}')

ALERTS = (
    Alert(
        "MoorageMongodbLag", Severity.WARNING, Scope.MEMBER,
        expr=f"{_LAG} > 30",
        for_seconds=2 * 60,
        summary="$subject is more than 30 s behind its primary",
        meaning="It applies what the primary writes more slowly than that is written.",
        impact="Reads from this member are old. Writes that wait for it are slow. It is a bad heir.",
        moorage="Nobody hands over to a member that is behind. One that falls out of the oplog copies everything anew.",
        you="- Look at its disk and its processors: dashboards show both beside those of its peers.\n"
        "- A burst of writes, an index that is built or a backup from this member passes by itself.",
    ),
    Alert(
        "MoorageMongodbOplogShort", Severity.WARNING, Scope.MEMBER,
        expr=f"({_WINDOW} < 3600) and on (namespace, service, pod) ({_OPLOG_IS_FULL})",
        for_seconds=10 * 60,
        summary="the oplog of $subject covers less than an hour",
        meaning="It is full, and turns over within an hour at the present rate of writes.",
        impact="A member that is away for longer copies everything; an outage of the backup store makes a gap.",
        moorage="It archives the oplog all the time, and copies members anew where it must.",
        you="- Give the oplog more room: `replSetResizeOplog` on each member, as admin.",
    ),
    Alert(
        "MoorageMongodbConnections", Severity.WARNING, Scope.MEMBER,
        expr=f"{_OPEN} > 0.85",
        for_seconds=5 * 60,
        summary="$subject has used more than 85 % of its connections",
        meaning="Most connections that there may be are open.",
        impact="New connections are refused once all are.",
        moorage="Its own connections are few and stand already.",
        you="- Look for an application that opens connections and keeps them: pools are per process.\n"
        "- More memory lets mongod take more of them.",
    ),
    Alert(
        "MoorageMongodbRolledBack", Severity.WARNING, Scope.MEMBER,
        expr=f"{of_member('increase(moorage_mongodb_rollbacks_total[1h])')} > 0",
        summary="$subject took writes back",
        meaning="It was primary, and had writes that nobody else had when another was elected. No majority had confirmed them.",
        impact="Writes with `w: 1` of the moment before the fail-over are not in the service any more.",
        moorage="They are kept on the member's volume; its status says where.",
        you="- Applications that cannot bear it write with `w: majority`, the default.",
    ),
)  # fmt: skip
