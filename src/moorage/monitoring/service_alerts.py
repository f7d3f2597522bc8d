"""Alerts about a service as a whole. Pure."""

from moorage.core.alerts import Alert, Said, Scope, Severity, of_service

_BY = "on (namespace, service)"
_RED = of_service('moorage_service_health{health="red"}') + " == 1"
_GREEN = of_service('moorage_service_health{health="green"}') + " == 1"
_IS_NEW = of_service('moorage_service_init_phase{phase!="Succeeded"}')
_BEGAN = of_service("moorage_service_init_start_timestamp_seconds")
_ENDS = of_service("moorage_service_certificate_expiry_timestamp_seconds")
_HAS_OTHERS = of_service("moorage_service_members_expected") + " > 1"
_TERM, _TERM_BEFORE = of_service("moorage_member_term"), of_service("moorage_member_term offset 2m")
_NEWEST_REPAIR = of_service("moorage_service_repair_start_timestamp_seconds")
_FAILED_REPAIR = of_service('moorage_service_repair_end_timestamp_seconds{outcome=~"Failed|GivenUp"}')

SERVICES = (
    Alert(
        "MoorageServiceRed", Severity.CRITICAL, Scope.SERVICE,
        expr=f"({_RED}) unless {_BY} ({_IS_NEW})",
        for_seconds=10,
        summary="$subject cannot serve",
        meaning="There is no primary, no majority, or the address leads to nobody. A fail-over that works takes about a "
        "second and is "
        "not told here.",
        impact="Applications cannot write, and most cannot read.",
        moorage="It elects, restarts, replaces and repairs what it may, one step at a time. It forces nothing that could lose a "
        "confirmed write: without proof it stays red and says what is missing.",
        you="- `moorage why NAME` says what it waits for, and what it will not do by itself.\n"
        "- Nodes, volumes and network come first: bring back what is away.\n"
        "- Only when a majority is lost for good: `moorage recover`, which says beforehand what would be lost.",
        zh=Said(
            summary="$subject 无法提供服务",
            meaning="没有主节点、没有多数派，或访问地址没有指向任何成员。正常的主节点切换约需一秒，不会在此告警。",
            impact="应用无法写入，多数也无法读取。",
            moorage="它会在允许的范围内选举、重启、替换和修复，一次一步。凡可能丢失已确认写入的操作都不会强制执行：没有证据时"
            "保持红色，并说明缺少什么。",
            you="- `moorage why NAME` 会说明它在等什么，以及哪些事不会自行去做。\n- 先检查节点、数据卷和网络，把缺失的恢复"
            "回来。\n- 仅当多数派永久丢失时使用 `moorage recover`，它会事先说明将丢失什么。",
        ),
    ),
    Alert(
        "MoorageWritesStopped", Severity.CRITICAL, Scope.SERVICE,
        expr=of_service("moorage_service_writes_stopped") + " == 1",
        for_seconds=10,
        summary="$subject takes no more writes: its volumes are full",
        meaning="Too few members have room for more, so the primary takes no writes from applications.",
        impact="Applications can read and delete, and not write.",
        moorage="It keeps room aside for repair, lets the volumes grow where `storage.autoGrow` allows it, and lets "
        "writes in again as "
        "soon as there is room.",
        you="- Raise `spec.storage.size`: it works also while the volumes are full.\n"
        "- Or delete data; databases and collections as a whole give room back at once.",
        zh=Said(
            summary="$subject 已停止写入：数据卷已满",
            meaning="有剩余空间的成员太少，主节点不再接受应用的写入。",
            impact="应用可以读取和删除，但不能写入。",
            moorage="它为修复预留空间，在 `storage.autoGrow` 允许时自动扩容，一有空间就恢复写入。",
            you="- 调大 `spec.storage.size`，卷满时也能扩容。\n- 或删除数据；整库、整集合删除会立即释放空间。",
        ),
    ),
    Alert(
        "MoorageServiceYellow", Severity.WARNING, Scope.SERVICE,
        expr=of_service('moorage_service_health{health="yellow"}') + " == 1",
        for_seconds=15 * 60,
        summary="$subject serves, and a member has not been normal for 15 minutes",
        meaning="It serves; some member is away, is behind, or copies data.",
        impact="None yet. Another failure may make the service red.",
        moorage="It repairs the member, or waits for a node: a large copy takes its time and is no reason to act.",
        you="- `moorage why NAME` says which member, what is seen of it and what is done.\n"
        "- Act when the sentence names a node, a volume or an image that only you can bring.",
        zh=Said(
            summary="$subject 仍在服务，但有成员异常已达 15 分钟",
            meaning="服务可用；有成员离线、落后，或正在复制数据。",
            impact="目前没有影响。再发生一次故障可能导致服务不可用。",
            moorage="它正在修复该成员，或等待节点恢复；大量数据的复制需要时间，不必干预。",
            you="- `moorage why NAME` 会说明是哪个成员、观察到什么、正在做什么。\n- 如果提到只有您能提供的节点、数据卷或镜"
            "像，请处理。",
        ),
    ),
    Alert(
        "MoorageServiceUnknown", Severity.WARNING, Scope.SERVICE,
        expr=of_service('moorage_service_health{health="unknown"}') + " == 1",
        for_seconds=5 * 60,
        summary="nobody knows how $subject is",
        meaning="The operator cannot look at it, or its members have not been heard for five minutes.",
        impact="The service may be well. If it is not, nothing is repaired.",
        moorage="Nothing destructive: what is not heard from is never repaired by force. Fail-over works without the operator.",
        you="- `moorage why NAME`, then `moorage doctor`: both say what the operator lacks.",
        zh=Said(
            summary="无法得知 $subject 的状态",
            meaning="Operator 无法查看它，或其成员已五分钟没有消息。",
            impact="服务可能正常。若不正常，也不会得到修复。",
            moorage="不做任何破坏性操作：没有消息的成员绝不会被强制修复。没有 Operator 时仍能自动切换主节点。",
            you="- 先执行 `moorage why NAME`，再执行 `moorage doctor`，两者都会说明 Operator 缺少什么。",
        ),
    ),
    Alert(
        "MoorageNeedsSomebody", Severity.WARNING, Scope.SERVICE,
        expr=of_service('moorage_service_condition{condition="Stalled", status="True"}'),
        for_seconds=2 * 60,
        summary="$subject waits for somebody",
        meaning="Something is in the way that Moorage cannot put right: a quota, an image, a volume, a refused setting, a "
        "lost Secret.",
        impact="What was asked for does not come; a repair may stand still.",
        moorage="It goes on with everything else, and tries again by itself once that is out of the way.",
        you="- `kubectl describe mds NAME`: the condition `Stalled` names what and where.",
        zh=Said(
            summary="$subject 需要人工处理",
            meaning="存在 Moorage 无法自行解决的障碍：配额、镜像、数据卷、被拒绝的参数或丢失的 Secret。",
            impact="所要求的变更无法完成，修复也可能停住。",
            moorage="其他工作照常进行；障碍消除后会自动重试。",
            you="- `kubectl describe mds NAME`：条件 `Stalled` 会指出是什么、在哪里。",
        ),
    ),
    Alert(
        "MoorageDeploymentSlow", Severity.WARNING, Scope.SERVICE,
        expr=f"(time() - {_BEGAN} > 900) and {_BY} ({_IS_NEW})",
        summary="$subject has not been green since it was deployed, 15 minutes ago",
        meaning="The first deployment did not come to its end.",
        impact="The service cannot be used yet.",
        moorage="It goes on trying.",
        you="- `moorage why NAME`. Most often an image cannot be pulled, or there is no node or no volume for a member.",
        zh=Said(
            summary="$subject 部署 15 分钟后仍未健康",
            meaning="首次部署尚未完成。",
            impact="服务还不能使用。",
            moorage="它会继续尝试。",
            you="- `moorage why NAME`。最常见的原因是镜像拉取失败，或没有可用的节点或数据卷。",
        ),
    ),
    Alert(
        "MooragePrimaryChanged", Severity.INFO, Scope.SERVICE,
        expr=f"({_TERM} > ({_TERM_BEFORE} > 0)) and {_BY} ({_HAS_OTHERS})",
        summary="$subject has another primary",
        meaning="A member was elected in the last two minutes: after a failure, or before a planned stop.",
        impact="Applications were without writes for about a second and had to connect anew.",
        moorage="The address follows the primary by itself, and the member that failed is repaired.",
        you="Nothing. `moorage why NAME` and the service's events say what happened.",
        zh=Said(
            summary="$subject 更换了主节点",
            meaning="最近两分钟内选出了新的主节点：发生了故障，或正在进行计划内的停机。",
            impact="应用约一秒不能写入，并需要重新连接。",
            moorage="访问地址会自动指向新的主节点，故障成员会被修复。",
            you="无需处理。`moorage why NAME` 和服务事件会说明经过。",
        ),
    ),
    Alert(
        "MooragePrimaryChangesOften", Severity.WARNING, Scope.SERVICE,
        expr=f"(changes(({_TERM} > 0)[1h:30s]) > 3) and {_BY} ({_HAS_OTHERS})",
        summary="$subject had more than three elections within an hour",
        meaning="The members elect again and again.",
        impact="Each time applications are without writes for a second or more.",
        moorage="It cannot remove the cause: most often a network, a disk or memory that does not suffice.",
        you="- Look for members that are killed for want of memory, and at the latency of their disks.\n"
        "- The events of the service name who was elected and why.",
        zh=Said(
            summary="$subject 一小时内选举超过三次",
            meaning="成员反复选举。",
            impact="每次选举应用都有一秒或更久不能写入。",
            moorage="它无法消除原因：多半是网络、磁盘或内存不足。",
            you="- 检查是否有成员因内存不足被终止，以及磁盘延迟。\n- 服务事件会记录谁当选以及原因。",
        ),
    ),
    Alert(
        "MoorageRepairFailed", Severity.WARNING, Scope.SERVICE,
        expr=f"(time() - {_FAILED_REPAIR} < 3600) unless {_BY} ({_GREEN})",
        summary="a repair of $subject failed",
        meaning="A repair of the last hour came to no good end, and the service is not green.",
        impact="A member stays abnormal.",
        moorage="It tries again as long as that cannot do harm; what a repair put aside is kept.",
        you="- `moorage why NAME` shows the last repairs, and why they ended.",
        zh=Said(
            summary="$subject 的一次修复失败",
            meaning="最近一小时内有一次修复没有成功，且服务尚未恢复健康。",
            impact="有成员仍处于异常状态。",
            moorage="只要不会造成损害就会重试；修复时另存的数据会保留。",
            you="- `moorage why NAME` 会列出最近的修复及其结束原因。",
        ),
    ),
    Alert(
        "MoorageRepairsRepeat", Severity.WARNING, Scope.SERVICE,
        expr=f"changes({_NEWEST_REPAIR}[1h:30s]) > 3",
        summary="$subject was repaired more than three times within an hour",
        meaning="Repairs succeed, and what they repair breaks again.",
        impact="Capacity goes into copies, and the service is yellow again and again.",
        moorage="It goes on repairing.",
        you="- `moorage why NAME` shows which member. If it is always the same one, look at its node and its volume.",
        zh=Said(
            summary="$subject 一小时内被修复超过三次",
            meaning="修复成功了，但随后又出问题。",
            impact="资源消耗在数据复制上，服务反复亚健康。",
            moorage="它会继续修复。",
            you="- `moorage why NAME` 会指出是哪个成员。若总是同一个，请检查其节点和数据卷。",
        ),
    ),
    Alert(
        "MoorageOwnMetricsNotRead", Severity.WARNING, Scope.SERVICE,
        expr=of_service('moorage_service_condition{condition="MetricsHealthy", status="False"}'),
        for_seconds=30 * 60,
        summary="own metrics of $subject cannot be read",
        meaning="A query of `spec.metrics` has been refused, or has failed at some member, for half an hour.",
        impact="Its metric is not there: charts have a gap, and alerts about it are silent. The service goes on.",
        moorage="It asks again whenever the query is due, and never shows an old value as a new one.",
        you="- `moorage metrics NAME` says which query and why.\n"
        "- Change the query, let its user read what it asks for, or take it out of `spec.metrics.queries`.",
        zh=Said(
            summary="$subject 的自定义指标无法读取",
            meaning="`spec.metrics` 中有查询被拒绝，或在某个成员上失败，已达半小时。",
            impact="该指标缺失：图表有空缺，基于它的告警不会触发。服务不受影响。",
            moorage="每到查询周期都会重试，绝不会把旧值当作新值。",
            you="- `moorage metrics NAME` 会说明是哪个查询以及原因。\n- 修改查询，授予其用户所需的读取权限，"
            "或从 `spec.metrics.queries` 中删除。",
        ),
    ),
    Alert(
        "MoorageCertificateNotRenewed", Severity.WARNING, Scope.SERVICE,
        expr=f"{_ENDS} - time() < 20 * 86400",
        for_seconds=600,
        summary="the certificate of $subject was not renewed in time",
        meaning="It ends in less than 20 days, and is renewed when 30 are left.",
        impact="None yet.",
        moorage="It draws another one in every pass, and members use it without a restart. Something keeps it from that.",
        you="- `moorage why NAME` says what: most often Secret `NAME-ca` was changed by hand.",
        zh=Said(
            summary="$subject 的证书没有按时更新",
            meaning="证书剩余不足 20 天；通常在剩余 30 天时更新。",
            impact="目前没有影响。",
            moorage="每轮检查都会重新签发，成员无需重启即可使用；有某种原因阻止了它。",
            you="- `moorage why NAME` 会说明原因：多半是 Secret `NAME-ca` 被手动修改。",
        ),
    ),
    Alert(
        "MoorageCertificateEnds", Severity.CRITICAL, Scope.SERVICE,
        expr=f"{_ENDS} - time() < 3 * 86400",
        for_seconds=600,
        summary="the certificate of $subject ends within three days",
        meaning="It was not renewed.",
        impact="After its end no client that checks certificates can connect, and no member that was restarted.",
        moorage="It draws another one in every pass; something keeps it from that.",
        you="- `moorage why NAME` says what. A Secret `NAME-ca` that is of no use may be deleted: another authority is "
        "drawn, and members "
        "learn to trust it before it is used.",
        zh=Said(
            summary="$subject 的证书将在三天内到期",
            meaning="证书没有更新。",
            impact="到期后，校验证书的客户端无法连接，重启过的成员也无法加入。",
            moorage="每轮检查都会重新签发；有某种原因阻止了它。",
            you="- `moorage why NAME` 会说明原因。无法使用的 Secret `NAME-ca` 可以删除：会生成新的签发机构，成员先信任它再"
            "启用。",
        ),
    ),
)  # fmt: skip

MAINTENANCE = Alert(
    "MoorageMaintenance", Severity.NONE, Scope.SERVICE,
    expr=of_service("moorage_service_maintenance") + " == 1",
    summary="$subject is in maintenance",
    meaning="A person asked that nothing is repaired or rolled out for a time.",
    impact="None by itself. Alerts about the service are muted meanwhile.",
    moorage="It watches and does nothing; fail-over works.",
    you="- `moorage maintenance off NAME` ends it early.",
    zh=Said(
        summary="$subject 正在维护",
        meaning="有人要求在一段时间内不修复也不变更。",
        impact="本身没有影响。期间该服务的告警会被静默。",
        moorage="它只观察，不操作；主节点仍能自动切换。",
        you="- `moorage maintenance off NAME` 可提前结束维护。",
    ),
)  # fmt: skip
"""Mutes all others of its service."""
