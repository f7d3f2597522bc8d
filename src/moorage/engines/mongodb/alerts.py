"""Alerts that only MongoDB has. Pure."""

from moorage.core.alerts import Alert, Said, Scope, Severity, of_member, share

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
        zh=Said(
            summary="$subject 落后主节点超过 30 秒",
            meaning="它应用写入的速度跟不上主节点。",
            impact="从该成员读到的是旧数据；等待它确认的写入会变慢；它不适合接任主节点。",
            moorage="不会移交给落后的成员。超出 oplog 范围的成员会重新复制全部数据。",
            you="- 检查其磁盘和 CPU：仪表盘可与其他成员对比。\n- 写入高峰、建索引或从该成员备份造成的延迟会自行消失。",
        ),
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
        zh=Said(
            summary="$subject 的 oplog 覆盖不足一小时",
            meaning="oplog 已满，按当前写入速率不到一小时就会循环一遍。",
            impact="离线更久的成员需要重新复制全部数据；备份仓库中断会造成日志缺口。",
            moorage="它持续归档 oplog，必要时重新复制成员。",
            you="- 调大 oplog：以 admin 身份在每个成员上执行 `replSetResizeOplog`。",
        ),
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
        zh=Said(
            summary="$subject 已使用超过 85 % 的连接",
            meaning="允许的连接大多已被占用。",
            impact="全部用完后新连接会被拒绝。",
            moorage="它自身的连接很少，且已建立。",
            you="- 检查是否有应用只建立连接而不释放：连接池是每个进程一份。\n- 增加内存可让 mongod 接受更多连接。",
        ),
    ),
    Alert(
        "MoorageMongodbRolledBack", Severity.WARNING, Scope.MEMBER,
        expr=f"{of_member('delta(moorage_mongodb_rolled_back_files[1h])')} > 0",
        summary="$subject took writes back",
        meaning="It was primary, and had writes that nobody else had when another was elected. No majority had confirmed them.",
        impact="Writes with `w: 1` of the moment before the fail-over are not in the service any more.",
        moorage="They are kept on the member's volume; its status says where.",
        you="- Applications that cannot bear it write with `w: majority`, the default.",
        zh=Said(
            summary="$subject 撤回了部分写入",
            meaning="它曾是主节点，在另一成员当选时拥有别人没有的写入。这些写入未得到多数派确认。",
            impact="切换前一刻以 `w: 1` 写入的数据已不在服务中。",
            moorage="这些数据保存在该成员的数据卷上，其状态会说明位置。",
            you="- 不能接受这种情况的应用请使用默认的 `w: majority` 写入。",
        ),
    ),
)  # fmt: skip
