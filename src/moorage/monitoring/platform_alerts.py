"""Alerts about Moorage itself. Pure."""

from moorage.core.alerts import Alert, Said, Scope, Severity

PLATFORM = (
    Alert(
        "MoorageOperatorSilent", Severity.CRITICAL, Scope.PLATFORM,
        expr="absent(moorage_operator_leading == 1)",
        for_seconds=2 * 60,
        summary="no replica of Moorage's operator acts",
        meaning="None of them leads, or Prometheus reaches none, for two minutes.",
        impact="Services go on and fail over by themselves. Nothing is repaired, changed or backed up by schedule.",
        moorage="A replica takes over within 15 s when it can reach the API server.",
        you="- `moorage doctor` says whether the operator's Pods run and what they lack.\n"
        "- When the API server is away, bring it back first.",
        zh=Said(
            summary="Moorage 的 Operator 没有副本在工作",
            meaning="两分钟内没有副本成为主副本，或 Prometheus 无法访问任何副本。",
            impact="服务继续运行并能自动切换主节点。但不会修复、变更，也不会按计划备份。",
            moorage="只要能访问 API Server，副本会在 15 秒内接管。",
            you="- `moorage doctor` 会说明 Operator 的 Pod 是否在运行、缺少什么。\n- 若 API Server 不可用，请先恢复它。",
        ),
    ),
    Alert(
        "MoorageOperatorBlind", Severity.CRITICAL, Scope.PLATFORM,
        expr="max(moorage_operator_blind_watches) > 0",
        for_seconds=5 * 60,
        summary="Moorage's operator may not see some kind of object",
        meaning="The API server refuses a list or watch that the operator needs.",
        impact="Services go on and fail over by themselves. Nothing else is done, since nothing may be decided from old news.",
        moorage="It tries again and again.",
        you="- `moorage doctor` names the right that is missing. Somebody changed the operator's ClusterRole or removed a "
        "definition.",
        zh=Said(
            summary="Moorage 的 Operator 无权查看某类对象",
            meaning="API Server 拒绝了 Operator 所需的 list 或 watch。",
            impact="服务继续运行并能自动切换主节点。其他工作都会停止，因为不能依据过期信息做决定。",
            moorage="它会反复尝试。",
            you="- `moorage doctor` 会指出缺少的权限。可能有人修改了 Operator 的 ClusterRole，或删除了某个定义。",
        ),
    ),
    Alert(
        "MoorageOperatorFailing", Severity.WARNING, Scope.PLATFORM,
        expr="max by (kind) (moorage_operator_failing_resources) > 0",
        for_seconds=15 * 60,
        summary="Moorage's operator cannot look at some resources ($subject)",
        meaning="Every look at one of them has failed for 15 minutes.",
        impact="What these resources ask for is not done.",
        moorage="It tries each again, at most every 30 s; others are not held up.",
        you="- `moorage why NAME` says what fails. A failure inside Moorage stands in the operator's log: please report it.",
        zh=Said(
            summary="Moorage 的 Operator 无法处理某些资源（$subject）",
            meaning="其中某个资源已连续 15 分钟每次处理都失败。",
            impact="这些资源所要求的事没有完成。",
            moorage="每个资源最多隔 30 秒重试一次，其他资源不受影响。",
            you="- `moorage why NAME` 会说明失败原因。Moorage 内部的错误记录在 Operator 日志中，请反馈。",
        ),
    ),
    Alert(
        "MoorageMessagesNotDelivered", Severity.WARNING, Scope.PLATFORM,
        expr="max by (kind) (increase(moorage_relay_refused_total[1h]) + increase(moorage_relay_given_up_total[1h])) > 0 "
        "or max by (kind) (time() - moorage_relay_waiting_since_timestamp_seconds) > 600",
        summary="people are not told of alerts by $subject",
        meaning="A receiver refused a message, or one could not be sent for ten minutes, or was given up after a day.",
        impact="Whoever reads only that channel does not know of the alerts that it was to tell.",
        moorage="What may go well later is tried for a day, later and later. What was refused is not repeated.",
        you="- The console's alert centre, Channels, shows for each what its receiver answered; so does the relay's log.\n"
        "- Correct the channel's entry in its Secret, and send a test message.",
        zh=Said(
            summary="告警消息未能通过 $subject 送达",
            meaning="接收方拒绝了消息，或有消息十分钟内未能发出，或一天后被放弃。",
            impact="只看该渠道的人不知道本应通知的告警。",
            moorage="可能稍后成功的消息会重试一天，间隔越来越长。被拒绝的消息不会重发。",
            you="- 控制台的平台设置会显示每个渠道的接收方答复；中继（relay）的日志也会记录。\n"
            "- 请修正其 Secret 中该渠道的条目，然后发送测试消息。",
        ),
    ),
    Alert(
        "MoorageWatchdog", Severity.NONE, Scope.PLATFORM,
        expr="vector(1)",
        summary="alerting works",
        meaning="It always fires. Whoever expects it and does not get it knows that nobody would be told of anything.",
        impact="None.",
        moorage="Nothing.",
        you="- Let a dead man's switch outside of the cluster expect it.",
        zh=Said(
            summary="告警链路正常",
            meaning="它始终触发。期待它却没有收到的一方就会知道：此时任何告警都无法送达。",
            impact="没有影响。",
            moorage="不做处理。",
            you="- 请让集群之外的看门狗（dead man's switch）接收它。",
        ),
    ),
)  # fmt: skip
