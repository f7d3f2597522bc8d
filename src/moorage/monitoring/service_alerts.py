"""Alerts about a service as a whole. Pure."""

from moorage.core.alerts import Alert, Scope, Severity, of_service

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
    ),
    Alert(
        "MoorageWritesStopped", Severity.CRITICAL, Scope.SERVICE,
        expr=of_service("moorage_service_writes_stopped") + " == 1",
        for_seconds=30,
        summary="$subject takes no more writes: its volumes are full",
        meaning="Too few members have room for more, so the primary takes no writes from applications.",
        impact="Applications can read and delete, and not write.",
        moorage="It keeps room aside for repair, lets the volumes grow where `storage.autoGrow` allows it, and lets "
        "writes in again as "
        "soon as there is room.",
        you="- Raise `spec.storage.size`: it works also while the volumes are full.\n"
        "- Or delete data; databases and collections as a whole give room back at once.",
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
    ),
    Alert(
        "MoorageDeploymentSlow", Severity.WARNING, Scope.SERVICE,
        expr=f"(time() - {_BEGAN} > 900) and {_BY} ({_IS_NEW})",
        summary="$subject has not been green since it was deployed, 15 minutes ago",
        meaning="The first deployment did not come to its end.",
        impact="The service cannot be used yet.",
        moorage="It goes on trying.",
        you="- `moorage why NAME`. Most often an image cannot be pulled, or there is no node or no volume for a member.",
    ),
    Alert(
        "MooragePrimaryChanged", Severity.INFO, Scope.SERVICE,
        expr=f"({_TERM} > ({_TERM_BEFORE} > 0)) and {_BY} ({_HAS_OTHERS})",
        summary="$subject has another primary",
        meaning="A member was elected in the last two minutes: after a failure, or before a planned stop.",
        impact="Applications were without writes for about a second and had to connect anew.",
        moorage="The address follows the primary by itself, and the member that failed is repaired.",
        you="Nothing. `moorage why NAME` and the service's events say what happened.",
    ),
    Alert(
        "MooragePrimaryChangesOften", Severity.WARNING, Scope.SERVICE,
        expr=f"(changes({_TERM}[1h:30s]) > 3) and {_BY} ({_HAS_OTHERS})",
        summary="$subject had more than three elections within an hour",
        meaning="The members elect again and again.",
        impact="Each time applications are without writes for a second or more.",
        moorage="It cannot remove the cause: most often a network, a disk or memory that does not suffice.",
        you="- Look for members that are killed for want of memory, and at the latency of their disks.\n"
        "- The events of the service name who was elected and why.",
    ),
    Alert(
        "MoorageRepairFailed", Severity.WARNING, Scope.SERVICE,
        expr=f"(time() - {_FAILED_REPAIR} < 3600) unless {_BY} ({_GREEN})",
        summary="a repair of $subject failed",
        meaning="A repair of the last hour came to no good end, and the service is not green.",
        impact="A member stays abnormal.",
        moorage="It tries again as long as that cannot do harm; what a repair put aside is kept.",
        you="- `moorage why NAME` shows the last repairs, and why they ended.",
    ),
    Alert(
        "MoorageRepairsRepeat", Severity.WARNING, Scope.SERVICE,
        expr=f"changes({_NEWEST_REPAIR}[1h:30s]) > 3",
        summary="$subject was repaired more than three times within an hour",
        meaning="Repairs succeed, and what they repair breaks again.",
        impact="Capacity goes into copies, and the service is yellow again and again.",
        moorage="It goes on repairing.",
        you="- `moorage why NAME` shows which member. If it is always the same one, look at its node and its volume.",
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
)  # fmt: skip
"""Mutes all others of its service."""
